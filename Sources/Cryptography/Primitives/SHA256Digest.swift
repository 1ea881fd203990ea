import COpenSSL

/// The SHA-256 digest of bytes that come piece by piece.
package struct SHA256Digest: ~Copyable {
  /// The length of a digest in bytes.
  package static let byteCount = 32
  private let context: Owned<OpaquePointer>

  /// Begins with no bytes.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package init() throws(CryptographyError) {
    self.context = try Self.begun()
  }

  private static func begun() throws(CryptographyError) -> Owned<OpaquePointer> {
    let context = try Owned(EVP_MD_CTX_new(), "a digest") { EVP_MD_CTX_free($0) }
    guard EVP_DigestInit_ex(context.pointer, EVP_sha256(), nil) == 1 else {
      throw CryptographyError(.libraryFailure, "no digest: \(ErrorQueue.take())")
    }
    return context
  }

  /// Takes in the next bytes.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package mutating func update(_ bytes: [UInt8]) throws(CryptographyError) {
    guard EVP_DigestUpdate(self.context.pointer, bytes, bytes.count) == 1 else {
      throw CryptographyError(.libraryFailure, "no digest: \(ErrorQueue.take())")
    }
  }

  /// The digest of all bytes, 32 bytes.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package consuming func finish() throws(CryptographyError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    guard EVP_DigestFinal_ex(self.context.pointer, &digest, nil) == 1 else {
      throw CryptographyError(.libraryFailure, "no digest: \(ErrorQueue.take())")
    }
    return digest
  }
}
