import COpenSSL

/// Signatures of RFC 8032.
package enum Ed25519 {
  /// The length of either key in bytes.
  package static let keyByteCount = 32
  /// The length of a signature in bytes.
  package static let signatureByteCount = 64

  /// What signs; its text never shows the key.
  package struct SigningKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let seed: [UInt8]
    /// What checks its signatures.
    package let verificationKey: VerificationKey

    /// A new key.
    ///
    /// - Throws: ``CryptographyError`` if there is no entropy.
    package init() throws(CryptographyError) {
      try self.init(seed: RandomBytes.make(Ed25519.keyByteCount))
    }

    /// - Parameter seed: the 32 bytes that RFC 8032 calls the private key.
    /// - Throws: ``CryptographyError``.
    package init(seed: [UInt8]) throws(CryptographyError) {
      let key = try Self.key(seed)
      var bytes = [UInt8](repeating: 0, count: Ed25519.keyByteCount)
      var count = bytes.count
      try ErrorQueue.check(EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &count), "no public key")
      self.seed = seed
      self.verificationKey = try VerificationKey(bytes: bytes)
    }

    /// The signature of `message`, 64 bytes.
    ///
    /// - Throws: ``CryptographyError`` if the library fails.
    package func signature(of message: [UInt8]) throws(CryptographyError) -> [UInt8] {
      let key = try Self.key(self.seed)
      let context = try Owned(EVP_MD_CTX_new(), "cannot sign") { EVP_MD_CTX_free($0) }
      try ErrorQueue.check(EVP_DigestSignInit(context.pointer, nil, nil, nil, key.pointer), "cannot sign")
      var signature = [UInt8](repeating: 0, count: Ed25519.signatureByteCount)
      var count = signature.count
      try ErrorQueue.check(
        EVP_DigestSign(context.pointer, &signature, &count, message, message.count), "cannot sign")
      return signature
    }

    package var description: String { "Ed25519.SigningKey(\(self.verificationKey))" }

    package var customMirror: Mirror { Mirror(self, children: []) }

    private static func key(_ seed: [UInt8]) throws(CryptographyError) -> Owned<OpaquePointer> {
      guard seed.count == Ed25519.keyByteCount else {
        throw CryptographyError(.malformed, "an Ed25519 key has \(Ed25519.keyByteCount) bytes, not \(seed.count)")
      }
      return try Owned(
        EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed, seed.count), "not a signing key"
      ) { EVP_PKEY_free($0) }
    }
  }

  /// What checks signatures.
  package struct VerificationKey: Sendable, Hashable, CustomStringConvertible {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// - Throws: ``CryptographyError`` if these are not 32 bytes.
    package init(bytes: [UInt8]) throws(CryptographyError) {
      guard bytes.count == Ed25519.keyByteCount else {
        throw CryptographyError(.malformed, "an Ed25519 key has \(Ed25519.keyByteCount) bytes, not \(bytes.count)")
      }
      self.bytes = bytes
    }

    /// Whether `signature` is one of `message` by this key's owner.
    ///
    /// - Throws: ``CryptographyError`` if the library fails; a signature of any shape is no failure.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) throws(CryptographyError) -> Bool {
      guard signature.count == Ed25519.signatureByteCount else { return false }
      let key = try Owned(
        EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, self.bytes, self.bytes.count), "not a public key"
      ) { EVP_PKEY_free($0) }
      let context = try Owned(EVP_MD_CTX_new(), "cannot verify") { EVP_MD_CTX_free($0) }
      try ErrorQueue.check(EVP_DigestVerifyInit(context.pointer, nil, nil, nil, key.pointer), "cannot verify")
      let result = EVP_DigestVerify(context.pointer, signature, signature.count, message, message.count)
      ERR_clear_error()
      return result == 1
    }

    package var description: String {
      self.bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
  }
}
