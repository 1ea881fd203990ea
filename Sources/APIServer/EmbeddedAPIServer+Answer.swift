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
      try self.authenticate(request)
      return try await self.answer(try request.withoutYAML().withJSONBody())
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

  /// Checks who asks.
  ///
  /// Health is open to all.
  private func authenticate(_ request: APIRequest) throws(APIFailure) {
    if request.route == .health { return }
    guard let token = request.bearerToken else {
      if self.context.configuration.allowsAnonymous { return }
      throw .unauthorized
    }
    let candidate = Array(token.utf8)
    var isKnown = false
    for known in self.context.configuration.bearerTokens {
      // Looks at every byte of every token, so that the time taken tells nothing.
      let bytes = Array(known.utf8)
      var difference = bytes.count ^ candidate.count
      for index in candidate.indices { difference |= Int(candidate[index] ^ bytes[index % max(1, bytes.count)]) }
      if difference == 0, !bytes.isEmpty { isKnown = true }
    }
    guard isKnown else { throw .unauthorized }
  }

  private func answer(_ request: APIRequest) async throws -> APIResponse {
    let snapshot = self.context.registry.snapshot
    guard case .resource(let path) = request.route else {
      return try DescriptionHandler(request: request, snapshot: snapshot, library: self.context.openAPI).answer()
    }
    guard
      let resource = snapshot.resource(group: path.group, version: path.version, plural: path.plural)
    else { return .pageNotFound }
    let isWrite = request.method != .get && request.method != .head
    let user: AdmissionUser = request.bearerToken == nil ? .anonymous : .tokenBearer
    let admission = isWrite ? self.context.admission(of: resource, user: user) : nil
    let handler = ResourceHandler(
      context: self.context, resource: resource, path: path, request: request, snapshot: snapshot,
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
      context: self.context, resource: resource, path: path, request: request, snapshot: snapshot,
      admission: admission)
  }
}
