import HTTPTransport
import KubernetesModel
import UmpireModel

/// Makes the Pod of a Server: the studio's spec, our labels and environment, and the sidecar.
enum PodTemplate {
  /// The ports on which the sidecar offers its SDK, on loopback.
  private static let grpcPort = "9020"
  private static let httpPort = "9021"
  /// The name of the injected container.
  static let sidecarName = SidecarSpec.containerName

  /// - Parameter refusedRanges: addresses that no webhook may have, for the sidecar.
  static func pod(for server: Server, sidecarImage: String, refusedRanges: [NetworkRange] = []) -> Pod {
    var labels = server.metadata.labels ?? [:]
    labels[Labels.server] = server.metadata.name
    var metadata = ObjectMeta(name: server.podName, namespace: server.metadata.namespace, labels: labels)
    EvictionGuard.protect(&metadata, of: server)
    metadata.ownerReferences = [server.controllerReference]
    var spec = server.spec.pod
    if server.spec.sidecar.enabled {
      self.inject(server.spec.sidecar, into: &spec, image: sidecarImage, refusedRanges: refusedRanges)
    }
    spec.containers = spec.containers.map { self.withEnvironment($0, server: server) }
    spec.initContainers = spec.initContainers.map { self.withEnvironment($0, server: server) }
    return Pod(metadata: metadata, spec: spec)
  }

  private static func inject(
    _ sidecar: SidecarSpec, into spec: inout PodSpec, image: String, refusedRanges: [NetworkRange]
  ) {
    var container = Container(name: self.sidecarName, image: sidecar.image ?? image)
    container.environment = [EnvironmentVariable(name: "POD_NAMESPACE", fieldPath: "metadata.namespace")]
    if !refusedRanges.isEmpty {
      let ranges = refusedRanges.map(\.description).joined(separator: ",")
      container.environment.append(EnvironmentVariable(name: "UMPIRE_REFUSED_RANGES", value: ranges))
    }
    container.ports = [ContainerPort(name: "umpire", containerPort: sidecar.port, protocol: "TCP")]
    container.fields["resources"] =
      sidecar.resources ?? [
        "requests": ["cpu": "10m", "memory": "16Mi"], "limits": ["memory": "96Mi"],
      ]
    container.fields["securityContext"] = [
      "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "runAsUser": 65_532,
      "capabilities": ["drop": ["ALL"]],
    ]
    if spec.serviceAccountName == nil { spec.serviceAccountName = self.sidecarName }
    switch sidecar.startOrder {
    case .before:
      container.restartPolicy = "Always"
      // The game starts once the sidecar answers.
      container.fields["startupProbe"] = [
        "httpGet": ["path": "/health", "port": .integer(sidecar.port)], "periodSeconds": 1, "failureThreshold": 60,
      ]
      spec.initContainers = [container] + spec.initContainers
    case .after:
      spec.containers += [container]
    }
  }

  /// Adds our variables ahead of the studio's; one that the studio has set keeps its value.
  private static func withEnvironment(_ container: Container, server: Server) -> Container {
    let port = String(server.spec.sidecar.port)
    let ours = [
      EnvironmentVariable(name: "CONTAINER_IMAGE", value: container.image ?? ""),
      EnvironmentVariable(name: "SERVER_NAME", value: server.metadata.name ?? ""),
      EnvironmentVariable(name: "FLEET_NAME", value: server.metadata.label(Labels.fleet) ?? ""),
      EnvironmentVariable(name: "GAME_NAME", value: server.metadata.label(Labels.gameType) ?? ""),
      EnvironmentVariable(name: "POD_IP", fieldPath: "status.podIP"),
      EnvironmentVariable(name: "NODE_NAME", fieldPath: "spec.nodeName"),
      EnvironmentVariable(name: "UMPIRE_SDK_GRPC_PORT", value: self.grpcPort),
      EnvironmentVariable(name: "UMPIRE_SDK_HTTP_PORT", value: self.httpPort),
      EnvironmentVariable(name: "UMPIRE_SIDECAR_PORT", value: port),
      EnvironmentVariable(name: "CARRIER_SDK_GRPC_PORT", value: self.grpcPort),
      EnvironmentVariable(name: "CARRIER_SDK_HTTP_PORT", value: self.httpPort),
    ]
    let set = Set(container.environment.map(\.name))
    var container = container
    container.environment = ours.filter { !set.contains($0.name) } + container.environment
    return container
  }
}
