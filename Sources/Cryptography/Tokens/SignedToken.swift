package import FoundationEssentials

/// A statement of who may do something for a short while: a JSON Web Token (RFC 7519) signed with Ed25519 (RFC 8037).
package struct SignedToken: Sendable, Hashable {
  /// Who signs.
  package var issuer: String
  /// Whom it is for; nobody else takes it.
  package var audience: String
  /// When it was made, in whole seconds.
  package var issued: Date
  /// How long it is good for, in whole seconds.
  package var life: TimeInterval

  /// Creates a token.
  package init(issuer: String, audience: String, issued: Date, life: TimeInterval = 60) {
    self.issuer = issuer
    self.audience = audience
    self.issued = issued
    self.life = life
  }

  /// The longest token that is read, in bytes.
  static let mostBytes = 2_048

  fileprivate struct Header: Codable {
    var alg = "EdDSA"
    var typ: String? = "JWT"
    var crit: [String]?
  }

  fileprivate struct Claims: Codable {
    var iss: String
    var aud: String
    var iat: Int64
    var exp: Int64
  }

  /// The token as it is sent.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package func signed(by key: Ed25519.SigningKey) throws -> String {
    let issued = Int64(self.issued.timeIntervalSince1970)
    let claims = Claims(iss: self.issuer, aud: self.audience, iat: issued, exp: issued + Int64(self.life))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text =
      Base64URL.encode(Array(try encoder.encode(Header()))) + "." + Base64URL.encode(Array(try encoder.encode(claims)))
    return text + "." + Base64URL.encode(try key.signature(of: Array(text.utf8)))
  }
}

/// Tells whether a token is one of a known signer, for a known audience, and still good.
package struct SignedTokenVerifier: Sendable {
  /// Whose signatures count.
  private let keys: [Ed25519.VerificationKey]
  private let issuer: String
  private let audience: String

  /// Clocks of different machines may differ by so many seconds.
  static let clockSkew: TimeInterval = 60
  /// A token that claims to be good for longer was not made by us.
  static let longestLife: TimeInterval = 600

  /// - Parameter keys: of which one must have signed.
  package init(keys: [Ed25519.VerificationKey], issuer: String, audience: String) {
    self.keys = keys
    self.issuer = issuer
    self.audience = audience
  }

  /// Why a token is not taken; never anything of the token itself.
  package enum Refusal: String, Error, Sendable, Hashable, CustomStringConvertible {
    /// It is no token of this form.
    case malformed = "it is not a token of the expected form"
    /// Nobody whom we know has signed it.
    case unsigned = "its signature is not the controller's"
    /// It is for another Server, or of another issuer.
    case foreign = "it is for somebody else"
    /// Its time is over, or has not come.
    case expired = "its time is over, or the clocks differ"

    package var description: String { self.rawValue }
  }

  /// Checks a token.
  ///
  /// - Throws: ``Refusal``.
  package func verify(_ token: String, now: Date) throws(Refusal) {
    guard token.utf8.count <= SignedToken.mostBytes else { throw .malformed }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let signature = Base64URL.decode(parts[2]),
      let header: SignedToken.Header = Self.json(parts[0]), header.alg == "EdDSA", header.crit == nil
    else { throw .malformed }
    let signed = Array("\(parts[0]).\(parts[1])".utf8)
    // A library that fails vouches for nothing.
    guard self.keys.contains(where: { (try? $0.isValid(signature, for: signed)) == true }) else { throw .unsigned }
    guard let claims: SignedToken.Claims = Self.json(parts[1]) else { throw .malformed }
    guard claims.iss == self.issuer, claims.aud == self.audience else { throw .foreign }
    let seconds = now.timeIntervalSince1970
    guard TimeInterval(claims.iat) <= seconds + Self.clockSkew, TimeInterval(claims.exp) >= seconds - Self.clockSkew,
      TimeInterval(claims.exp) - TimeInterval(claims.iat) <= Self.longestLife
    else { throw .expired }
  }

  private static func json<Value: Decodable>(_ part: Substring) -> Value? {
    // What is no JSON of this form is no token; there is nothing more to say.
    Base64URL.decode(part).flatMap { try? JSONDecoder().decode(Value.self, from: Data($0)) }
  }
}
