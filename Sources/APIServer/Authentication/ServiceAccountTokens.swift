private import Cryptography
import KubernetesModel

/// Makes and reads the tokens of service accounts: JSON Web Tokens (RFC 7519) signed with Ed25519 (RFC 8037).
struct ServiceAccountTokens: Sendable {
  /// The issuer, which is also the default audience.
  static let issuer = "https://kubernetes.default.svc"
  /// The longest token that is read, in bytes.
  static let maximumBytes = 8 << 10
  /// Clocks may differ by so many seconds.
  static let clockSkew: Int64 = 60

  private let key: Ed25519.SigningKey
  /// Names the key in the tokens that it signs.
  let keyIdentifier: String

  /// - Parameter seed: the 32 bytes of the signing key; nil for a new key that ends with the process.
  /// - Throws: ``APIServerError`` if there is no entropy, or the seed is of another length.
  init(seed: [UInt8]?) throws(APIServerError) {
    do {
      self.key = if let seed { try Ed25519.SigningKey(seed: seed) } else { try Ed25519.SigningKey() }
      var digest = try SHA256Digest()
      try digest.update(self.key.verificationKey.bytes)
      self.keyIdentifier = Base64URL.encode(try digest.finish())
    } catch {
      throw APIServerError(.signingKey, "no key to sign the tokens of service accounts: \(error)")
    }
  }

  /// The public key as clients read it (RFC 8037).
  var publicKey: JSONValue {
    [
      "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": .string(self.keyIdentifier),
      "x": .string(Base64URL.encode(self.key.verificationKey.bytes)),
    ]
  }

  /// The token that makes the claims.
  ///
  /// - Throws: if the library fails.
  func token(_ claims: ServiceAccountClaims) throws -> String {
    let header: JSONValue = ["alg": "EdDSA", "kid": .string(self.keyIdentifier)]
    let text = Base64URL.encode(header.serialized()) + "." + Base64URL.encode(claims.json.serialized())
    return text + "." + Base64URL.encode(try self.key.signature(of: Array(text.utf8)))
  }

  /// The claims of a token that this key has signed, for one of the audiences, and that is good at the time.
  ///
  /// Does not check whether the account and the bound object still exist.
  ///
  /// - Throws: ``TokenFault``.
  func claims(
    _ token: some StringProtocol, audiences wanted: [String], now: Timestamp
  ) throws(TokenFault) -> ServiceAccountClaims {
    guard token.utf8.count <= Self.maximumBytes else { throw .foreign }
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = Self.json(parts[1]), payload["iss"]?.stringValue == Self.issuer,
      let header = Self.json(parts[0]), header["alg"] == "EdDSA", header["crit"] == nil,
      let signature = Base64URL.decode(parts[2])
    else { throw .foreign }
    guard
      // A failure of the library counts as an invalid signature.
      (try? self.key.verificationKey.isValid(signature, for: Array("\(parts[0]).\(parts[1])".utf8))) == true
    else { throw .forged }
    guard let claims = ServiceAccountClaims(payload) else { throw .foreign }
    guard claims.audiences.contains(where: wanted.contains) else {
      throw .audiences(claims.audiences, wanted: wanted)
    }
    let seconds = now.secondsSinceEpoch
    guard claims.issuedAt <= seconds + Self.clockSkew else { throw .early }
    guard claims.expiresAt >= seconds - Self.clockSkew else { throw .expired }
    return claims
  }

  private static func json(_ part: some StringProtocol) -> JSONValue? {
    // A part that is not JSON makes the token invalid.
    Base64URL.decode(part).flatMap { try? JSONValue(parsing: $0) }
  }
}
