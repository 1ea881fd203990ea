import KubernetesClient
import KubernetesModel
import UmpireModel
import WebhookProbing

/// Makes changes of the Server where they are kept.
protocol ServerWriter: Sendable {
  /// Makes one change and leaves everything else as it is.
  ///
  /// - Parameter server: the Server as it is known, which may be old.
  /// - Returns: the Server as it is since; nil if it is gone.
  func write(_ change: ServerChange, to server: Server) async throws -> Server?
}

/// Changes a Server that exists in memory only.
struct MemoryServerWriter: ServerWriter {
  let now: @Sendable () -> Timestamp

  /// Makes the change as the API server would.
  func write(_ change: ServerChange, to server: Server) async -> Server? {
    guard !change.isMade(on: server) else { return server }
    var changed = change.made(on: server, now: self.now())
    changed.metadata.resourceVersion = String((server.metadata.resourceVersion.flatMap { UInt64($0) } ?? 0) + 1)
    return changed
  }
}

/// Changes a Server in the API server, by patches that hold nothing but the change.
struct APIServerWriter: ServerWriter {
  private let client: APIClient
  private let conditions: APIConditionWriter

  init(client: APIClient, now: @escaping @Sendable () -> Timestamp) {
    self.client = client
    self.conditions = APIConditionWriter(client: client, now: now)
  }

  /// Patches the Server.
  ///
  /// - Throws: `APIError`.
  func write(_ change: ServerChange, to server: Server) async throws -> Server? {
    guard !change.isMade(on: server) else { return server }
    switch change {
    case .label(let key, let value): return try await self.patch(server, ["labels": [key: .string(value)]])
    case .annotation(let key, let value): return try await self.patch(server, ["annotations": [key: .string(value)]])
    case .condition:
      return try await self.conditions.write([change.condition(on: server)].compactMap { $0 }, to: server)
    }
  }

  private func patch(_ server: Server, _ metadata: JSONValue) async throws -> Server? {
    var metadata = metadata
    // Another one of the same name is not meant.
    metadata["uid"] = server.metadata.uid.map { .string($0) }
    do {
      return try await self.client.patch(Server.self, server.key, ["metadata": metadata])
    } catch let error as APIError where error.isNotFound {
      return nil
    } catch let error as APIError where error.isConflict || error.isInvalid {
      let newest = try await self.client.find(Server.self, server.key)
      guard newest?.metadata.uid == server.metadata.uid else { return nil }
      throw error
    }
  }
}
