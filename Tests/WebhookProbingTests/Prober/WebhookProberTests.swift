import ClusterTestSupport
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Metrics
import Synchronization
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

/// A prober with real watches on the embedded API server, and endpoints that answer as the test says.
@Suite struct WebhookProberTests {
  private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  private let key = ObjectKey(namespace: "default", name: "arena-1")

  /// What the endpoints say, and what they were asked.
  private final class Endpoints: Sendable {
    private struct State {
      var allowed: [String: Bool] = [:]
      var asked: [(path: String, at: ContinuousClock.Instant)] = []
      var raw: [String: String] = [:]
    }
    private let state = Mutex(State())

    func set(_ path: String, _ allowed: Bool) { self.state.withLock { $0.allowed[path] = allowed } }
    func answerAll(_ path: String, with body: String) { self.state.withLock { $0.raw[path] = body } }
    var asked: [String] { self.state.withLock { $0.asked.map(\.path) } }
    func times(_ path: String) -> [ContinuousClock.Instant] {
      self.state.withLock { $0.asked.filter { $0.path == path }.map(\.at) }
    }

    var transport: ScriptedTransport {
      ScriptedTransport { request, _ in
        let path = request.head.path ?? ""
        let review = try JSONValue(parsing: request.body)
        let (allowed, raw) = self.state.withLock { state in
          state.asked.append((path, .now))
          return (state.allowed[path], state.raw[path])
        }
        if path == "/hangs" { try await Task.sleep(for: .seconds(3_600)) }
        if let raw { return .body(raw) }
        guard let allowed else {
          return .failure(TransportError(.connect, "connection refused", progress: .nothingSent))
        }
        let response: JSONValue = [
          "response": ["uid": review["request"]?["uid"] ?? "", "allowed": .bool(allowed), "reason": "as set"]
        ]
        return .body(String(decoding: response.serialized(), as: UTF8.self))
      }
    }
  }

  private struct Fixture {
    var client: APIClient
    var endpoints: Endpoints
  }

  private func withProber(
    _ webhooks: [Webhook], _ body: (Fixture) async throws -> Void
  ) async throws {
    try await withCluster { cluster in
      let endpoints = Endpoints()
      let client = cluster.client
      let exchange = WebhookExchange(
        transport: endpoints.transport, metricsFactory: NOOPMetricsHandler.instance, logger: Self.logger)
      let prober = WebhookProber(
        asker: .controller, limits: .controller,
        asking: WebhookAsking(exchange: exchange, credentials: WebhookCredentialReader(client: client)),
        writer: APIConditionWriter(client: client), logger: Self.logger, metricsFactory: NOOPMetricsHandler.instance)
      let servers = Watcher<Server>(client: client, logger: Self.logger) { prober.take($0) }
      let configurations = Watcher<WebhookConfiguration>(client: client, logger: Self.logger) { prober.take($0) }
      _ = try await client.create(
        WebhookConfiguration(metadata: ObjectMeta(name: "arena", namespace: "default"), webhooks: webhooks))
      var spec = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
      spec.webhookConfigurationName = "arena"
      _ = try await client.create(Server(metadata: ObjectMeta(name: "arena-1", namespace: "default"), spec: spec))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await servers.run() }
        group.addTask { await configurations.run() }
        group.addTask { await prober.run() }
        try await body(Fixture(client: client, endpoints: endpoints))
        group.cancelAll()
      }
    }
  }

  private func webhook(_ name: String, _ type: WebhookType, _ change: (inout Webhook) -> Void = { _ in }) -> Webhook {
    ProbeHarness.webhook(name, type) {
      $0.caller = .controller
      $0.periodSeconds = 1
      $0.clientConfig = WebhookClientConfig(url: "http://decider:8000/\(name)")
      change(&$0)
    }
  }

  private func condition(_ client: APIClient, _ type: String) async throws -> Condition? {
    try await client.get(Server.self, self.key).status?.conditions[type: type]
  }

  private func conditionBecomes(_ client: APIClient, _ type: String, _ status: Condition.Truth, _ reason: String)
    async throws
  {
    try await eventually("\(type) is \(status.rawValue), \(reason)") {
      let condition = try await self.condition(client, type)
      return condition?.status == status && condition?.reason == reason
    }
  }

  @Test func answersBecomeConditionsAndNothingElseIsTouched() async throws {
    try await self.withProber([self.webhook("warm", .readiness)]) { fixture in
      try await self.conditionBecomes(fixture.client, "warm", .false, "Connect")
      fixture.endpoints.set("/warm", false)
      try await self.conditionBecomes(fixture.client, "warm", .false, "Denied")
      let _: Server = try await fixture.client.patch(
        Server.self, self.key, subresource: .status,
        ["status": ["nodeName": "node-1"]])
      fixture.endpoints.set("/warm", true)
      try await self.conditionBecomes(fixture.client, "warm", .true, "Allowed")
      let server = try await fixture.client.get(Server.self, self.key)
      #expect(server.status?.nodeName == "node-1")
      #expect(server.status?.conditions[type: "warm"]?.message == "as set")
      #expect(server.status?.conditions[type: "warm"]?.lastProbeTime != nil)
      // C10: further answers leave the object as it is.
      let count = fixture.endpoints.asked.count
      try await eventually("it is asked on") { fixture.endpoints.asked.count >= count + 2 }
      #expect(
        try await fixture.client.get(Server.self, self.key).metadata.resourceVersion == server.metadata.resourceVersion)
    }
  }

  /// C1: an answer without a response is a failure with a reason, and the next question comes all the same.
  @Test func aNullResponseIsAFailure() async throws {
    try await self.withProber([self.webhook("warm", .readiness)]) { fixture in
      fixture.endpoints.answerAll("/warm", with: #"{"request":{},"response":null}"#)
      try await self.conditionBecomes(fixture.client, "warm", .false, "BadReview")
      let count = fixture.endpoints.asked.count
      try await eventually("it is asked on") { fixture.endpoints.asked.count > count }
    }
  }

  /// However late a busy machine asks, what it missed is not made up for.
  @Test func theQuestionsDoNotPileUp() async throws {
    try await self.withProber([self.webhook("warm", .readiness)]) { fixture in
      fixture.endpoints.set("/warm", true)
      try await eventually("four questions") { fixture.endpoints.times("/warm").count >= 4 }
      let times = fixture.endpoints.times("/warm")
      let elapsed = times[0].duration(to: times[times.count - 1])
      // The first may have been late by less than a period.
      #expect(elapsed > .seconds(times.count - 2), "\(times.count) questions in \(elapsed)")
    }
  }

  /// C11: the configuration is read at every change.
  @Test func anEditTakesEffectAtOnce() async throws {
    try await self.withProber([self.webhook("warm", .readiness)]) { fixture in
      fixture.endpoints.set("/warm", false)
      fixture.endpoints.set("/v2", true)
      try await self.conditionBecomes(fixture.client, "warm", .false, "Denied")
      let key = ObjectKey(namespace: "default", name: "arena")
      var configuration = try await fixture.client.get(WebhookConfiguration.self, key)
      configuration.webhooks[0].clientConfig.url = "http://decider:8000/v2"
      _ = try await fixture.client.replace(configuration)
      try await self.conditionBecomes(fixture.client, "warm", .true, "Allowed")
      try await fixture.client.delete(WebhookConfiguration.self, key)
      let count = fixture.endpoints.asked.count
      _ = try await fixture.client.create(
        WebhookConfiguration(
          metadata: ObjectMeta(name: "arena", namespace: "default"), webhooks: [self.webhook("other", .readiness)]))
      try await self.conditionBecomes(fixture.client, "other", .false, "Connect")
      #expect(fixture.endpoints.asked.dropFirst(count).allSatisfy { $0 != "/warm" })
    }
  }

  @Test func theWayOfAServerThatDrainsAndComesBack() async throws {
    let webhooks = [self.webhook("told", .constraint), self.webhook("empty", .deletable)]
    try await self.withProber(webhooks) { fixture in
      fixture.endpoints.set("/empty", true)
      let _: Server = try await fixture.client.patch(
        Server.self, self.key, ["spec": ["constraints": [["type": "NotInService"]]]])
      try await eventually("it is pushed twice") { fixture.endpoints.times("/told").count >= 2 }
      #expect(fixture.endpoints.times("/empty").isEmpty)
      fixture.endpoints.set("/told", true)
      try await self.conditionBecomes(fixture.client, "empty", .true, "Allowed")
      let _: Server = try await fixture.client.patch(Server.self, self.key, ["spec": ["constraints": []]])
      try await self.conditionBecomes(fixture.client, "empty", .false, "NotAsked")
      // And nobody asks any more: the next questions are those of the next demand.
      let count = fixture.endpoints.times("/empty").count
      fixture.endpoints.set("/empty", false)
      let _: Server = try await fixture.client.patch(
        Server.self, self.key, ["spec": ["constraints": [["type": "NotInService"]]]])
      try await self.conditionBecomes(fixture.client, "empty", .false, "Denied")
      #expect(fixture.endpoints.times("/empty").count > count)
    }
  }

  /// C4 and C12: one endpoint that never answers holds up no other webhook, no Server, and no change.
  @Test func oneEndpointThatHangsHoldsUpNothing() async throws {
    try await self.withProber([self.webhook("hangs", .readiness), self.webhook("warm", .readiness)]) { fixture in
      fixture.endpoints.set("/warm", true)
      try await self.conditionBecomes(fixture.client, "warm", .true, "Allowed")
      fixture.endpoints.set("/warm", false)
      try await self.conditionBecomes(fixture.client, "warm", .false, "Denied")
      #expect(fixture.endpoints.times("/hangs").count == 1)
    }
  }
}
