import Glibc

/// A file that a program is given by name: a certificate, a key, a secret.
package enum BoundedFile {
  /// Reads a whole file.
  ///
  /// - Parameter waits: whether a pipe is waited for until its writer has come and gone.
  /// - Throws: ``BoundedFileError`` if it is not there, cannot be read, or holds more than `limit` bytes.
  package static func read(
    _ path: String, upTo limit: Int = 1 << 20, waits: Bool = false
  ) throws(BoundedFileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK))
    guard descriptor >= 0 else { throw .failed(path, errno) }
    defer { close(descriptor) }
    return try Self.read(descriptor, name: path, upTo: limit)
  }

  /// Reads the standard input to its end.
  ///
  /// - Throws: ``BoundedFileError`` if it cannot be read, or holds more than `limit` bytes.
  package static func readStandardInput(upTo limit: Int) throws(BoundedFileError) -> [UInt8] {
    try Self.read(STDIN_FILENO, name: "the standard input", upTo: limit)
  }

  private static func read(
    _ descriptor: Int32, name: String, upTo limit: Int
  ) throws(BoundedFileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(limit, 64 << 10) + 1)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .failed(name, errno) }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= limit else {
        throw BoundedFileError(code: .tooLarge, message: "\(name): larger than \(limit) bytes")
      }
    }
  }
}

/// Why a file could not be read.
package struct BoundedFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One sentence for a person, with the path and nothing of the file.
  package var message: String

  /// The message.
  package var description: String { self.message }

  /// The kind of failure; new kinds may be added.
  package struct Code: Sendable, Hashable {
    private enum Kind { case missing, unreadable, tooLarge }
    private let kind: Kind

    /// It is not there.
    package static let missing = Code(kind: .missing)
    /// It is there and cannot be read.
    package static let unreadable = Code(kind: .unreadable)
    /// It holds more than is wanted.
    package static let tooLarge = Code(kind: .tooLarge)
  }

  fileprivate static func failed(_ path: String, _ error: Int32) -> BoundedFileError {
    guard error != ENOENT, error != ENOTDIR else {
      return BoundedFileError(code: .missing, message: "\(path): there is no such file")
    }
    return BoundedFileError(
      code: .unreadable, message: "\(path): cannot be read: \(String(cString: strerror(error)))")
  }
}
