import ClusterTestSupport
import HTTPTransport
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
  try await withCluster { try await withControllers(on: $0, body) }
}

/// Runs `body` beside all controllers, under their own service account, and a stand-in node.
///
/// - Parameter transport: what the controllers reach the API server through.
func withControllers(
  on cluster: TestCluster, through transport: (any ClientTransport)? = nil,
  _ body: (APIClient, OutsideWorld) async throws -> Void
) async throws {
  let world = OutsideWorld()
  let controllers = UmpireControllers(
    connections: ControllerConnections(
      client: try await cluster.controller(through: transport), outbound: world.transport,
      services: ClusterServiceAddressResolver()),
    logger: .silent, metricsFactory: NOOPMetricsHandler.instance)
  let node = StandInNode(client: cluster.client)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await controllers.run() }
    group.addTask { await node.run() }
    try await body(cluster.client, world)
    group.cancelAll()
  }
}

extension Logger {
  /// Writes nothing.
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
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

  /// Opens the default gate of a Server, as its sidecar does.
  func allowDeletion(of server: ObjectKey, _ value: Condition.Truth = .true) async throws {
    try await eventually("the condition is written") {
      let present = try await self.get(Server.self, server)
      var conditions = present.status?.conditions ?? []
      conditions.set(Condition(type: ConditionTypes.deleteAllowed, status: value, reason: "Test"), now: .now)
      let patch: JSONValue = [
        "metadata": ["resourceVersion": .string(present.metadata.resourceVersion ?? "")],
        "status": ["conditions": try JSONValue(encoding: conditions)],
      ]
      do {
        let _: Server = try await self.patch(Server.self, server, subresource: .status, patch)
        return true
      } catch let error as APIError where error.isConflict {
        return false
      }
    }
  }

  /// Asks for the eviction of a Pod, as a node drain does.
  ///
  /// - Returns: the status code of the answer.
  func evict(_ pod: ObjectKey) async throws -> Int {
    let eviction: JSONValue = [
      "apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": .string(pod.name)],
      "deleteOptions": ["gracePeriodSeconds": 0],
    ]
    do {
      _ = try await self.send(
        .create(Pod.resourceType, pod, subresource: .eviction, body: eviction.serialized()))
      return 201
    } catch let error as APIError {
      return error.status?.code ?? 0
    }
  }
}
