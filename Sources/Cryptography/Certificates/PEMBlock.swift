import COpenSSL

/// One block of a PEM file.
struct PEMBlock {
  /// What stands after `BEGIN`.
  var name: String
  /// What is between the lines, decoded.
  var bytes: [UInt8]

  /// The next block, or nil at the end.
  ///
  /// - Throws: ``CryptographyError`` if a block has begun and is not sound.
  static func next(in stream: borrowing MemoryStream) throws(CryptographyError) -> PEMBlock? {
    var name: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var data: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard PEM_read_bio(stream.pointer, &name, &header, &data, &count) == 1 else {
      let reason = ERR_peek_last_error()
      if ErrorQueue.tookNoStartLine() { return nil }
      let text = ERR_reason_error_string(reason).map { String(cString: $0) } ?? "damaged"
      throw CryptographyError(.malformed, "a PEM block is not sound: \(text)")
    }
    defer {
      CRYPTO_free(name, #file, #line)
      CRYPTO_free(header, #file, #line)
      CRYPTO_clear_free(data, count, #file, #line)
    }
    return PEMBlock(
      name: name.map { String(cString: $0) } ?? "", bytes: Array(UnsafeBufferPointer(start: data, count: count)))
  }
}
