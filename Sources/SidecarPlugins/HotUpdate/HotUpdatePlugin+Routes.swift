import HTTPTypes
import Hummingbird
import KubernetesModel
import ServerSupport

extension HotUpdatePlugin {
  /// The largest body of a request, in bytes.
  static let bodyBytes = 64 << 10

  /// `POST /hot-update`, with the texts that peers answer with, or JSON for who asks for it.
  func router() -> Router<HTTPService.Context> {
    let router = HTTPService.router()
    router.post("hot-update") { request, context in try await self.answer(request, context.peer) }
    for method in [HTTPRequest.Method.get, .put, .patch, .delete, .options] {
      router.on("hot-update", method: method) { request, _ in
        var response = Self.response(.methodNotAllowed, "only POST requests are allowed", request)
        response.headers[.allow] = "POST"
        return response
      }
    }
    return router
  }

  private func answer(_ request: Request, _ peer: Peer) async throws -> Response {
    try self.check(request.headers, peer)
    var fields = FormFields.read(request.uri.query ?? "")
    let body = try await request.bytes(upTo: Self.bodyBytes)
    fields.merge(FormFields.read(body, contentType: request.headers[.contentType] ?? "")) { _, ofBody in ofBody }
    let order: PatchOrder
    do throws(PatchOrderFault) {
      order = try PatchOrder(fields)
    } catch {
      return Self.response(.badRequest, error.text, request, ["detail": .string(error.detail)])
    }
    guard self.configuration.allows(order.address) else {
      return Self.response(
        .badRequest, "please provide a valid URL", request,
        ["detail": "the URL is not below any of allowedURLPrefixes"])
    }
    guard let outcome = await self.carryOut(order) else {
      var response = Self.response(.serviceUnavailable, "another update is being carried out", request)
      response.headers[.retryAfter] = "1"
      return response
    }
    return Self.response(outcome.fault == nil ? .ok : .internalServerError, outcome.text, request, outcome.json)
  }

  /// - Throws: A ``Problem`` for who may not.
  private func check(_ fields: HTTPFields, _ peer: Peer) throws {
    guard !peer.isSameHost, !self.configuration.allowsAnyone else { return }
    guard let authorize = self.surroundings.authorize else {
      throw Problem(.unauthorized, "only the Pod itself may order an update")
    }
    try authorize(fields, peer)
  }

  /// A text, or a JSON object with the text in it for who accepts that.
  private static func response(
    _ status: HTTPResponse.Status, _ text: String, _ request: Request, _ details: JSONValue = [:]
  ) -> Response {
    guard request.headers[.accept]?.contains("application/json") == true else { return .text(text, status: status) }
    var document: JSONValue = ["status": status == .ok ? "success" : "failure", "message": .string(text)]
    for (name, value) in details.objectValue ?? [:] { document[name] = value }
    return .json(document.serialized(), status: status)
  }
}
