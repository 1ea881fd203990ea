import COpenSSL

/// Message authentication codes of RFC 2104 with SHA-256.
package enum HMACSHA256 {
  /// The length of a code in bytes.
  package static let byteCount = 32

  /// The code of `message` under `key`, 32 bytes.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package static func code(for message: [UInt8], key: [UInt8]) throws(CryptographyError) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Self.byteCount)
    var count: UInt32 = 0
    guard key.count <= Int(Int32.max) else { throw CryptographyError(.invalidArgument, "the key is too long") }
    // A null key would mean the key of an earlier call.
    let bytes = key.isEmpty ? [0] : key
    let result = HMAC(EVP_sha256(), bytes, Int32(key.count), message, message.count, &code, &count)
    guard result != nil, Int(count) == Self.byteCount else {
      throw CryptographyError(.libraryFailure, "no authentication code: \(ErrorQueue.take())")
    }
    return code
  }

  /// Whether `code` is that of `message` under `key`, compared in constant time.
  package static func isValid(
    _ code: [UInt8], for message: [UInt8], key: [UInt8]
  ) throws(CryptographyError) -> Bool {
    ConstantTime.areEqual(try Self.code(for: message, key: key), code)
  }
}
