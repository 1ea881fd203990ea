package import KubernetesClient
package import KubernetesModel
import UmpireModel
import WebhookProbing

/// Stores a flag where it survives the sidecar.
package protocol FlagWriter: Sendable {
  /// Stores one flag and leaves everything else as it is.
  ///
  /// It may try again as often as it likes; its caller cancels it at the deadline.
  ///
  /// - Throws: Whatever makes another try useless.
  func write(_ flag: SidecarFlag, _ value: Bool) async throws
}

/// Stores nothing: for a sidecar without an API server.
package struct UnstoredFlagWriter: FlagWriter {
  /// Creates the writer.
  package init() {}

  /// Does nothing.
  package func write(_ flag: SidecarFlag, _ value: Bool) async throws {}
}

/// Keeps each flag as one condition in the Server's status.
package struct ConditionFlagWriter: FlagWriter {
  private let client: APIClient
  private let key: ObjectKey
  private let now: @Sendable () -> Timestamp

  /// The pause before another try.
  static let pause = Duration.milliseconds(100)

  /// Creates a writer for one Server.
  package init(client: APIClient, server: ObjectKey, now: @escaping @Sendable () -> Timestamp = { .now }) {
    self.client = client
    self.key = server
    self.now = now
  }

  /// Patches the one condition of the newest Server, again and again until nobody came in between.
  package func write(_ flag: SidecarFlag, _ value: Bool) async throws {
    while true {
      do {
        let server = try await self.client.get(Server.self, self.key)
        guard let patch = flag.patch(of: server, to: value, now: self.now()) else { return }
        _ = try await self.client.patch(Server.self, self.key, subresource: .status, kind: .json, patch.json)
        return
      } catch let error as APIError where Self.isWorthAnotherTry(error) {
        try await Task.sleep(for: max(error.retryAfter ?? .zero, Self.pause))
      }
    }
  }

  /// A test of the patch that failed, an API server that is away or busy: all of them pass.
  private static func isWorthAnotherTry(_ error: APIError) -> Bool {
    switch error.code {
    case .status(let status): [409, 422, 429].contains(status.code) || (500...599).contains(status.code ?? 0)
    case .transport: true
    case .malformedAnswer, .invalidRequest: false
    }
  }
}
