import KubernetesModel
import UmpireModel

/// Objects as the API server would show them.
enum Fixtures {
  static let now = Timestamp(secondsSinceEpoch: 1_800_000_000)

  static func serverSpec(image: String = "game:1") -> ServerSpec {
    ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: image)]))
  }

  static func server(
    _ name: String, state: ServerStatus.State = .ready, age: Int64 = 100, spec: ServerSpec = serverSpec()
  ) -> Server {
    var metadata = ObjectMeta(name: name, namespace: "default")
    metadata.uid = "uid-\(name)"
    metadata.resourceVersion = "1"
    metadata.creationTimestamp = now.advanced(by: .seconds(-age))
    metadata.finalizers = [Finalizers.deletionGate]
    var status = ServerStatus(state: state)
    status.podName = "\(name)-pod"
    return Server(metadata: metadata, spec: spec, status: status)
  }

  static func pod(of server: Server, phase: PodStatus.Phase = .running, ready: Bool = true) -> Pod {
    var metadata = ObjectMeta(name: server.podName, namespace: "default")
    metadata.uid = "uid-\(server.podName)"
    metadata.ownerReferences = [server.controllerReference]
    var status = PodStatus(phase: phase)
    status.podIP = "127.64.0.1"
    status.conditions = [Condition(type: "Ready", status: Condition.Truth(ready))]
    var container = ContainerStatus(name: "game", image: "game:1")
    if phase == .running { container.state = ContainerState(running: .init(startedAt: now)) }
    status.containerStatuses = [container]
    return Pod(metadata: metadata, spec: server.spec.pod, status: status)
  }

  static func fleet(
    _ name: String, replicas: Int64, ready: Int64 = 0, age: Int64 = 100, spec: ServerSpec = serverSpec()
  ) -> Fleet {
    var metadata = ObjectMeta(name: name, namespace: "default")
    metadata.uid = "uid-\(name)"
    metadata.generation = 1
    metadata.creationTimestamp = now.advanced(by: .seconds(-age))
    var status = FleetStatus()
    status.replicas = replicas
    status.readyReplicas = ready
    status.observedGeneration = 1
    return Fleet(
      metadata: metadata, spec: FleetSpec(scaling: FleetScaling(replicas: replicas), spec: spec), status: status)
  }

  static func gameType(replicas: Int64, spec: ServerSpec = serverSpec(), strategy: UpdateStrategy.Kind = .blueGreen)
    -> GameType
  {
    var metadata = ObjectMeta(name: "arena", namespace: "default")
    metadata.uid = "uid-arena"
    let fleet = FleetSpec(scaling: FleetScaling(replicas: replicas), spec: spec)
    return GameType(
      metadata: metadata, spec: GameTypeSpec(fleetSpec: fleet, updateStrategy: UpdateStrategy(type: strategy)))
  }
}
