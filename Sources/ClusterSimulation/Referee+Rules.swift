import KubernetesClient
import KubernetesModel
import UmpireModel

/// The rules of what may be created, asked to go, deleted and let go.
extension Referee {
  /// A Pod is to be deleted.
  func judgeEnd(of key: ObjectKey) async throws {
    let client = self.cluster.outside
    guard let pod = try await client.find(Pod.self, key), let owner = pod.metadata.controller else { return }
    let serverKey = ObjectKey(namespace: key.namespace, name: owner.name)
    guard let server = try await client.find(Server.self, serverKey), server.metadata.uid == owner.uid else { return }
    guard pod.holdsPlayers else { return }
    if let away = self.node.away(pod), away >= server.spec.timeout.duration { return }
    guard let deletion = server.metadata.deletionTimestamp else {
      return self.report("the Pod of \(owner.name) is deleted though the Server is not")
    }
    if server.mayAlwaysGo { return }
    if self.time.now.duration(since: deletion) >= server.spec.timeout.duration { return }
    let players = self.game.players(on: owner.name)
    if players > 0 { self.report("\(players) players are thrown out of \(owner.name)") }
  }

  /// A Server is asked to go: its Fleet must have one too many, and where that drains, it must be empty.
  func judgeWish(_ key: ObjectKey) async throws {
    let client = self.cluster.outside
    guard let server = try await client.find(Server.self, key), let owner = server.metadata.controller,
      !server.metadata.isBeingDeleted
    else { return }
    let fleetKey = ObjectKey(namespace: key.namespace, name: owner.name)
    guard let fleet = try await client.find(Fleet.self, fleetKey), fleet.metadata.uid == owner.uid else {
      return self.report("\(key.name) is asked to go by a Fleet that is not there")
    }
    if fleet.metadata.isBeingDeleted || !server.isDrained && !server.isServing { return }
    let pod = try await client.find(Pod.self, ObjectKey(namespace: key.namespace, name: server.podName))
    let players = self.game.players(on: key.name)
    if fleet.spec.scaling.scaleDown == .drain, players > 0, !server.mayAlwaysGo, pod?.holdsPlayers ?? false {
      self.report("\(key.name) is asked to go with \(players) players, though its Fleet drains")
    }
    guard server.isServing else { return }
    // Somebody has asked for it to go, at once or when it is empty.
    if server.spec.opsState == .kill || server.spec.opsState == .waitToBeDeleted && players == 0 { return }
    let serving = try await self.servers(of: owner.uid, in: key.namespace).filter(\.isServing).count
    let smallest = self.sizes(of: fleetKey).lowerBound
    if Int64(serving) <= smallest {
      self.report("\(key.name) is asked to go: its Fleet has \(serving), and never wanted fewer than \(smallest)")
    }
  }

  /// Something is to be let go, and must have nothing left behind it.
  func judgeRelease(_ key: ObjectKey, _ resource: String, keeping finalizers: [String]) async throws {
    let client = self.cluster.outside
    switch resource {
    case "servers" where !finalizers.contains(Finalizers.deletionGate):
      guard let server = try await client.find(Server.self, key) else { return }
      let podKey = ObjectKey(namespace: key.namespace, name: server.podName)
      if let pod = try await client.find(Pod.self, podKey), server.controls(pod) {
        self.report("\(key.name) is let go while its Pod is there")
      }
    case "fleets" where !finalizers.contains(Finalizers.children):
      guard let fleet = try await client.find(Fleet.self, key) else { return }
      let left = try await self.servers(of: fleet.metadata.uid ?? "", in: key.namespace)
      if !left.isEmpty { self.report("\(key.name) is let go while \(left.count) Servers are there") }
    case "gametypes" where !finalizers.contains(Finalizers.children):
      guard let gameType = try await client.find(GameType.self, key) else { return }
      let left = try await client.list(Fleet.self, namespace: key.namespace).items.filter { gameType.controls($0) }
      if !left.isEmpty { self.report("\(key.name) is let go while \(left.count) Fleets are there") }
    default: ()
    }
  }

  /// A Server is to be created: there must be room for it in its Fleet.
  func judgeCreation(_ body: JSONValue) async throws {
    guard let owner = body["metadata"]?["ownerReferences"]?.arrayValue?.first,
      let uid = owner["uid"]?.stringValue, let name = owner["name"]?.stringValue,
      let namespace = body["metadata"]?["namespace"]?.stringValue
    else { return self.report("a Server without an owner") }
    let servers = try await self.servers(of: uid, in: namespace)
    // A repeated request makes nothing under a name that is taken.
    guard !servers.contains(where: { $0.metadata.name == body["metadata"]?["name"]?.stringValue }) else { return }
    for server in servers where server.isReplaced { try await self.judgeLoss(of: server) }
    let serving = servers.filter(\.isServing).count
    let largest = self.sizes(of: ObjectKey(namespace: namespace, name: name)).upperBound
    if Int64(serving) >= largest {
      self.report("Fleet \(name) gets Server number \(serving + 1), and never wanted more than \(largest)")
    }
  }

  /// A Server is replaced as lost: its node must have been away for long enough.
  private func judgeLoss(of server: Server) async throws {
    let key = ObjectKey(namespace: server.key.namespace, name: server.podName)
    guard let pod = try await self.cluster.outside.find(Pod.self, key) else { return }
    let away = self.node.away(pod) ?? .zero
    // The times of conditions are in whole seconds.
    if away <= server.spec.nodeLossTimeout.duration - .seconds(1) {
      self.report("\(server.key.name) is replaced, and its node has been away for \(away)")
    }
  }

  /// A GameType is to be scaled: the webhook must have said so at this moment, and the windows must allow it.
  func judgeScale(_ key: ObjectKey, _ patch: JSONValue) async throws {
    guard let wanted = patch["spec"]?["replicas"]?.integerValue,
      let gameType = try await self.cluster.outside.find(GameType.self, key)
    else { return }
    let autoscalers = try await self.cluster.outside.list(GameAutoscaler.self, namespace: key.namespace).items
    guard let spec = autoscalers.first(where: { $0.spec.gameName == key.name })?.spec else {
      return self.report("\(key.name) is scaled to \(wanted) by no autoscaler")
    }
    let now = self.time.elapsed
    let said = self.webhooks.recommendations
    guard let last = said.last, last.at == now else {
      return self.report("\(key.name) is scaled to \(wanted), and no webhook says so now")
    }
    let current = gameType.spec.fleetSpec.scaling.replicas
    let bounded = min(max(last.replicas, spec.minReplicas), spec.maxReplicas)
    let between = min(current, bounded)...max(current, bounded)
    if !between.contains(wanted) {
      self.report("\(key.name) is scaled from \(current) to \(wanted), and the webhook said \(last.replicas)")
    }
    let window = spec.behavior.scaleDown.stabilizationWindow.duration
    let highest = said.filter { now - $0.at < window }.map(\.replicas).max() ?? 0
    if wanted < current, wanted < min(current, highest) {
      self.report("\(key.name) is scaled down to \(wanted), and in the window the webhook said \(highest)")
    }
  }

  private func servers(of uid: String, in namespace: String?) async throws -> [Server] {
    try await self.cluster.outside.list(Server.self, namespace: namespace).items
      .filter { $0.metadata.controller?.uid == uid }
  }
}

extension Server {
  /// Whether it needs nobody's permission.
  fileprivate var mayAlwaysGo: Bool { self.spec.allowForceDelete || self.spec.opsState == .kill }
}

extension Pod {
  /// Whether its game has begun and not ended.
  fileprivate var holdsPlayers: Bool {
    self.phase != .failed && self.phase != .succeeded && !(self.status?.containerStatuses?.isEmpty ?? true)
  }
}
