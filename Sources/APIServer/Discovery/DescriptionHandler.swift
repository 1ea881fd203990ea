import HTTPTypes
import KubernetesModel

/// Answers what the server is and serves: health, version, discovery and OpenAPI.
struct DescriptionHandler: Sendable {
  let request: APIRequest
  let snapshot: ResourceRegistry.Snapshot
  let library: OpenAPILibrary
  let tokens: ServiceAccountTokens

  /// The result.
  ///
  /// - Throws: ``APIFailure`` for any method that is not for reading.
  func answer() throws(APIFailure) -> APIResponse {
    guard self.request.method == .get || self.request.method == .head else {
      throw .methodNotAllowed(nil, verb: "")
    }
    let discovery = DiscoveryHandler(snapshot: self.snapshot)
    switch self.request.route {
    case .health: return .text(200, "ok")
    case .version: return APIResponse(200, discovery.version)
    case .coreVersions: return self.aggregated(\.core) ?? APIResponse(200, discovery.coreVersions)
    case .groups: return self.aggregated(\.groups) ?? APIResponse(200, discovery.groups)
    case .group(let name): return self.found(discovery.group(name))
    case .resources(let group, let version): return self.found(discovery.resources(group: group, version: version))
    case .openAPIIndex: return self.page(self.library.index(self.snapshot))
    case .openAPI(let groupVersion):
      return self.library.document(groupVersion, self.snapshot).map { self.page($0) } ?? .pageNotFound
    case .openAPIVersion2: return self.version2()
    case .issuer: return APIResponse(200, Self.issuer)
    case .issuerKeys: return self.issuerKeys
    case .resource, .unknown: return .pageNotFound
    }
  }

  /// The part of OpenID Connect Discovery 1.0 that describes the verification of tokens.
  private static let issuer: JSONValue = [
    "issuer": .string(ServiceAccountTokens.issuer),
    "jwks_uri": .string("\(ServiceAccountTokens.issuer)/openid/v1/jwks"),
    "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["EdDSA"],
  ]

  private var issuerKeys: APIResponse {
    var response = APIResponse(200, ["keys": [self.tokens.publicKey]])
    response.contentType = "application/jwk-set+json"
    return response
  }

  private func found(_ json: JSONValue?) -> APIResponse { json.map { APIResponse(200, $0) } ?? .pageNotFound }

  private func aggregated(_ document: KeyPath<AggregatedDiscovery, JSONValue>) -> APIResponse? {
    guard let form = AggregatedDiscovery.Form(accept: self.request.fields[.accept]) else { return nil }
    let discovery = AggregatedDiscovery(snapshot: self.snapshot, form: form)
    var response = APIResponse(200, discovery[keyPath: document])
    response.contentType = form.contentType
    response.fields[.vary] = "Accept"
    return response
  }

  private func version2() -> APIResponse {
    let accept = self.request.fields[.accept] ?? ""
    // Older clients write an at sign before the version.
    let asProtobuf = accept.contains("proto-openapi.spec.v2")
    guard let page = self.library.version2(asProtobuf: asProtobuf, self.snapshot) else { return .pageNotFound }
    return self.page(page, contentType: asProtobuf ? OpenAPIVersion2.protobufType : "application/json")
  }

  /// A page that clients may keep: for ever if they asked for it by its hash.
  private func page(_ page: OpenAPILibrary.Page, contentType: String = "application/json") -> APIResponse {
    let tag = "\"\(page.hash)\""
    let isKnown = self.request.fields[.ifNoneMatch]?.contains(tag) ?? false
    var response = APIResponse(isKnown ? 304 : 200, bytes: isKnown ? [] : page.bytes)
    response.contentType = contentType
    response.fields[.eTag] = tag
    response.fields[.vary] = "Accept"
    let isNamed = self.request.query["hash"] == page.hash
    response.fields[.cacheControl] = isNamed ? "public, max-age=31536000, immutable" : "no-cache, private"
    return response
  }
}
