import Logging
import ServiceLifecycle

/// Runs servers so that they always end in order.
///
/// A server that is cancelled drops the connections that it has accepted and not begun to serve, and SwiftNIO traps over
/// such a connection (swift-nio issue 2637). So cancellation is made a graceful shutdown first.
package enum OrderlyStop {
  /// How long a server whose task was cancelled may go on.
  private static let grace: Duration = .milliseconds(250)

  private struct Server: Service {
    let operation: @Sendable () async throws -> Void
    func run() async throws { try await self.operation() }
  }

  /// Runs a server until it ends, the task is cancelled or gracefully shut down.
  ///
  /// - Parameters:
  ///   - drain: after this time a graceful shutdown becomes a cancellation.
  ///   - delay: when the server is asked to shut down gracefully, it goes on as before until this returns.
  /// - Throws: what the server throws.
  package static func run(
    within drain: Duration, after delay: @escaping @Sendable () async throws -> Void = {},
    _ operation: @escaping @Sendable () async throws -> Void
  ) async throws {
    var configuration = ServiceGroupConfiguration(
      services: [
        .init(
          service: Server(operation: operation), successTerminationBehavior: .gracefullyShutdownGroup,
          failureTerminationBehavior: .cancelGroup)
      ],
      logger: Logger(label: "server", factory: { _ in SwiftLogNoOpLogHandler() }))
    configuration.maximumGracefulShutdownDuration = drain
    let group = ServiceGroup(configuration: configuration)
    // No child of this task: it must not be cancelled with it, nor see the graceful shutdown before the delay is over.
    let server = Task.detached { try await group.run() }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await server.value
      } onGracefulShutdown: {
        Task {
          try await delay()
          await group.triggerGracefulShutdown()
        }
      }
    } onCancel: {
      Task {
        await group.triggerGracefulShutdown()
        try await Task.sleep(for: Self.grace)
        server.cancel()
      }
    }
  }
}
