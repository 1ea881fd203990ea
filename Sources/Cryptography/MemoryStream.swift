import COpenSSL

/// Bytes as the library reads and writes them.
struct MemoryStream: ~Copyable {
  private let stream: Owned<OpaquePointer>

  /// The stream for the library's functions, valid as long as this value lives.
  var pointer: OpaquePointer { self.stream.pointer }

  /// An empty stream to write to.
  init() throws(CryptographyError) {
    self.stream = try Owned(BIO_new(BIO_s_mem()), "cannot make a stream") { BIO_free($0) }
  }

  /// A stream of a copy of `bytes`.
  ///
  /// - Throws: ``CryptographyError`` if these are more than ``maximumBytes``.
  static func reading(_ bytes: [UInt8]) throws(CryptographyError) -> MemoryStream {
    guard bytes.count <= Self.maximumBytes else {
      throw CryptographyError(.malformed, "more than \(Self.maximumBytes) bytes")
    }
    let stream = try MemoryStream()
    guard bytes.isEmpty || BIO_write(stream.pointer, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
      throw CryptographyError(.libraryFailure, "cannot fill a stream: \(ErrorQueue.take())")
    }
    return stream
  }

  /// Everything that was written.
  borrowing func bytes() -> [UInt8] {
    let count = BIO_ctrl_pending(self.pointer)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = Int(max(0, BIO_read(self.pointer, buffer.baseAddress, Int32(clamping: count))))
    }
  }

  /// The most that is read from outside.
  static let maximumBytes = 1 << 20
}
