import COpenSSL

/// Bytes that nobody can guess.
package enum RandomBytes {
  /// - Parameter count: from 0 to 65,536.
  /// - Throws: ``CryptographyError`` if there is no entropy.
  package static func make(_ count: Int) throws(CryptographyError) -> [UInt8] {
    guard (0...65_536).contains(count) else {
      throw CryptographyError(.invalidArgument, "\(count) random bytes: ask for 0 to 65536")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    try ErrorQueue.check(RAND_bytes(&bytes, Int32(count)), "no random bytes")
    return bytes
  }
}
