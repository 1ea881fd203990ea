package import KubernetesClient
package import KubernetesModel
package import UmpireModel

/// Stores conditions of Servers.
package protocol ConditionWriter: Sendable {
  /// Sets these conditions and leaves everything else as it is.
  ///
  /// - Parameter server: the Server as it is known, which may be old.
  /// - Returns: the Server as it is since; nil if it is gone.
  func write(_ conditions: [Condition], to server: Server) async throws -> Server?
}

/// Stores conditions in the API server, by patches that hold nothing but these conditions.
package struct APIConditionWriter: ConditionWriter {
  private let client: APIClient
  private let now: @Sendable () -> Timestamp

  /// Tries until it gives up; each but the first begins with reading the Server.
  private static let tries = 4

  /// Creates a writer.
  package init(client: APIClient, now: @escaping @Sendable () -> Timestamp = { .now }) {
    self.client = client
    self.now = now
  }

  /// Patches the Server as it is known, and the newest one where somebody came in between.
  package func write(_ conditions: [Condition], to server: Server) async throws -> Server? {
    var current = server
    for number in 1...Self.tries {
      guard let patch = ConditionPatch(conditions, on: current, now: self.now()) else { return current }
      do {
        return try await self.client.patch(
          Server.self, server.key, subresource: .status, kind: .json, patch.json)
      } catch let error as APIError where error.isNotFound {
        return nil
      } catch let error as APIError where (error.isInvalid || error.isConflict) && number < Self.tries {
        guard let newest = try await self.client.find(Server.self, server.key) else { return nil }
        // One that was made anew under the same name was asked about by nobody yet.
        guard newest.metadata.uid == server.metadata.uid else { return nil }
        current = newest
      }
    }
    return nil
  }
}
