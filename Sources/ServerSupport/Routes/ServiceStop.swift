import Hummingbird
import Synchronization

/// Whether a service was asked to stop, and how long it serves on.
final class ServiceStop: Sendable {
  private let delay: @Sendable () async throws -> Void
  private let state = Atomic(false)

  /// - Parameter delay: returns when the service may stop.
  init(delay: @escaping @Sendable () async throws -> Void) { self.delay = delay }

  var isStopping: Bool { self.state.load(ordering: .relaxed) }

  /// Has connections end with their next response, and returns when the service may stop.
  @Sendable func begin() async throws {
    self.state.store(true, ordering: .relaxed)
    try await self.delay()
  }
}

/// Ends connections with their next response once the service is asked to stop.
///
/// A client would otherwise keep its connection, and send a request just when the service closes it.
struct ConnectionCloseMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    if context.isServiceStopping { response.headers[.connection] = "close" }
    return response
  }
}
