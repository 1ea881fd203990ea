import ClusterTestSupport
import HTTPTransport
import KubernetesClient
import KubernetesModel
import Metrics
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import UmpireSidecar

@Suite struct SidecarProbingTests {
  private let key = ObjectKey(namespace: "default", name: "arena-1")

  private func configuration(_ name: String, path: String) -> WebhookConfiguration {
    var mine = Webhook(
      name: "warm", type: .readiness, clientConfig: WebhookClientConfig(url: "http://decider:8000\(path)"))
    mine.periodSeconds = 1
    var controllers = mine
    controllers.name = "not-mine"
    controllers.caller = .controller
    controllers.clientConfig.url = "http://decider:8000/not-mine"
    return WebhookConfiguration(metadata: ObjectMeta(name: name, namespace: "default"), webhooks: [mine, controllers])
  }

  /// A sidecar of a Server that is there already and names `configuration`.
  private func withSidecar(
    configuration: String?, _ body: (APIClient, OutsideWorld, Sidecar) async throws -> Void
  ) async throws {
    try await withCluster { cluster in
      let client = cluster.client
      let world = OutsideWorld()
      var spec = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
      spec.webhookConfigurationName = configuration
      for name in [self.key.name, "neighbour"] {
        _ = try await client.create(Server(metadata: ObjectMeta(name: name, namespace: "default"), spec: spec))
      }
      let probing = SidecarProbing(
        client: client, server: self.key,
        exchange: WebhookExchange(
          transport: world.transport, metricsFactory: NOOPMetricsHandler.instance, logger: .silent),
        logger: .silent, metricsFactory: NOOPMetricsHandler.instance)
      let sidecar = Sidecar(source: .server(client, self.key), probing: probing, logger: .silent)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await sidecar.run() }
        try await body(client, world, sidecar)
        group.cancelAll()
      }
    }
  }

  private func warm(_ client: APIClient) async throws -> String? {
    try await client.get(Server.self, self.key).status?.conditions[type: "warm"]?.reason
  }

  @Test func asksItsOwnWebhooksAboutItsOwnServer() async throws {
    try await self.withSidecar(configuration: "first") { client, world, sidecar in
      world.answer("/one", true)
      _ = try await client.create(self.configuration("first", path: "/one"))
      try await eventually("it is allowed") { try await self.warm(client) == "Allowed" }
      // The flags are kept by the same patches of one condition, and neither erases the other.
      try await sidecar.set(.deleteAllowed, to: true)
      world.answer("/one", false)
      try await eventually("it is denied") { try await self.warm(client) == "Denied" }
      let conditions = try await client.get(Server.self, self.key).status?.conditions ?? []
      #expect(Set(conditions.map(\.type)) == ["warm", "DeleteAllowed"])
      #expect(conditions.isTrue("DeleteAllowed"))
      #expect(world.asked("/not-mine").isEmpty)
      #expect(world.asked("/one").allSatisfy { $0["name"]?.stringValue == self.key.name })
    }
  }

  /// C11: the reference may come late, change, and name what does not exist yet.
  @Test func followsTheConfigurationThatTheServerNames() async throws {
    try await self.withSidecar(configuration: nil) { client, world, _ in
      world.answer("/one", true)
      world.answer("/two", false)
      let _: Server = try await client.patch(
        Server.self, self.key, ["metadata": ["annotations": ["umpire.dev/webhook-config-name": "first"]]])
      _ = try await client.create(self.configuration("second", path: "/two"))
      _ = try await client.create(self.configuration("first", path: "/one"))
      try await eventually("the first is asked") { try await self.warm(client) == "Allowed" }
      let _: Server = try await client.patch(Server.self, self.key, ["spec": ["webhookConfigurationName": "second"]])
      try await eventually("the second is asked") { try await self.warm(client) == "Denied" }
      let count = world.asked("/one").count
      let second = world.asked("/two").count
      try await eventually("it is asked on") { world.asked("/two").count >= second + 2 }
      #expect(world.asked("/one").count == count)
      try await client.delete(WebhookConfiguration.self, ObjectKey(namespace: "default", name: "second"))
      _ = try await client.create(self.configuration("second", path: "/one"))
      try await eventually("the new one of that name is asked") { try await self.warm(client) == "Allowed" }
    }
  }
}
