import APIServer
import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireLocal
import UmpireModel

@testable import UmpireController

/// A definition may be missing when the controllers start, and come later.
@Suite(.timeLimit(.minutes(2))) struct MissingKindTests {
  /// What works without one of the kinds.
  enum Work: Sendable {
    case gameTypes, fleets, servers
  }

  @Test(
    arguments: [
      ("gameautoscalers", Work.gameTypes), ("webhookconfigurations", .gameTypes), ("gametypes", .fleets),
      ("fleets", .servers), ("servers", nil),
    ] as [(String, Work?)])
  func theOtherKindsAreWorkedOn(missing: String, work: Work?) async throws {
    let server = try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration())
    defer { server.close() }
    let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "test")
    let applier = ManifestApplier(client: client)
    let definitions = try LocalCluster.customResourceDefinitions()
    let absent = definitions.filter { $0.name == "\(missing).umpire.dev" }
    #expect(absent.count == 1)
    try await applier.apply(definitions.filter { $0.name != "\(missing).umpire.dev" })
    try await withControllers(on: TestCluster(server: server, client: client)) { client, _ in
      switch work {
      case .gameTypes:
        _ = try await client.create(Fixtures.arena(replicas: 2))
        try await Self.expectReady(2, client)
      case .fleets:
        let spec = FleetSpec(scaling: FleetScaling(replicas: 2), spec: Fixtures.serverSpec())
        _ = try await client.create(Fleet(metadata: ObjectMeta(name: "practice", namespace: "default"), spec: spec))
        try await Self.expectReady(2, client)
      case .servers:
        let metadata = ObjectMeta(name: "duel", namespace: "default")
        _ = try await client.create(Server(metadata: metadata, spec: Fixtures.serverSpec()))
        try await Self.expectReady(1, client)
      case nil:
        // A GameType's Fleet is made; the Servers of the Fleet have to wait.
        _ = try await client.create(Fixtures.arena(replicas: 2))
        try await eventually("the Fleet is made") {
          try await client.list(Fleet.self, namespace: "default").items.count == 1
        }
      }
      let before = work == .fleets ? 2 : work == .servers ? 1 : 0
      try await applier.apply(absent)
      if before > 0 { _ = try await client.create(Fixtures.arena(replicas: 2)) }
      try await Self.expectReady(before + 2, client)
    }
  }

  private static func expectReady(_ count: Int, _ client: APIClient) async throws {
    try await eventually("\(count) Servers are ready") {
      let servers = try await client.arenaServers()
      return servers.count == count && servers.allSatisfy { $0.status?.state == .ready }
    }
  }
}
