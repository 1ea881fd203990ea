import ClusterTestSupport
import FoundationEssentials
import HTTPTransport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Metrics
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import UmpireLocal
import UmpireModel
import UmpireSidecar
import WebhookClient
import WebhookProbing

@testable import SidecarPlugins
@testable import UmpireAdmission
@testable import UmpireController

/// Has the controller and a sidecar do everything that they ever do, the rare included.
struct AccessScene {
  private static let system = "umpire-system"
  private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  let cluster: ContractCluster
  let record: AccessRecord
  let world = OutsideWorld()

  private var admin: APIClient { self.cluster.client }

  func play() async throws {
    let controller = try await self.cluster.controller(record: self.record)
    try await self.elect(controller)
    try await self.admit(controller)
    try await self.putAside(SidecarKeySecret.name) {
      try await self.keep(SidecarKeySecret(client: controller, namespace: Self.system, logger: Self.logger))
      // A key that is none is replaced.
      let key = ObjectKey(namespace: Self.system, name: SidecarKeySecret.name)
      let _: Secret = try await self.admin.patch(Secret.self, key, ["data": ["seed": "AAAA"]])
      try await self.keep(SidecarKeySecret(client: controller, namespace: Self.system, logger: Self.logger))
    }
    try await self.control(controller)
  }

  // MARK: Processes

  private func elect(_ controller: APIClient) async throws {
    let key = ObjectKey(namespace: Self.system, name: self.cluster.namespace)
    let election = LeaderElection(
      client: controller, key: key, identity: "contract", clock: ContinuousClock(), logger: Self.logger,
      options: LeaderElectionOptions(
        timing: LeaseTiming(lease: .seconds(60), renewDeadline: .seconds(40), retryPeriod: .milliseconds(50)),
        jitter: { 0 }))
    try await election.run { [admin] in
      try await eventually("the lease is renewed") {
        let spec = try await admin.get(Lease.self, key).spec
        return spec?.renewTime != spec?.acquireTime
      }
    }
    try await self.admin.delete(Lease.self, key)
  }

  private func keep(_ key: SidecarKeySecret) async throws { _ = try await key.key() }

  /// Runs `body` without a Secret of the controllers' namespace, which is put back afterwards.
  private func putAside(_ name: String, _ body: () async throws -> Void) async throws {
    let key = ObjectKey(namespace: Self.system, name: name)
    let former = try await self.admin.find(Secret.self, key)
    if former != nil { try await self.admin.delete(Secret.self, key) }
    try await body()
    try await self.admin.delete(Secret.self, key)
    if let former {
      let metadata = ObjectMeta(name: name, namespace: Self.system)
      _ = try await self.admin.create(Secret(metadata: metadata, data: former.data, type: former.type))
    }
  }

  /// Serves admission for an API server that asks about nothing.
  private func admit(_ controller: APIClient) async throws {
    let authority = OwnCertificateOptions(namespace: Self.system, names: ["127.0.0.1"])
    try await self.register(MutatingWebhookConfiguration.self)
    try await self.register(ValidatingWebhookConfiguration.self)
    try await self.putAside(authority.secret.name) {
      let server = AdmissionServer(
        AdmissionConfiguration(host: "127.0.0.1", port: 0, certificate: .own(authority)), client: controller,
        logger: Self.logger, metricsFactory: NOOPMetricsHandler.instance)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        try await eventually("the API server knows the authority") { server.unready == nil }
        // An authority that is none is made anew, and published again once the change is seen.
        let _: Secret = try await self.admin.patch(
          Secret.self, authority.secret, ["data": ["tls.crt": "AAAA", "tls.key": "AAAA"]])
        try await server.prepare()
        try await eventually("both kinds are watched") {
          self.record.all.filter { $0.verb == "watch" && $0.request.contains("webhookconf") }.count >= 3
        }
        group.cancelAll()
      }
    }
    let key = ObjectKey(namespace: nil, name: OwnCertificateOptions.registration)
    try await self.admin.delete(MutatingWebhookConfiguration.self, key)
    try await self.admin.delete(ValidatingWebhookConfiguration.self, key)
    // What admission asks while it judges.
    let lookups = ClusterLookups(client: controller, configurations: ObjectStore())
    _ = try await lookups.webhookConfiguration(self.cluster.key("none"))
    _ = try await lookups.autoscalers(in: self.cluster.namespace)
    _ = try await lookups.pod(self.cluster.key("none"))
  }

  /// A registration that the controller fills in, and by which nobody is asked.
  private func register<Registration: WebhookRegistration>(_ type: Registration.Type) async throws {
    let key = ObjectKey(namespace: nil, name: OwnCertificateOptions.registration)
    if try await self.admin.find(type, key) != nil { try await self.admin.delete(type, key) }
    let object: JSONValue = [
      "apiVersion": .string(type.resourceType.apiVersion), "kind": .string(type.resourceType.kind),
      "metadata": ["name": .string(OwnCertificateOptions.registration)],
      "webhooks": [
        [
          "name": "nobody.umpire.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
          "failurePolicy": "Ignore", "clientConfig": ["url": "https://127.0.0.1:1/"],
          "namespaceSelector": ["matchLabels": ["kubernetes.io/metadata.name": "no-such-namespace"]],
          "rules": [
            ["apiGroups": ["umpire.dev"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["servers"]]
          ],
        ]
      ],
    ]
    _ = try await self.admin.send(.create(type.resourceType, namespace: nil, body: object.serialized()))
  }

  // MARK: Controllers

  private func control(_ client: APIClient) async throws {
    _ = try await self.admin.create(
      Secret(
        metadata: ObjectMeta(name: "webhook", namespace: self.cluster.namespace),
        data: [
          "secret": Data("whsec_\(Data(repeating: 7, count: 32).base64EncodedString())".utf8).base64EncodedString()
        ]
      ))
    self.world.answer("/ready", true)
    _ = try await self.admin.create(self.webhooks("controlled", caller: .controller))
    // Somebody else's objects stand in the way for a while.
    let budget = self.cluster.key(DisruptionBudgetPlanner.name)
    _ = try await self.admin.create(
      PodDisruptionBudget(
        metadata: ObjectMeta(name: budget.name, namespace: budget.namespace),
        spec: .init(minAvailable: 0, selector: LabelSelector(matchLabels: ["a": "b"]))))
    _ = try await self.admin.create(
      Pod(
        metadata: ObjectMeta(name: Server.podName(server: "second"), namespace: self.cluster.namespace),
        spec: self.pod("game:0")))
    let controllers = UmpireControllers(
      connections: ControllerConnections(
        client: client, outbound: self.world.transport, services: ClusterServiceAddressResolver()),
      configuration: ControllerConfiguration(namespace: self.cluster.namespace), logger: Self.logger,
      metricsFactory: NOOPMetricsHandler.instance)
    let node = StandInNode(client: self.admin, namespace: self.cluster.namespace)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await controllers.run() }
      group.addTask { await node.run() }
      try await self.single(client)
      try await self.budget(budget)
      try await self.game()
      try await self.sidecar()
      try await self.end()
      try await node.remove()
      group.cancelAll()
    }
  }

  private func pod(_ image: String, on node: String? = nil) -> PodSpec {
    var pod = StandInPod.spec([Container(name: "game", image: image)])
    pod.nodeName = node
    return pod
  }

  private func webhooks(_ name: String, caller: Webhook.Caller) -> WebhookConfiguration {
    var webhook = Webhook(
      name: "ready", type: .readiness, clientConfig: WebhookClientConfig(url: "http://studio.test/ready"))
    webhook.caller = caller
    if caller == .controller { webhook.signingSecretRef = SecretKeyReference(name: "webhook", key: "secret") }
    return WebhookConfiguration(
      metadata: ObjectMeta(name: name, namespace: self.cluster.namespace), webhooks: [webhook])
  }

  private func serverSpec(_ image: String, webhooks: String? = nil) -> ServerSpec {
    var spec = ServerSpec(pod: self.pod(image))
    spec.webhookConfigurationName = webhooks
    if webhooks != nil { spec.readinessGates = ["ready"] }
    return spec
  }

  private func state(_ name: String) async throws -> ServerStatus.State? {
    try await self.admin.find(Server.self, self.cluster.key(name))?.status?.state
  }

  /// Servers of nobody's: one that a webhook is asked about, one whose Pod's name is taken, one whose node is gone.
  private func single(_ client: APIClient) async throws {
    _ = try await self.admin.create(
      Server(
        metadata: ObjectMeta(name: "first", namespace: self.cluster.namespace),
        spec: self.serverSpec("game:1", webhooks: "controlled")))
    _ = try await eventually("its webhook has said yes") { try await self.state("first") == .ready }
    // Whoever writes a condition with an old Server in hand reads the new one first.
    try await self.writeLate(client, "first")

    _ = try await self.admin.create(
      Server(
        metadata: ObjectMeta(name: "second", namespace: self.cluster.namespace), spec: self.serverSpec("game:1")))
    try await eventually("it is said again and again that the name is taken") {
      try await self.admin.list(Event.self, namespace: self.cluster.namespace).items.contains {
        $0.reason == "PodNameTaken" && ($0.count ?? 0) > 1
      }
    }
    try await self.admin.delete(Pod.self, self.cluster.key(Server.podName(server: "second")))

    var lost = self.serverSpec("game:1")
    lost.pod = self.pod("game:1", on: "no-such-node")
    _ = try await self.admin.create(
      Server(metadata: ObjectMeta(name: "lost", namespace: self.cluster.namespace), spec: lost))
    try await eventually("the node is looked for") {
      self.record.all.contains { $0.verb == "get" && $0.request.contains("/nodes/") }
    }
  }

  private func writeLate(_ client: APIClient, _ name: String) async throws {
    var old = try await self.admin.get(Server.self, self.cluster.key(name))
    old.metadata.resourceVersion = "1"
    _ = try await APIConditionWriter(client: client).write(
      [Condition(type: "Contract", status: .true, reason: "Contract")], to: old)
  }

  private func budget(_ key: ObjectKey) async throws {
    try await self.admin.delete(PodDisruptionBudget.self, key)
    _ = try await self.admin.create(
      Server(metadata: ObjectMeta(name: "third", namespace: self.cluster.namespace), spec: self.serverSpec("game:1")))
    func minimum() async throws -> JSONValue? {
      try await self.admin.find(PodDisruptionBudget.self, key)?.spec.minAvailable
    }
    let wanted: JSONValue = .integer(Int64(Int32.max))
    try await eventually("the budget is made") { try await minimum() == wanted }
    let _: PodDisruptionBudget = try await self.admin.patch(
      PodDisruptionBudget.self, key, ["spec": ["minAvailable": 0]])
    try await eventually("and restored") { try await minimum() == wanted }
  }

  /// A game that grows, shrinks, changes its settings and its version, and takes back what somebody has cut off.
  private func game() async throws {
    var spec = GameTypeSpec(fleetSpec: FleetSpec(spec: self.serverSpec("game:1")))
    spec.fleetSpec.scaling.replicas = 1
    let key = self.cluster.key("arena")
    _ = try await self.admin.create(
      GameType(metadata: ObjectMeta(name: key.name, namespace: key.namespace), spec: spec))
    self.world.answer(replicas: 3)
    _ = try await self.admin.create(
      GameAutoscaler(
        metadata: ObjectMeta(name: key.name, namespace: key.namespace),
        spec: GameAutoscalerSpec(
          gameName: key.name, policy: .init(webhook: ScalingEndpoint(url: "http://studio.test/scale")),
          sync: .init(interval: GoDuration(.seconds(1))))))
    try await self.eventuallyReady(3)

    let cut: JSONValue = ["metadata": ["ownerReferences": []]]
    let fleet = try #require(try await self.admin.list(Fleet.self, namespace: key.namespace).items.first)
    let _: Fleet = try await self.admin.patch(Fleet.self, fleet.key, cut)
    try await eventually("the Fleet is taken back") {
      try await self.admin.get(Fleet.self, fleet.key).metadata.ownerReferences?.isEmpty == false
    }
    let server = try #require(try await self.servers().first)
    let _: Server = try await self.admin.patch(Server.self, server.key, cut)
    try await eventually("the Server is taken back") {
      try await self.admin.get(Server.self, server.key).metadata.ownerReferences?.isEmpty == false
    }

    // One that may go tells evictions so.
    self.world.permitAll()
    let allowed = Condition(type: ConditionTypes.deleteAllowed, status: .true, reason: "Contract")
    _ = try await APIConditionWriter(client: self.admin).write(
      [allowed], to: try await self.admin.get(Server.self, server.key))
    try await eventually("its Pod says that it may go") {
      try await self.admin.get(Pod.self, self.cluster.key(server.podName)).metadata.label(Labels.protected) == nil
    }
    self.world.answer(replicas: 2)
    try await self.eventuallyReady(2)
    let patch: JSONValue = [
      "spec": ["fleetSpec": ["spec": ["timeout": "7m", "pod": ["containers": [["name": "game", "image": "game:2"]]]]]]
    ]
    let _: GameType = try await self.admin.patch(GameType.self, key, patch)
    try await eventually("the new version is alone") {
      let servers = try await self.servers()
      return servers.count == 2 && servers.allSatisfy { $0.spec.pod.containers.first?.image == "game:2" }
    }
  }

  private func servers() async throws -> [Server] {
    try await self.admin.list(Server.self, namespace: self.cluster.namespace).items.filter {
      $0.metadata.label(Labels.gameType) == "arena"
    }
  }

  private func eventuallyReady(_ count: Int) async throws {
    try await eventually("\(count) Servers are ready") {
      let servers = try await self.servers()
      return servers.count == count && servers.allSatisfy { $0.status?.state == .ready }
    }
  }

  // MARK: Sidecar

  private func sidecar() async throws {
    let account = self.cluster.key(SidecarAccounts.name)
    _ = try await self.admin.create(self.webhooks("beside", caller: .sidecar))
    let key = self.cluster.key("fourth")
    _ = try await self.admin.create(
      Server(
        metadata: ObjectMeta(name: key.name, namespace: key.namespace),
        spec: self.serverSpec("game:1", webhooks: "beside")))
    try await eventually("it has a Pod") {
      try await self.admin.find(Pod.self, self.cluster.key(Server.podName(server: key.name)))?.phase == .running
    }
    let client = try await self.cluster.client(of: account, record: self.record)
    let exchange = WebhookExchange(
      transport: self.world.transport, resolver: ClusterServiceAddressResolver(),
      metricsFactory: NOOPMetricsHandler.instance, logger: Self.logger)
    let probing = SidecarProbing(
      client: client, server: key, exchange: exchange, logger: Self.logger,
      metricsFactory: NOOPMetricsHandler.instance)
    let sidecar = Sidecar(source: .server(client, key), probing: probing, logger: Self.logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await sidecar.run() }
      try await eventually("its webhook has said yes") { try await self.state(key.name) == .ready }
      try await eventually("it has read its Server") { sidecar.server != nil }
      try await sidecar.store(.label(key: "umpire.dev/sdk-map", value: "desert"))
      try await sidecar.set(.deleteAllowed, to: true)
      try await eventually("it watches both kinds") {
        self.record.all.filter { $0.account == SidecarAccounts.name && $0.verb == "watch" }.count >= 2
      }
      group.cancelAll()
    }
    try await self.writeLate(client, key.name)
    try await self.plugins(client, server: key)
  }

  /// What `hot_update` and `http_probe` write.
  private func plugins(_ client: APIClient, server: ObjectKey) async throws {
    try await ManifestApplier(client: self.admin).apply(try AccessRight.pluginRoles(in: server.namespace ?? ""))
    let identity = PluginIdentity(server: server)
    let records = UpdateRecords(client: client, identity: identity, name: "umpire-sidecar-result")
    for version in ["v1.0.0", "v1.0.1"] {
      let order = try PatchOrder(["version": version, "url": "http://studio.test/patch.bin"])
      try await eventually("the role is in force") {
        do {
          try await records.write(order, sha256: nil)
          return true
        } catch let error as APIError where error.status?.code == 403 {
          return false
        }
      }
    }
    let findings = ConfigurationFindings(context: ConfigurationContext(environment: [:], hasAPIServer: true))
    let fields = ConfigurationFields(
      [
        "annotationKey": "umpire.dev/result",
        "markerPolices": [["state": "idle", "gameServerOpsState": "Maintaining"]],
      ], path: "", findings: findings)
    let storage = ClusterStorage(
      configuration: ClusterStorageConfiguration(fields), client: client, identity: identity)
    try await storage.store("idle")
  }

  // MARK: The end

  private func end() async throws {
    try await self.admin.delete(GameAutoscaler.self, self.cluster.key("arena"))
    try await self.admin.delete(GameType.self, self.cluster.key("arena"))
    for server in try await self.admin.list(Server.self, namespace: self.cluster.namespace).items
    where server.metadata.label(Labels.gameType) == nil {
      try await self.admin.delete(Server.self, server.key)
    }
    try await eventually("everything is gone") {
      try await self.admin.list(Server.self, namespace: self.cluster.namespace).items.isEmpty
    }
    let budget = self.cluster.key(DisruptionBudgetPlanner.name)
    try await eventually("and the budget with it") {
      try await self.admin.find(PodDisruptionBudget.self, budget) == nil
    }
  }
}
