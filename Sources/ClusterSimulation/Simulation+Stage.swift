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

  /// Deletes an owner whose children are to stay.
  ///
  /// A second later the garbage is collected as a cluster does it: the references come off the children one by one, and
  /// then the owner is let go.
  func orphan<Owner: KubernetesResource, Child: KubernetesResource>(
    _ owner: Owner, children: Child.Type
  ) async throws {
    self.noteWish()
    let client = self.cluster.outside
    try await client.delete(Owner.self, owner.key, options: DeleteOptions(propagationPolicy: .orphan))
    try await self.run(for: .seconds(1))
    for key in try await client.list(Child.self, namespace: owner.key.namespace).items.map(\.key).sorted() {
      try await self.cluster.thread.exclusively {
        guard let child = try await client.find(Child.self, key),
          let owners = child.metadata.ownerReferences, owners.contains(where: { $0.uid == owner.metadata.uid })
        else { return }
        let left = try JSONValue(encoding: owners.filter { $0.uid != owner.metadata.uid })
        let _: Child = try await client.patch(Child.self, key, ["metadata": ["ownerReferences": left]])
      }
    }
    try await self.cluster.thread.exclusively {
      guard let owner = try await client.find(Owner.self, owner.key) else { return }
      let left = try JSONValue(encoding: owner.metadata.finalizers?.filter { $0 != "orphan" } ?? [])
      let _: Owner = try await client.patch(Owner.self, owner.key, ["metadata": ["finalizers": left]])
    }
  }

  /// Has a Server be dealt with otherwise than its Fleet would.
  func set(_ opsState: OpsState, on server: ObjectKey) async throws {
    self.noteWish()
    let patch: JSONValue = ["spec": ["opsState": .string(opsState.rawValue)]]
    let _: Server = try await self.cluster.outside.patch(Server.self, server, patch)
  }

  /// A game has told its sidecar that it may go, which writes so.
  func allowDeletion(of key: ObjectKey) async throws {
    let client = self.cluster.outside
    try await self.cluster.thread.exclusively {
      guard let server = try await client.find(Server.self, key) else { return }
      let pod = try await client.find(Pod.self, ObjectKey(namespace: key.namespace, name: server.podName))
      var conditions = server.status?.conditions ?? []
      var condition = Condition(type: ConditionTypes.deleteAllowed, status: .true, reason: "Told")
      let restarts = pod?.status?.containerStatuses?.first?.restartCount ?? 0
      condition.observedRestarts = restarts == 0 ? nil : restarts
      conditions.set(condition, now: self.time.now)
      let patch: JSONValue = ["status": ["conditions": try JSONValue(encoding: conditions)]]
      let _: Server = try await client.patch(Server.self, key, subresource: .status, patch)
    }
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
