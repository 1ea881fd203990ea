import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import Logging
import Metrics
import TestSupport
import UmpireModel
import WebhookClient

@testable import UmpireController

/// Runs `body` beside all controllers and a stand-in node, on a cluster of its own.
func withControllers(_ body: (APIClient, OutsideWorld) async throws -> Void) async throws {
  try await withCluster { cluster in
    let world = OutsideWorld()
    let controllers = UmpireControllers(
      connections: ControllerConnections(
        client: cluster.client, outbound: world.transport, services: ClusterServiceAddressResolver()),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      metricsFactory: NOOPMetricsHandler.instance)
    let node = StandInNode(client: cluster.client)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await controllers.run() }
      group.addTask { await node.run() }
      try await body(cluster.client, world)
      group.cancelAll()
    }
  }
}

extension Fixtures {
  /// A GameType as a user writes it.
  static func arena(replicas: Int64, spec: ServerSpec = serverSpec()) -> GameType {
    var gameType = Self.gameType(replicas: replicas, spec: spec)
    gameType.metadata = ObjectMeta(name: "arena", namespace: "default")
    return gameType
  }
}

extension APIClient {
  /// The Servers of the only namespace.
  func arenaServers() async throws -> [Server] { try await self.list(Server.self, namespace: "default").items }
}
