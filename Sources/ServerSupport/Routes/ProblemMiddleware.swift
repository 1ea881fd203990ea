package import HTTPTypes
package import Hummingbird
import HummingbirdCore
import Logging

/// Turns every error into a problem document, and refuses methods that a path does not know with 405.
package struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
  private let methods: [String: [HTTPRequest.Method]]

  /// Creates the middleware.
  ///
  /// - Parameter methods: For paths with a fixed set of methods, that set, in the order in which it is told.
  package init(methods: [String: [HTTPRequest.Method]] = [:]) {
    self.methods = methods
  }

  /// Passes the request on and answers for it when that fails.
  package func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    let response: Response
    do {
      if let allowed = self.methods[request.uri.path], !allowed.contains(request.method) {
        throw Problem(
          .methodNotAllowed, "\(request.method.rawValue) is not known here",
          headers: [.allow: allowed.map(\.rawValue).joined(separator: ", ")])
      }
      response = try await next(request, context)
    } catch let error as Problem {
      response = error.response
    } catch let error as HTTPError {
      response = Problem(error.status, error.body ?? "there is nothing at this path").response
    } catch let error as any HTTPResponseError {
      response = Problem(error.status, error.status.reasonPhrase).response
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      // What went wrong inside is for the log; the client learns only that something did.
      context.logger.error("Request failed", metadata: ["error": .string("\(error)")])
      response = Problem(.internalServerError, "the request could not be handled").response
    }
    return request.method == .head ? response.createHeadResponse() : response
  }
}
