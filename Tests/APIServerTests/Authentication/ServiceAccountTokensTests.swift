import FoundationEssentials
import KubernetesModel
import Testing

@testable import APIServer

struct ServiceAccountTokensTests {
  private static let now = Timestamp(secondsSinceEpoch: 1_767_225_600)
  private static let account = APIObject([
    "metadata": ["name": "lobby", "namespace": "games", "uid": "00000000-0000-4000-8000-000000000001"]
  ])

  private static func claims(
    audiences: [String] = [ServiceAccountTokens.issuer], bound: ServiceAccountClaims.Bound? = nil
  ) -> ServiceAccountClaims {
    ServiceAccountClaims(
      issuer: ServiceAccountTokens.issuer, audiences: audiences, lifetime: 3600, identifier: "id",
      account: Self.account,
      bound: bound, now: Self.now)
  }

  private func fault(
    _ tokens: ServiceAccountTokens, _ token: String, audiences: [String] = [ServiceAccountTokens.issuer],
    after seconds: Int64 = 0
  ) -> String? {
    do throws(TokenFault) {
      _ = try tokens.claims(token, audiences: audiences, now: Self.now.advanced(by: .seconds(seconds)))
      return nil
    } catch {
      return error.description
    }
  }

  @Test func claimsAreThoseOfTheRealServer() throws {
    let bound = ServiceAccountClaims.Bound.pod(.init(name: "p", uid: "u"), node: .init(name: "n", uid: "v"))
    let claims = Self.claims(audiences: ["a", "b"], bound: bound)
    #expect(
      claims.json == [
        "aud": ["a", "b"], "exp": 1_767_229_200, "iat": 1_767_225_600, "nbf": 1_767_225_600, "jti": "id",
        "iss": "https://kubernetes.default.svc", "sub": "system:serviceaccount:games:lobby",
        "kubernetes.io": [
          "namespace": "games",
          "serviceaccount": ["name": "lobby", "uid": "00000000-0000-4000-8000-000000000001"],
          "pod": ["name": "p", "uid": "u"], "node": ["name": "n", "uid": "v"],
        ],
      ])
    #expect(ServiceAccountClaims(claims.json) == claims)
  }

  @Test(arguments: [
    ServiceAccountClaims.Bound.pod(.init(name: "p", uid: "u"), node: nil), .secret(.init(name: "s", uid: "u")),
    .node(.init(name: "n", uid: "u")), nil,
  ])
  func everyBoundObjectIsReadBack(bound: ServiceAccountClaims.Bound?) throws {
    let tokens = try ServiceAccountTokens(seed: nil)
    let claims = Self.claims(bound: bound)
    let token = try tokens.token(claims)
    #expect(try tokens.claims(token, audiences: [ServiceAccountTokens.issuer], now: Self.now) == claims)
  }

  @Test func theUserIsTheAccount() {
    let user = Self.claims(
      bound: .pod(.init(name: "p", uid: "u"), node: .init(name: "n", uid: "v"))
    ).user
    #expect(
      user.json == [
        "username": "system:serviceaccount:games:lobby", "uid": "00000000-0000-4000-8000-000000000001",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:games", "system:authenticated"],
        "extra": [
          "authentication.kubernetes.io/credential-id": ["JTI=id"], "authentication.kubernetes.io/pod-name": ["p"],
          "authentication.kubernetes.io/pod-uid": ["u"], "authentication.kubernetes.io/node-name": ["n"],
          "authentication.kubernetes.io/node-uid": ["v"],
        ],
      ])
    #expect(!user.isPrivileged)
  }

  @Test func timesAreChecked() throws {
    let tokens = try ServiceAccountTokens(seed: nil)
    let token = try tokens.token(Self.claims())
    #expect(self.fault(tokens, token) == nil)
    #expect(self.fault(tokens, token, after: 3660) == nil)
    #expect(self.fault(tokens, token, after: 3661) == "service account token has expired")
    #expect(self.fault(tokens, token, after: -61) == "service account token is not valid yet")
  }

  @Test func audiencesAreChecked() throws {
    let tokens = try ServiceAccountTokens(seed: nil)
    let token = try tokens.token(Self.claims(audiences: ["a", "b"]))
    #expect(self.fault(tokens, token, audiences: ["b", "c"]) == nil)
    #expect(
      self.fault(tokens, token, audiences: ["c"])
        == "token audiences [\"a\" \"b\"] is invalid for the target audiences [\"c\"]")
  }

  @Test func anotherKeyIsNotAccepted() throws {
    let token = try ServiceAccountTokens(seed: nil).token(Self.claims())
    #expect(self.fault(try ServiceAccountTokens(seed: nil), token) == TokenFault.forged.description)
  }

  @Test func changedTokensAreNotAccepted() throws {
    let tokens = try ServiceAccountTokens(seed: nil)
    let token = try tokens.token(Self.claims())
    let parts = token.split(separator: ".").map(String.init)
    for index in parts.indices {
      for position in [0, parts[index].count / 2] {
        var changed = parts
        var letters = Array(changed[index])
        letters[position] = letters[position] == "A" ? "B" : "A"
        changed[index] = String(letters)
        #expect(self.fault(tokens, changed.joined(separator: ".")) != nil, "part \(index) at \(position)")
      }
    }
  }

  @Test(arguments: [
    "", ".", "..", "a.b.c", "not.a.token", String(repeating: "a", count: 9000), "eyJhbGciOiJub25lIn0.e30.",
  ])
  func otherTextsAreForeign(text: String) throws {
    #expect(self.fault(try ServiceAccountTokens(seed: nil), text) == "invalid bearer token")
  }

  @Test func anUnsignedTokenIsForeign() throws {
    let tokens = try ServiceAccountTokens(seed: nil)
    let header = Data(#"{"alg":"none"}"#.utf8).base64EncodedString().replacing("=", with: "")
    let payload = try tokens.token(Self.claims()).split(separator: ".")[1]
    #expect(self.fault(tokens, "\(header).\(payload).") == "invalid bearer token")
  }

  @Test func aSeedGivesTheSameKey() throws {
    let seed = [UInt8](repeating: 7, count: 32)
    let token = try ServiceAccountTokens(seed: seed).token(Self.claims())
    let other = try ServiceAccountTokens(seed: seed)
    #expect(self.fault(other, token) == nil)
    #expect(other.publicKey["kid"] == .string(other.keyIdentifier))
    #expect(throws: APIServerError.self) { try ServiceAccountTokens(seed: [1, 2, 3]) }
  }

  @Test(arguments: [
    ("system:serviceaccount:a:b", true), ("system:serviceaccount:a:b:c", false), ("system:serviceaccount:a:", false),
    ("system:serviceaccount::b", false), ("alice", false), ("system:serviceaccount:a", false),
  ])
  func accountsAreReadFromNames(name: String, isAccount: Bool) {
    let account = ServiceAccountName(username: name)
    #expect((account != nil) == isAccount)
    if let account { #expect(account.username == name) }
  }
}
