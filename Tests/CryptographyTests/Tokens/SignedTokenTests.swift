import Cryptography
import FoundationEssentials
import Testing

@Suite struct SignedTokenTests {
  private let key: Ed25519.SigningKey
  private let now = Date(timeIntervalSince1970: 1_700_000_000)

  init() throws { self.key = try Ed25519.SigningKey(seed: Array(0..<32)) }

  private func verifier(_ keys: [Ed25519.SigningKey]? = nil, audience: String = "uid-1") -> SignedTokenVerifier {
    SignedTokenVerifier(keys: (keys ?? [self.key]).map(\.verificationKey), issuer: "us", audience: audience)
  }

  private func token(issuer: String = "us", life: TimeInterval = 60) throws -> String {
    try SignedToken(issuer: issuer, audience: "uid-1", issued: self.now, life: life).signed(by: self.key)
  }

  /// Signs any claims under any header.
  private func token(header: String, claims: String) throws -> String {
    let text = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    return text + "." + Base64URL.encode(try self.key.signature(of: Array(text.utf8)))
  }

  @Test func isTakenWhileItIsGood() throws {
    let token = try self.token()
    try self.verifier().verify(token, now: self.now)
    try self.verifier([Ed25519.SigningKey(), self.key]).verify(token, now: self.now)
    // The clocks of two machines differ.
    try self.verifier().verify(token, now: self.now.addingTimeInterval(-59))
    try self.verifier().verify(token, now: self.now.addingTimeInterval(119))
  }

  @Test func isRefusedBeforeAndAfter() throws {
    for offset: TimeInterval in [-61, 121, 1_000_000, -1_000_000] {
      #expect(throws: SignedTokenVerifier.Refusal.expired) {
        try self.verifier().verify(try self.token(), now: self.now.addingTimeInterval(offset))
      }
    }
    #expect(throws: SignedTokenVerifier.Refusal.expired) {
      try self.verifier().verify(try self.token(life: 3_600), now: self.now)
    }
  }

  @Test func isRefusedByWhoIsNotMeant() throws {
    let token = try self.token()
    #expect(throws: SignedTokenVerifier.Refusal.foreign) {
      try self.verifier(audience: "uid-2").verify(token, now: self.now)
    }
    #expect(throws: SignedTokenVerifier.Refusal.foreign) {
      try self.verifier().verify(try self.token(issuer: "them"), now: self.now)
    }
    #expect(throws: SignedTokenVerifier.Refusal.unsigned) {
      try self.verifier([try Ed25519.SigningKey()]).verify(token, now: self.now)
    }
    #expect(throws: SignedTokenVerifier.Refusal.unsigned) { try self.verifier([]).verify(token, now: self.now) }
  }

  @Test func everyChangedByteIsNoticed() throws {
    let token = Array(try self.token().utf8)
    for index in token.indices {
      var changed = token
      changed[index] = changed[index] == UInt8(ascii: "B") ? UInt8(ascii: "C") : UInt8(ascii: "B")
      let text = String(decoding: changed, as: UTF8.self)
      // The last letter of a part has bits that say nothing.
      let isSame = text.split(separator: ".").map(Base64URL.decode) == self.parts(token)
      if isSame { continue }
      #expect(throws: SignedTokenVerifier.Refusal.self, "byte \(index)") {
        try self.verifier().verify(text, now: self.now)
      }
    }
  }

  private func parts(_ token: [UInt8]) -> [[UInt8]?] {
    String(decoding: token, as: UTF8.self).split(separator: ".").map(Base64URL.decode)
  }

  @Test func noOtherAlgorithmIsTaken() throws {
    let claims = #"{"iss":"us","aud":"uid-1","iat":1700000000,"exp":1700000060}"#
    try self.verifier().verify(try self.token(header: #"{"alg":"EdDSA"}"#, claims: claims), now: self.now)
    for header in [
      #"{"alg":"none"}"#, #"{"alg":"HS256","typ":"JWT"}"#, #"{"alg":"eddsa"}"#, "{}",
      #"{"alg":"EdDSA","crit":["b64"]}"#,
      "null", "", #"{"alg":1}"#,
    ] {
      #expect(throws: SignedTokenVerifier.Refusal.malformed, "\(header)") {
        try self.verifier().verify(try self.token(header: header, claims: claims), now: self.now)
      }
    }
  }

  @Test(arguments: [
    "", "null", "{}", #"{"iss":"us","aud":"uid-1","iat":1700000000}"#,
    #"{"iss":"us","aud":["uid-1"],"iat":1700000000,"exp":1700000060}"#,
    #"{"iss":"us","aud":"uid-1","iat":-9223372036854775808,"exp":9223372036854775807}"#,
    #"{"iss":"us","aud":"uid-1","iat":1e300,"exp":1700000060}"#,
  ])
  func claimsThatAreNoneAreRefused(claims: String) throws {
    #expect(throws: SignedTokenVerifier.Refusal.self) {
      try self.verifier().verify(try self.token(header: #"{"alg":"EdDSA"}"#, claims: claims), now: self.now)
    }
  }

  @Test func rubbishIsRefused() throws {
    let token = try self.token()
    for text in [
      "", ".", "..", "...", "a.b.c", token + ".", token + "=", token.replacing("-", with: "+") + "+",
      "\u{0}.\u{0}.\u{0}",
      String(repeating: "A", count: 3_000), String(repeating: "A", count: 900) + "." + token, "é.é.é",
    ] {
      #expect(throws: SignedTokenVerifier.Refusal.malformed, "\(text)") {
        try self.verifier().verify(text, now: self.now)
      }
    }
  }

  @Test func base64IsThatOfURLs() {
    #expect(Base64URL.encode([0xfb, 0xff, 0xfe]) == "-__-")
    #expect(Base64URL.encode([]) == "")
    for count in 0..<40 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ 7) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
    #expect(Base64URL.decode("+__-") == nil)
    #expect(Base64URL.decode("/w==") == nil)
    #expect(Base64URL.decode("a") == nil)
  }
}
