import HTTPTypes
import KubernetesModel

extension EmbeddedAPIServer {
  /// Authenticates and authorizes a request.
  ///
  /// Health endpoints require neither.
  ///
  /// - Throws: ``APIFailure`` with code 401 or 403.
  func authorized(_ request: APIRequest) async throws -> RequestUser {
    if request.route == .health { return .anonymous }
    var user = try await self.context.authenticator.user(of: request)
    let policy = self.context.roles.snapshot
    if let impersonation = try Impersonation(request.fields) {
      for requirement in impersonation.requirements { try Self.check(user, requirement, policy) }
      user = impersonation.user
    }
    // The administrator's requests are most of them, and need no more.
    if !user.isPrivileged { try Self.check(user, request.attributes, policy) }
    return user
  }

  private static func check(
    _ user: RequestUser, _ attributes: AccessAttributes, _ policy: RolePolicy
  ) throws(APIFailure) {
    let decision = policy.decide(user, attributes)
    guard decision.isAllowed else { throw .forbidden(user, attributes, reason: decision.reason) }
  }
}

extension APIRequest {
  /// The action of the request.
  var attributes: AccessAttributes {
    guard case .resource(let path) = self.route else {
      return AccessAttributes(self.method.rawValue.lowercased(), path: self.rawPath)
    }
    return AccessAttributes(self.method, path, self.query)
  }
}
