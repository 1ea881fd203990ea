import HTTPTransport
import HTTPTypes
import KubernetesModel
import Logging

extension EmbeddedAPIServer {
  /// The answer to a request; failures become Status objects.
  ///
  /// - Throws: `CancellationError` only.
  func answer(_ request: TransportRequest) async throws -> APIResponse {
    do {
      guard request.body.count <= Self.maximumBodyBytes else { throw APIFailure.tooLarge }
      guard Self.headBytes(request.head) < Self.maximumHeadBytes else { throw APIFailure.headTooLarge }
      let request = APIRequest(request)
      guard !request.query.isTooLong else {
        throw APIFailure.badRequest("the query has more than \(RequestQuery.maximumItems) items")
      }
      let user = try await self.authorized(request)
      return try await self.answer(try request.withoutYAML().withJSONBody(), user)
    } catch let failure as APIFailure {
      return APIResponse(failure)
    } catch StoreError.tooLarge {
      return APIResponse(APIFailure.tooLarge)
    } catch StoreError.expired {
      return APIResponse(ResourceHandler.expired(nil))
    } catch StoreError.closed {
      return APIResponse(APIFailure.unavailable)
    } catch let error as CancellationError {
      throw error
    } catch {
      self.context.configuration.logger.error(
        "A request failed", metadata: ["error": "\(error)", "http.path": "\(request.head.path ?? "")"])
      return APIResponse(APIFailure.internalError)
    }
  }

  private static func headBytes(_ head: HTTPRequest) -> Int {
    head.headerFields.reduce(head.path?.utf8.count ?? 0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
  }

  private func answer(_ request: APIRequest, _ user: RequestUser) async throws -> APIResponse {
    let snapshot = self.context.registry.snapshot
    guard case .resource(let path) = request.route else {
      return try DescriptionHandler(
        request: request, snapshot: snapshot, library: self.context.openAPI, tokens: self.context.tokens
      ).answer()
    }
    guard
      let resource = snapshot.resource(group: path.group, version: path.version, plural: path.plural)
    else { return .pageNotFound }
    let isWrite = request.method != .get && request.method != .head
    let admission = isWrite ? self.context.admission(of: resource, user: user) : nil
    let handler = ResourceHandler(
      context: self.context, resource: resource, path: path, request: request, snapshot: snapshot, user: user,
      admission: admission)
    guard let admission else { return try await handler.answer() }
    do {
      var response = try await handler.answer()
      response.warnings += admission.warnings
      return response
    } catch var failure as APIFailure {
      failure.warnings += admission.warnings
      throw failure
    }
  }

  /// A handler for the server's own writes, in a resource's storage version; nil if the resource is not served.
  ///
  /// `asksWebhooks` says whether they have to pass the webhooks as a client's have to.
  func handler(
    _ storeResource: String, namespace: String?, name: String?, asksWebhooks: Bool
  ) -> ResourceHandler? {
    let snapshot = self.context.registry.snapshot
    guard let resource = snapshot.resource(storeResource: storeResource) else { return nil }
    let path = ResourcePath(
      group: resource.group, version: resource.version.name,
      namespace: resource.definition.isNamespaced ? namespace : nil, plural: resource.definition.names.plural,
      name: name)
    let request = APIRequest(TransportRequest(head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")))
    let admission = asksWebhooks ? self.context.admission(of: resource, user: .server) : nil
    return ResourceHandler(
      context: self.context, resource: resource, path: path, request: request, snapshot: snapshot, user: .server,
      admission: admission)
  }
}
