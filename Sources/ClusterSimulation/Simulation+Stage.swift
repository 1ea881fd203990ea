import KubernetesClient
import KubernetesModel
import UmpireModel

/// What happens on the stage.
extension Simulation {
  static let key = ObjectKey(namespace: "default", name: "arena")

  func create(replicas: Int64, _ change: @Sendable (inout GameTypeSpec) -> Void = { _ in }) async throws {
    let server = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
    var spec = GameTypeSpec(
      fleetSpec: FleetSpec(scaling: FleetScaling(replicas: replicas), spec: server),
      updateStrategy: UpdateStrategy(type: .blueGreen))
    change(&spec)
    let metadata = ObjectMeta(name: Self.key.name, namespace: Self.key.namespace)
    self.noteWish()
    _ = try await self.cluster.outside.create(GameType(metadata: metadata, spec: spec))
  }

  /// Has the webhook asked every five seconds; a step up is two at most, a step down waits for fifteen seconds.
  func createAutoscaler() async throws {
    var endpoint = ScalingEndpoint(url: "http://\(SimulatedWebhooks.authority)/scale")
    endpoint.timeoutSeconds = 5
    var spec = GameAutoscalerSpec(
      gameName: Self.key.name, policy: .init(webhook: endpoint), sync: .init(interval: GoDuration(.seconds(5))))
    spec.maxReplicas = 10
    spec.behavior.scaleUp.maxStep = .integer(2)
    spec.behavior.scaleDown.stabilizationWindow = GoDuration(.seconds(15))
    let metadata = ObjectMeta(name: Self.key.name, namespace: Self.key.namespace)
    _ = try await self.cluster.outside.create(GameAutoscaler(metadata: metadata, spec: spec))
  }

  /// Webhooks that the controller asks: one is told of constraints, one says whether a Server may go.
  func createWebhooks() async throws {
    let webhooks = [("told", WebhookType.constraint, "constraint"), ("empty", .deletable, "deletable")].map {
      var webhook = Webhook(
        name: $0.0, type: $0.1, clientConfig: .init(url: "http://\(SimulatedWebhooks.authority)/\($0.2)"))
      webhook.caller = .controller
      webhook.timeoutSeconds = 5
      return webhook
    }
    let metadata = ObjectMeta(name: "studio", namespace: Self.key.namespace)
    _ = try await self.cluster.outside.create(WebhookConfiguration(metadata: metadata, webhooks: webhooks))
  }

  func scale(to replicas: Int64) async throws {
    self.noteWish()
    try await self.cluster.outside.scale(GameType.self, Self.key, replicas: replicas)
  }

  func change(image: String) async throws {
    self.noteWish()
    let patch: JSONValue = [
      "spec": ["fleetSpec": ["spec": ["pod": ["containers": [["name": "game", "image": .string(image)]]]]]]
    ]
    let _: GameType = try await self.cluster.outside.patch(GameType.self, Self.key, patch)
  }

  func delete() async throws {
    self.noteWish()
    try await self.cluster.outside.delete(GameType.self, Self.key)
  }

  /// Has players on the first Servers by name.
  ///
  /// - Returns: the Servers.
  func play(onFirst count: Int) async throws -> [ObjectKey] {
    let servers = try await self.servers().filter { !$0.metadata.isBeingDeleted }.prefix(count).map(\.key)
    for server in servers { self.game.play(4, on: server.name) }
    return servers
  }

  /// Four Servers become one while players are on some, who go home at its end.
  func playScaleDown(held: Int, _ change: @Sendable (inout GameTypeSpec) -> Void = { _ in }) async throws {
    try await self.create(replicas: 4, change)
    try await self.settle()
    let held = try await self.play(onFirst: held)
    try await self.scale(to: 1)
    try await self.settle()
    try await self.expectAlive(held)
    self.game.end()
    try await self.settle()
    try await self.expect(servers: 1)
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

  func servers() async throws -> [Server] {
    try await self.cluster.outside.list(Server.self, namespace: "default").items.sorted { $0.key < $1.key }
  }
}

extension GameTypeSpec {
  /// Has the Servers go when the webhook says so; there is no sidecar.
  mutating func askWebhooks() {
    self.fleetSpec.spec.sidecar.enabled = false
    self.fleetSpec.spec.deletableGates = ["empty"]
    self.fleetSpec.spec.webhookConfigurationName = "studio"
  }
}
