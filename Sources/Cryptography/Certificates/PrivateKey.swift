import COpenSSL

/// An ECDSA key on the curve P-256; its text never shows it.
package struct PrivateKey: Sendable, CustomStringConvertible, CustomReflectable {
  /// PKCS #8 in PEM.
  ///
  /// A secret: for files that only their owner can read, and for TLS.
  package let pem: [UInt8]

  /// A new key.
  ///
  /// - Throws: ``CryptographyError`` if there is no entropy.
  package init() throws(CryptographyError) {
    let context = try Owned(EVP_PKEY_CTX_new_from_name(nil, "EC", nil), "no key") { EVP_PKEY_CTX_free($0) }
    try ErrorQueue.check(EVP_PKEY_keygen_init(context.pointer), "no key")
    try ErrorQueue.check(EVP_PKEY_CTX_set_group_name(context.pointer, "P-256"), "no key")
    var made: OpaquePointer?
    try ErrorQueue.check(EVP_PKEY_generate(context.pointer, &made), "no key")
    let key = try Owned(made, "no key") { EVP_PKEY_free($0) }
    let stream = try MemoryStream()
    try ErrorQueue.check(
      PEM_write_bio_PrivateKey(stream.pointer, key.pointer, nil, nil, 0, nil, nil), "the key cannot be written")
    self.pem = stream.bytes()
  }

  /// - Parameter pem: PKCS #8 or SEC 1 in PEM, without a passphrase.
  /// - Throws: ``CryptographyError`` if it is none.
  package init(pem: [UInt8]) throws(CryptographyError) {
    _ = try Self.parse(pem)
    self.pem = pem
  }

  package var description: String { "PrivateKey" }

  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The key for the library.
  func makeKey() throws(CryptographyError) -> Owned<OpaquePointer> {
    try Self.parse(self.pem)
  }

  private static func parse(_ pem: [UInt8]) throws(CryptographyError) -> Owned<OpaquePointer> {
    let stream = try MemoryStream.reading(pem)
    // Without this function the library would ask on the terminal for a passphrase.
    guard let key = PEM_read_bio_PrivateKey(stream.pointer, nil, { _, _, _, _ in -1 }, nil) else {
      throw CryptographyError(.malformed, "not a private key in PEM without a passphrase: \(ErrorQueue.take())")
    }
    let owned = try Owned(key, "no key") { EVP_PKEY_free($0) }
    guard EVP_PKEY_is_a(owned.pointer, "EC") == 1 else {
      throw CryptographyError(.malformed, "not an elliptic-curve key")
    }
    return owned
  }
}
