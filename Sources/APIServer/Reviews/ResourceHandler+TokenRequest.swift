import KubernetesModel

extension ResourceHandler {
  /// Makes a token for a service account (`serviceaccounts/NAME/token`).
  func requestToken() async throws -> APIResponse {
    try self.checkContentType()
    let options = try WriteOptions(self.request.query, kind: "CreateOptions")
    let kind = BuiltInResources.tokenRequest
    var decoding = BodyDecoding(ServedResource(definition: kind, version: kind.storageVersion), options.fieldValidation)
    var review = try decoding.decode(self.request.body)
    let name = self.path.name ?? ""
    let group = GroupResource(group: kind.group, resource: kind.names.kind)
    for (field, given, wanted) in [
      ("name", review.name, name), ("namespace", review.namespace, self.path.namespace ?? ""),
    ] {
      guard let given, given != wanted else { continue }
      let detail = "must match the service account \(field) if specified"
      throw APIFailure.invalid(group, name, [.invalid("metadata.\(field)", .string(given), detail)])
    }
    let account = try self.decoded(try await self.stored())
    if let uid = review.uid, uid != account.uid {
      throw APIFailure.conflict(
        group, name,
        "the UID in the token request (\(uid)) does not match the UID of the service account (\(account.uid ?? ""))")
    }
    var spec = review.json["spec"] ?? .object([:])
    if (spec["audiences"]?.arrayValue ?? []).isEmpty { spec["audiences"] = [.string(ServiceAccountTokens.issuer)] }
    if spec["expirationSeconds"] ?? .null == .null {
      spec["expirationSeconds"] = .integer(TokenRequestRules.defaultLifetime)
    }
    if spec["boundObjectRef"] == nil { spec["boundObjectRef"] = .null }
    let faults = TokenRequestRules.faults(in: spec)
    guard faults.isEmpty else { throw APIFailure.invalid(group, "", faults) }
    let bound = try await self.bound(to: spec["boundObjectRef"] ?? .null, account: name)

    let now = self.context.now
    let lifetime = spec["expirationSeconds"]?.integerValue ?? TokenRequestRules.defaultLifetime
    let claims = ServiceAccountClaims(
      issuer: ServiceAccountTokens.issuer, audiences: spec["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? [],
      lifetime: lifetime, identifier: self.context.configuration.uid(), account: account, bound: bound, now: now)
    review.json["metadata"] = [
      "name": .string(name), "namespace": .string(self.path.namespace ?? ""), "uid": .string(account.uid ?? ""),
      "creationTimestamp": .string(now.description),
    ]
    review.json["spec"] = spec
    review.json["status"] = [
      "token": .string(try self.context.tokens.token(claims)),
      "expirationTimestamp": .string(Timestamp(secondsSinceEpoch: claims.expiresAt).description),
    ]
    return APIResponse(201, review.json, warnings: decoding.warnings)
  }

  /// Returns the object that a token is bound to; nil if there is none.
  private func bound(to reference: JSONValue, account: String) async throws -> ServiceAccountClaims.Bound? {
    guard reference != .null else { return nil }
    func text(_ field: String) -> String { reference[field]?.stringValue ?? "" }
    guard text("apiVersion") == "v1", ["Pod", "Secret", "Node"].contains(text("kind")) else {
      throw APIFailure.badRequest("cannot bind token to object of type \(text("apiVersion")), Kind=\(text("kind"))")
    }
    let namespace = self.path.namespace ?? ""
    let object: APIObject
    var node: ServiceAccountClaims.Reference?
    switch text("kind") {
    case "Pod":
      object = try await self.object(BuiltInResources.pods, namespace, text("name"))
      guard object[path: "spec.serviceAccountName"]?.stringValue == account else {
        throw APIFailure.badRequest(
          "cannot bind token for serviceaccount \"\(account)\" to pod running with different serviceaccount name.")
      }
      if let place = object[path: "spec.nodeName"]?.stringValue, !place.isEmpty {
        let key = StoreKey(resource: BuiltInResources.nodes, namespace: "", name: place)
        let uid = try await self.context.store.object(key)?.decoded().uid
        node = ServiceAccountClaims.Reference(name: place, uid: uid ?? "")
      }
    case "Secret": object = try await self.object(BuiltInResources.secrets, namespace, text("name"))
    default: object = try await self.object(BuiltInResources.nodes, "", text("name"))
    }
    let uid = object.uid ?? ""
    guard text("uid").isEmpty || text("uid") == uid else {
      throw APIFailure.conflict(
        GroupResource(group: "", resource: text("kind")), text("name"),
        "the UID in the bound object reference (\(text("uid"))) does not match the UID in record. The object might have "
          + "been deleted and then recreated")
    }
    let target = ServiceAccountClaims.Reference(name: text("name"), uid: uid)
    switch text("kind") {
    case "Pod": return .pod(target, node: node)
    case "Secret": return .secret(target)
    default: return .node(target)
    }
  }

  private func object(_ resource: String, _ namespace: String, _ name: String) async throws -> APIObject {
    let key = StoreKey(resource: resource, namespace: namespace, name: name)
    guard let stored = try await self.context.store.object(key) else {
      throw APIFailure.notFound(GroupResource(group: "", resource: resource), name)
    }
    return try stored.decoded()
  }
}
