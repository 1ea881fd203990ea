import Hummingbird
import Synchronization

/// Whether a service was asked to stop.
final class ServiceStop: Sendable {
  private let state = Atomic(false)

  var isStopping: Bool { self.state.load(ordering: .relaxed) }

  @Sendable func begin() { self.state.store(true, ordering: .relaxed) }
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
