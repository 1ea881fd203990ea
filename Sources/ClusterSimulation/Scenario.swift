import KubernetesClient
import KubernetesModel
import UmpireModel

/// A story that is played on a simulated cluster, and what must be true at its end.
package struct Scenario: Sendable {
  /// What it is called on the command line.
  package let name: String
  let play: @Sendable (Simulation) async throws -> Void

  /// A story of its own.
  init(name: String, play: @escaping @Sendable (Simulation) async throws -> Void) {
    self.name = name
    self.play = play
  }

  /// All of them.
  package static let all = [
    firstStart, scaleUp, scaleDown, drain, blueGreen, rollingUpdate, recreate, changeInMidUpdate, deleteAll, nodeLoss,
    nodeUnreachable, swinging,
  ]

  static let firstStart = Scenario(name: "first-start") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  static let scaleUp = Scenario(name: "scale-up") { stage in
    try await stage.create(replicas: 2)
    try await stage.settle()
    try await stage.scale(to: 5)
    try await stage.settle()
    try await stage.expect(servers: 5)
  }

  static let scaleDown = Scenario(name: "scale-down") { stage in
    try await stage.create(replicas: 4)
    try await stage.settle()
    let held = try await stage.play(onFirst: 2)
    try await stage.scale(to: 1)
    try await stage.settle()
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.settle()
    try await stage.expect(servers: 1)
  }

  static let drain = Scenario(name: "drain") { stage in
    try await stage.create(replicas: 3) { $0.fleetSpec.scaling.scaleDown = .drain }
    try await stage.settle()
    let held = try await stage.play(onFirst: 3)
    try await stage.scale(to: 1)
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.scale(to: 3)
    try await stage.settle()
    try await stage.expectAlive(held)
    try await stage.expect(servers: 3)
  }

  static let blueGreen = Scenario(name: "blue-green") { try await $0.playUpdate(.blueGreen) }
  static let rollingUpdate = Scenario(name: "rolling-update") { try await $0.playUpdate(.rollingUpdate) }
  static let recreate = Scenario(name: "recreate") { try await $0.playUpdate(.recreate) }

  static let changeInMidUpdate = Scenario(name: "change-in-mid-update") { stage in
    try await stage.create(replicas: 2)
    try await stage.settle()
    try await stage.change(image: "game:2")
    try await stage.run(steps: 25)
    try await stage.change(image: "game:3")
    try await stage.settle()
    try await stage.expect(servers: 2, image: "game:3")
  }

  static let deleteAll = Scenario(name: "delete-all") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    let held = try await stage.play(onFirst: 1)
    try await stage.delete()
    try await stage.settle()
    try await stage.expectAlive(held)
    stage.game.end()
    try await stage.settle()
    try await stage.expectNothing()
  }

  static let nodeLoss = Scenario(name: "node-loss") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.node.lose()
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  static let nodeUnreachable = Scenario(name: "node-unreachable") { stage in
    try await stage.create(replicas: 3)
    try await stage.settle()
    try await stage.node.disconnect()
    try await stage.settle()
    // They are replaced though their Pods never go.
    try await stage.expect(ready: 3)
    try await stage.node.giveUp()
    try await stage.settle()
    try await stage.expect(servers: 3)
  }

  static let swinging = Scenario(name: "swinging") { stage in
    try await stage.create(replicas: 1)
    for replicas: Int64 in [4, 1, 3, 0, 5, 2] {
      try await stage.run(steps: 20)
      try await stage.scale(to: replicas)
    }
    try await stage.settle()
    try await stage.expect(servers: 2)
  }
}

/// What happens on the stage, and what is looked at there.
extension Simulation {
  private static let key = ObjectKey(namespace: "default", name: "arena")

  func create(replicas: Int64, _ change: @Sendable (inout GameTypeSpec) -> Void = { _ in }) async throws {
    let server = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
    var spec = GameTypeSpec(
      fleetSpec: FleetSpec(scaling: FleetScaling(replicas: replicas), spec: server),
      updateStrategy: UpdateStrategy(type: .blueGreen))
    change(&spec)
    let metadata = ObjectMeta(name: Self.key.name, namespace: Self.key.namespace)
    _ = try await self.cluster.outside.create(GameType(metadata: metadata, spec: spec))
  }

  func scale(to replicas: Int64) async throws {
    try await self.cluster.outside.scale(GameType.self, Self.key, replicas: replicas)
  }

  func change(image: String) async throws {
    let patch: JSONValue = [
      "spec": ["fleetSpec": ["spec": ["pod": ["containers": [["name": "game", "image": .string(image)]]]]]]
    ]
    let _: GameType = try await self.cluster.outside.patch(GameType.self, Self.key, patch)
  }

  func delete() async throws { try await self.cluster.outside.delete(GameType.self, Self.key) }

  /// Has players on the first Servers by name.
  ///
  /// - Returns: the Servers.
  func play(onFirst count: Int) async throws -> [ObjectKey] {
    let servers = try await self.servers().filter { !$0.metadata.isBeingDeleted }.prefix(count).map(\.key)
    for server in servers { self.game.play(4, on: server.name) }
    return servers
  }

  /// An update while players are on the old Servers, who go home at its end.
  func playUpdate(_ strategy: UpdateStrategy.Kind) async throws {
    try await self.create(replicas: 3) { $0.updateStrategy = UpdateStrategy(type: strategy) }
    try await self.settle()
    let held = try await self.play(onFirst: 2)
    try await self.change(image: "game:2")
    try await self.settle()
    try await self.expectAlive(held)
    self.game.end()
    try await self.settle()
    try await self.expect(servers: 3, image: "game:2")
  }

  private func servers() async throws -> [Server] {
    try await self.cluster.outside.list(Server.self, namespace: "default").items.sorted { $0.key < $1.key }
  }

  /// Those that players are on are there with their Pods; one whose Pod has died by itself holds nobody.
  func expectAlive(_ servers: [ObjectKey]) async throws {
    for key in servers where self.game.players(on: key.name) > 0 {
      guard let server = try await self.cluster.outside.find(Server.self, key) else {
        self.report("\(key.name) is gone, and its players with it")
        continue
      }
      let pod = try await self.cluster.outside.find(Pod.self, ObjectKey(namespace: key.namespace, name: server.podName))
      if pod?.metadata.isBeingDeleted ?? true {
        self.report("the Pod of \(key.name) is going, and its players with it")
      }
    }
  }

  /// Exactly the wanted Servers are there and ready, each with its Pod, and the statuses say so.
  func expect(servers count: Int, image: String = "game:1") async throws {
    let client = self.cluster.outside
    let servers = try await self.servers()
    let shown = servers.map { "\($0.key.name) \($0.status?.state.rawValue ?? "-")" }.joined(separator: ", ")
    if servers.count != count { self.report("\(count) Servers are wanted, there are: \(shown)") }
    for server in servers {
      if server.metadata.isBeingDeleted || server.status?.state != .ready || server.isDrained {
        self.report("\(server.key.name) does not serve: \(shown)")
      }
      if server.spec.pod.containers.first?.image != image { self.report("\(server.key.name) runs something old") }
    }
    let pods = try await client.list(Pod.self, namespace: "default").items
    let owners = Set(servers.compactMap(\.metadata.uid))
    for pod in pods where !owners.contains(pod.metadata.controller?.uid ?? "") {
      self.report("\(pod.key.name) is an orphan")
    }
    if pods.count != servers.count { self.report("\(pods.count) Pods for \(servers.count) Servers") }
    let fleets = try await client.list(Fleet.self, namespace: "default").items
    if fleets.count != 1 { self.report("\(fleets.count) Fleets are left") }
    guard let gameType = try await client.find(GameType.self, Self.key), let status = gameType.status else {
      return self.report("the GameType has no status")
    }
    if status.readyReplicas != Int64(count) || status.replicas != Int64(count) {
      self.report("the status says \(status.readyReplicas) of \(status.replicas) are ready")
    }
    if status.conditions[type: ConditionTypes.progressing]?.reason != "UpdateComplete" {
      self.report("the GameType is \(status.conditions[type: ConditionTypes.progressing]?.reason ?? "silent")")
    }
  }

  /// So many Servers serve, whatever else there is.
  func expect(ready count: Int) async throws {
    let servers = try await self.servers()
    let ready = servers.filter { !$0.metadata.isBeingDeleted && $0.status?.state == .ready }
    if ready.count != count {
      let shown = servers.map { "\($0.key.name) \($0.status?.state.rawValue ?? "-")" }.joined(separator: ", ")
      self.report("\(count) Servers are to be ready, there are: \(shown)")
    }
  }

  /// Nothing is left.
  func expectNothing() async throws {
    let client = self.cluster.outside
    if try await client.find(GameType.self, Self.key) != nil { self.report("the GameType is left") }
    let fleets = try await client.list(Fleet.self, namespace: "default").items
    let pods = try await client.list(Pod.self, namespace: "default").items
    let servers = try await self.servers()
    for left in fleets.map(\.key.name) + servers.map(\.key.name) + pods.map(\.key.name) {
      self.report("\(left) is left")
    }
  }
}
