import ClusterTestSupport
import CurlTransport
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Metrics
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController
@testable import UmpireLocal

/// Deletions that wait for what belongs to an object, with a garbage collector, the controllers and admission.
@Suite struct ForegroundDeletionTests {
  private static let key = ObjectKey(namespace: "default", name: "arena")

  /// Runs `body` beside admission, with what the API server has asked it so far.
  private func withAdmission(
    _ body: (TestCluster, _ questions: @Sendable () -> [JSONValue]) async throws -> Void
  ) async throws {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let transport = ScriptedTransport { request, _ in
      let answer = try await curl.collect(request)
      return .body(String(decoding: answer.body, as: UTF8.self), status: answer.head.status)
    }
    try await withCluster(webhookTransport: transport) { cluster in
      try await cluster.client.createIfAbsent(Namespace(name: "umpire-system"))
      let admission = LocalAdmission(
        registering: cluster.client, client: cluster.client, logger: .silent,
        metricsFactory: NOOPMetricsHandler.instance)
      try await admission.run {
        try await body(cluster) {
          transport.requests.compactMap { try? JSONValue(parsing: $0.body)["request"] }
        }
      }
    }
  }

  /// The two Servers of an arena, once they run; nobody permits that they go.
  private func readyServers(_ client: APIClient) async throws -> [Server] {
    _ = try await client.create(Fixtures.arena(replicas: 2))
    return try await eventually("both Servers are ready") {
      let servers = try await client.arenaServers()
      return servers.count == 2 && servers.allSatisfy { $0.status?.state == .ready } ? servers : nil
    }
  }

  private func pods(_ client: APIClient) async throws -> [Pod] {
    try await client.list(Pod.self, namespace: "default").items
  }

  @Test func podsOfAGameTypeThatWaitsForThemStayUntilTheirGatesOpen() async throws {
    try await self.withAdmission { cluster, questions in
      let client = cluster.client
      var servers: [Server] = []
      try await withControllers(on: cluster) { client, _ in servers = try await self.readyServers(client) }
      // While no controller is there, the garbage collector comes first.
      try await client.delete(GameType.self, Self.key, options: DeleteOptions(propagationPolicy: .foreground))
      try await eventually("the collector has tried both Servers, and again") {
        let tried = questions().filter {
          $0["operation"] == "DELETE" && $0["options"]?["propagationPolicy"] == "Foreground"
        }
        return servers.allSatisfy { server in
          tried.count { $0["name"]?.stringValue == server.metadata.name } > 1
        }
      }
      #expect(try await client.arenaServers().allSatisfy { !$0.metadata.isBeingDeleted })
      try await withControllers(on: cluster) { client, world in
        try await self.checkEnd(of: servers, client, world)
      }
    }
  }

  private func checkEnd(of servers: [Server], _ client: APIClient, _ world: OutsideWorld) async throws {
    try await eventually("both Servers are asked to go") { world.shutdowns.count == 2 }
    for server in try await client.arenaServers() {
      #expect(server.metadata.isBeingDeleted && server.metadata.finalizers == [Finalizers.deletionGate])
    }
    let waiting = try await client.get(GameType.self, Self.key)
    #expect(waiting.metadata.finalizers?.contains("foregroundDeletion") == true)
    var pods = try await self.pods(client)
    #expect(pods.count == 2 && pods.allSatisfy { !$0.metadata.isBeingDeleted })

    try await client.allowDeletion(of: servers[0].key)
    try await eventually("the one that may go is gone") {
      try await client.find(Server.self, servers[0].key) == nil
    }
    pods = try await self.pods(client)
    #expect(pods.map(\.metadata.name) == [servers[1].podName])
    #expect(pods.allSatisfy { !$0.metadata.isBeingDeleted })
    #expect(try await client.find(GameType.self, Self.key) != nil)

    try await client.allowDeletion(of: servers[1].key)
    try await eventually("nothing is left") {
      let fleets = try await client.list(Fleet.self, namespace: "default").items
      let left = try await client.arenaServers()
      let game = try await client.find(GameType.self, Self.key)
      return try await self.pods(client).isEmpty && fleets.isEmpty && left.isEmpty && game == nil
    }
  }

  @Test func aServerIsDeletedInTheForegroundOnlyIfItNeedsNoPermission() async throws {
    try await self.withAdmission { cluster, _ in
      try await withControllers(on: cluster) { client, _ in
        let servers = try await self.readyServers(client)
        let foreground = DeleteOptions(propagationPolicy: .foreground)
        let error = await #expect(throws: APIError.self) {
          try await client.delete(Server.self, servers[0].key, options: foreground)
        }
        #expect(error?.status?.code == 403)
        #expect(
          error?.status?.message == "admission webhook \"deletion.servers.umpire.dev\" denied the request: Server "
            + "\"\(servers[0].metadata.name ?? "")\" takes its Pod along by its own rules and stays until it is gone; "
            + "delete it without --cascade=foreground")
        #expect(try await !client.get(Server.self, servers[0].key).metadata.isBeingDeleted)

        var solo = Server(metadata: ObjectMeta(name: "solo", namespace: "default"), spec: Fixtures.serverSpec())
        solo.spec.allowForceDelete = true
        _ = try await client.create(solo)
        try await eventually("it runs") { try await client.get(Server.self, solo.key).status?.state == .ready }
        try await client.delete(Server.self, solo.key, options: foreground)
        try await eventually("it is gone") { try await client.find(Server.self, solo.key) == nil }
        #expect(try await client.find(Pod.self, ObjectKey(namespace: "default", name: servers[0].podName)) != nil)
      }
    }
  }
}
