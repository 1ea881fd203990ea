import HTTPTypes
import KubernetesModel

/// Reviews, which are answered and never stored.
extension ResourceHandler {
  func review() async throws -> APIResponse {
    guard self.path.name == nil else { return .pageNotFound }
    guard self.request.method == .post else { throw APIFailure.methodNotAllowed(nil, verb: "") }
    guard self.path.namespace != nil || !self.resource.definition.isNamespaced else { return .pageNotFound }
    try self.checkContentType()
    _ = try self.presenter()
    let options = try WriteOptions(self.request.query, kind: "CreateOptions")
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    var review = try decoding.decode(self.request.body)
    if let given = review.namespace, given != self.path.namespace {
      throw APIFailure.badRequest(
        "the namespace of the provided object does not match the namespace sent on the request")
    }
    if let namespace = self.path.namespace { review.namespace = namespace }
    switch self.resource.definition.name {
    case BuiltInResources.tokenReviews: try await self.answerTokenReview(&review)
    case BuiltInResources.selfReviews: self.answerSelfReview(&review)
    case BuiltInResources.selfRulesReviews: try self.answerRulesReview(&review)
    case BuiltInResources.selfAccessReviews: try self.answerAccessReview(&review, .oneself)
    case BuiltInResources.localAccessReviews:
      try self.answerAccessReview(&review, .inNamespace(self.path.namespace ?? ""))
    default: try self.answerAccessReview(&review, .anyone)
    }
    return APIResponse(201, review.json, warnings: decoding.warnings)
  }

  private func answerTokenReview(_ review: inout APIObject) async throws {
    let token = review[path: "spec.token"]?.stringValue ?? ""
    guard !token.isEmpty else { throw APIFailure.badRequest("token is required for TokenReview in authentication") }
    let wanted = review[path: "spec.audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
    do {
      let (user, audiences) = try await self.context.authenticator.user(
        ofToken: token, audiences: wanted.isEmpty ? [ServiceAccountTokens.issuer] : wanted)
      review.json["status"] = [
        "authenticated": true, "user": user.json, "audiences": .array(audiences.map(JSONValue.string)),
      ]
    } catch let fault as TokenFault {
      review.json["status"] = ["user": .object([:]), "error": .string(fault.description)]
    }
  }

  private func answerSelfReview(_ review: inout APIObject) {
    review.json["metadata"] = ["creationTimestamp": .string(self.context.now.description)]
    review.json["status"] = ["userInfo": self.user.json]
  }

  private func answerRulesReview(_ review: inout APIObject) throws(APIFailure) {
    guard let namespace = review[path: "spec.namespace"]?.stringValue, !namespace.isEmpty else {
      throw .badRequest("no namespace on request")
    }
    let rules = self.context.roles.snapshot.rules(of: self.user, namespace: namespace)
    func shown(_ rule: AccessRule, _ fields: [String]) -> JSONValue {
      .object((rule.json.objectValue ?? [:]).filter { fields.contains($0.key) })
    }
    review.json["metadata"] = .object([:])
    review.json["spec"] = .object([:])
    review.json["status"] = [
      "incomplete": false,
      "resourceRules": .array(
        rules.filter { !$0.resources.isEmpty }
          .map { shown($0, ["verbs", "apiGroups", "resources", "resourceNames"]) }),
      "nonResourceRules": .array(
        rules.filter { !$0.nonResourceURLs.isEmpty }.map { shown($0, ["verbs", "nonResourceURLs"]) }),
    ]
  }

  private func answerAccessReview(_ review: inout APIObject, _ kind: AccessReview.Kind) throws(APIFailure) {
    let question = AccessReview(kind: kind, spec: review.json["spec"] ?? .object([:]))
    let faults = question.faults(metadata: review.metadata)
    guard faults.isEmpty else { throw .invalid(self.resource.kindName, "", faults) }
    let decision = self.context.roles.snapshot.decide(question.user(asking: self.user), question.attributes)
    review.json["spec"] = question.spec
    review.json["status"] = AccessReview.status(decision)
  }
}
