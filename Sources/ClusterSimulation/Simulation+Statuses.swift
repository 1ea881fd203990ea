import KubernetesClient
import KubernetesModel
import UmpireModel

/// Whether what is told is true.
extension Simulation {
  /// Every status says what a recount gives.
  func expectTrueStatuses() async throws {
    let client = self.cluster.outside
    let servers = try await self.servers()
    let pods = try await client.list(Pod.self, namespace: "default").items
    let fleets = try await client.list(Fleet.self, namespace: "default").items
    for server in servers {
      self.judge(server, pod: pods.first { server.controls($0) })
    }
    for fleet in fleets { self.judge(fleet, servers: servers.filter { fleet.controls($0) }) }
    for gameType in try await client.list(GameType.self, namespace: "default").items {
      self.judge(gameType, fleets: fleets.filter { gameType.controls($0) }, servers: servers)
    }
  }

  private func judge(_ server: Server, pod: Pod?) {
    let name = server.key.name
    guard let status = server.status else { return self.report("\(name) has no status") }
    self.compare("\(name) observedGeneration", status.observedGeneration, server.metadata.generation)
    guard let pod else { return self.compare("\(name) is ready", status.state == .ready, false) }
    self.compare("\(name) podName", status.podName, pod.metadata.name)
    self.compare("\(name) address", status.address, pod.status?.podIP)
    self.compare("\(name) nodeName", status.nodeName, pod.spec.nodeName)
    let isReady = pod.isReady && pod.phase == .running && !server.isDrained && !server.metadata.isBeingDeleted
    self.compare("\(name) is ready", status.state == .ready, isReady)
    self.compare("\(name) condition Ready", status.conditions.isTrue(ConditionTypes.ready), pod.isReady)
  }

  private func judge(_ fleet: Fleet, servers: [Server]) {
    let name = "Fleet \(fleet.key.name)"
    guard let status = fleet.status else { return self.report("\(name) has no status") }
    let serving = servers.filter(\.isServing)
    let ready = serving.filter { $0.status?.state == .ready }
    self.compare("\(name) observedGeneration", status.observedGeneration, fleet.metadata.generation)
    self.compare("\(name) replicas", status.replicas, Int64(serving.count))
    self.compare("\(name) readyReplicas", status.readyReplicas, Int64(ready.count))
    self.compare("\(name) drainingReplicas", status.drainingReplicas, Int64(servers.count - serving.count))
    self.compare(
      "\(name) condition Available", status.conditions.isTrue(ConditionTypes.available),
      ready.count >= fleet.spec.scaling.replicas)
  }

  private func judge(_ gameType: GameType, fleets: [Fleet], servers: [Server]) {
    guard let status = gameType.status else { return self.report("the GameType has no status") }
    let serving = servers.filter(\.isServing)
    let ready = serving.filter { $0.status?.state == .ready }
    let wanted = gameType.spec.fleetSpec.scaling.replicas
    self.compare("the GameType's observedGeneration", status.observedGeneration, gameType.metadata.generation)
    self.compare("the GameType's replicas", status.replicas, Int64(serving.count))
    self.compare("the GameType's readyReplicas", status.readyReplicas, Int64(ready.count))
    self.compare(
      "the GameType's condition Available", status.conditions.isTrue(ConditionTypes.available), ready.count >= wanted)
    let template = gameType.spec.fleetSpec.spec.pod.containers.first?.image
    let current = fleets.filter { $0.spec.spec.pod.containers.first?.image == template }
    guard let current = current.first, current.metadata.uid != nil else { return }
    let updated = serving.filter { current.controls($0) }
    self.compare("the GameType's fleetName", status.fleetName, current.metadata.name)
    self.compare("the GameType's fleetReplicas", status.fleetReplicas, current.spec.scaling.replicas)
    self.compare("the GameType's updatedReplicas", status.updatedReplicas, Int64(updated.count))
  }

  /// The autoscaler, and the GameType that it scales, have come to a number.
  func expectAutoscaler(replicas: Int64) async throws {
    let autoscaler = try await self.cluster.outside.get(GameAutoscaler.self, Self.key)
    let gameType = try await self.cluster.outside.get(GameType.self, Self.key)
    let status = autoscaler.status
    self.compare("the GameType's number", gameType.spec.fleetSpec.scaling.replicas, replicas)
    self.compare("the autoscaler's currentReplicas", status?.currentReplicas, replicas)
    self.compare("the autoscaler's desiredReplicas", status?.desiredReplicas, replicas)
    self.compare("the autoscaler's consecutiveFailures", status?.consecutiveFailures, 0)
    for type in [ConditionTypes.ableToScale, ConditionTypes.scalingActive] {
      self.compare("the autoscaler's \(type)", status?.conditions?.isTrue(type), true)
    }
  }

  /// Nothing is told again and again.
  ///
  /// What happens to a Server happens once for each thing that is asked for, and once more for each that goes wrong; an
  /// owner speaks for all its Servers, which may come and go one by one.
  func expectNoRepetition() async throws {
    var counts: [String: Int64] = [:]
    for event in try await self.cluster.outside.list(Event.self, namespace: "default").items {
      let object = event.involvedObject
      let place = "\(object.kind ?? "") \(object.name ?? "") \(object.uid ?? ""): \(event.reason ?? "")"
      counts["\(place): \(event.message ?? "")", default: 0] += event.count ?? 1
    }
    for (what, count) in counts.sorted(by: { $0.key < $1.key }) {
      let most = what.hasPrefix("Server ") ? self.occasions : self.occasions + self.serversMade
      if count > most { self.report("told \(count) times, with occasion for \(most): \(what)") }
    }
  }

  private func compare<Value: Equatable>(_ what: String, _ told: Value?, _ counted: Value?) {
    guard told != counted else { return }
    let (told, counted) = (told.map { "\($0)" } ?? "nothing", counted.map { "\($0)" } ?? "nothing")
    self.report("\(what): the status says \(told), and it is \(counted)")
  }
}
