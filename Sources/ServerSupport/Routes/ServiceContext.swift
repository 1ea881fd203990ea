package import Hummingbird

/// What a route is given beside the request.
package struct ServiceContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// Who asks; a stranger where there is no connection, as in tests of a router.
  package let peer: Peer
  private let connection: ServiceConnection?
  /// Whether the service that answers was asked to stop.
  var isServiceStopping: Bool { self.connection?.stop.isStopping ?? false }

  /// Creates the context of a request.
  package init(source: ApplicationRequestContextSource) {
    self.coreContext = CoreRequestContextStorage(source: source)
    self.connection = ServiceConnection.current
    self.peer = self.connection?.peer ?? Peer(address: nil, local: nil)
  }

  /// Runs `operation`, and cancels it when the client closes its connection: for answers that take long to come.
  ///
  /// What the operation returns then may still reach a client that has closed its own half only.
  ///
  /// - Throws: what the operation throws.
  package func whileConnected<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    guard let connection = self.connection else { return try await operation() }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await operation() }
      group.addTask {
        await connection.closed()
        return nil
      }
      while let first = try await group.next() {
        group.cancelAll()
        if let result = first { return result }
      }
      throw CancellationError()
    }
  }
}
