package import Hummingbird
import HummingbirdCore
import Logging

/// Writes one debug line for each request, with its route but never its fields or body.
package struct RequestLogMiddleware<Context: RequestContext>: RouterMiddleware {
  /// Creates the middleware.
  package init() {}

  /// Passes the request on and logs how it was answered.
  package func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    guard context.logger.logLevel <= .debug else { return try await next(request, context) }
    let start = ContinuousClock.now
    let response = try await next(request, context)
    context.logger.debug(
      "Request answered",
      metadata: [
        "http.method": .string(request.method.rawValue), "http.path": .string(request.uri.path),
        "http.status": .stringConvertible(response.status.code),
        "http.duration": .stringConvertible(start.duration(to: .now)),
      ])
    return response
  }
}
