private import Cryptography
import KubernetesModel

/// Authenticates requests.
struct RequestAuthenticator: Sendable {
  let store: ObjectStore
  let configuration: EmbeddedAPIServer.Configuration
  let tokens: ServiceAccountTokens

  /// The user of a request; a request without a token is a person's where that is allowed.
  ///
  /// - Throws: ``APIFailure`` with code 401 for a token that is not accepted, whatever is wrong with it.
  func user(of request: APIRequest) async throws -> RequestUser {
    guard let token = request.bearerToken else {
      guard self.configuration.allowsAnonymous else { throw APIFailure.unauthorized }
      return .anonymous
    }
    do {
      return try await self.user(ofToken: String(token), audiences: [ServiceAccountTokens.issuer]).user
    } catch is TokenFault {
      throw APIFailure.unauthorized
    }
  }

  /// The user that a token stands for, and the audiences for which it does so.
  ///
  /// - Throws: ``TokenFault``, or a failure of the store.
  func user(
    ofToken token: String, audiences: [String]
  ) async throws -> (user: RequestUser, audiences: [String]) {
    if self.isKnown(token) {
      // Such a token is for this server.
      let accepted = audiences.filter { $0 == ServiceAccountTokens.issuer }
      guard !accepted.isEmpty else {
        throw TokenFault.audiences([ServiceAccountTokens.issuer], wanted: audiences)
      }
      return (.tokenBearer, accepted)
    }
    let claims = try self.tokens.claims(token, audiences: audiences, now: self.configuration.now())
    try await self.check(claims)
    return (claims.user, claims.audiences.filter(audiences.contains))
  }

  /// Whether a token is one of those that the server was given.
  ///
  /// Compares the token with each of them in constant time.
  private func isKnown(_ token: String) -> Bool {
    let candidate = Array(token.utf8)
    var isKnown = false
    for known in self.configuration.bearerTokens where !known.isEmpty {
      if ConstantTime.areEqual(Array(known.utf8), candidate) { isKnown = true }
    }
    return isKnown
  }

  /// Checks that the account and the bound object exist with the same UIDs.
  private func check(_ claims: ServiceAccountClaims) async throws {
    let account = claims.account
    let key = StoreKey(resource: BuiltInResources.serviceAccounts, namespace: claims.namespace, name: account.name)
    guard let object = try await self.store.object(key)?.decoded() else {
      throw TokenFault("serviceaccounts \"\(account.name)\" not found")
    }
    guard object.uid == account.uid else {
      throw TokenFault("service account UID (\(object.uid ?? "")) does not match claim (\(account.uid))")
    }
    if self.hasEnded(object) {
      throw TokenFault("service account \(claims.namespace)/\(account.name) has been deleted")
    }
    switch claims.bound {
    case .pod(let pod, _): try await self.check(pod, BuiltInResources.pods, claims.namespace, "pod", "pod")
    case .secret(let secret):
      try await self.check(secret, BuiltInResources.secrets, claims.namespace, "secret", "secret")
    case .node(let node): try await self.check(node, BuiltInResources.nodes, "", "node", "node")
    case nil: ()
    }
  }

  private func check(
    _ reference: ServiceAccountClaims.Reference, _ resource: String, _ namespace: String, _ kind: String,
    _ claim: String
  ) async throws {
    let key = StoreKey(resource: resource, namespace: namespace, name: reference.name)
    guard let object = try await self.store.object(key)?.decoded() else { throw TokenFault.invalidated }
    guard object.uid == reference.uid else {
      throw TokenFault(
        "\(kind) UID (\(object.uid ?? "")) does not match service account \(claim) ref claim (\(reference.uid))")
    }
    if self.hasEnded(object) { throw TokenFault.invalidated }
  }

  /// Returns whether an object's deletion is overdue.
  private func hasEnded(_ object: APIObject) -> Bool {
    guard let end = object.deletionTimestamp.flatMap({ Timestamp($0) }) else { return false }
    return end.secondsSinceEpoch < self.configuration.now().secondsSinceEpoch - ServiceAccountTokens.clockSkew
  }
}
