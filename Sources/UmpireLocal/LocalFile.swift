import FoundationEssentials
import Glibc

/// Files in the state folder, which only their owner can read.
enum LocalFile {
  /// The most that is read from a file that a person names.
  static let maximumBytes = 1 << 20

  /// An absolute path.
  static func absolutePath(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// Writes a file whole or not at all; nobody else can read it at any time.
  ///
  /// - Throws: ``LocalError`` naming the file.
  static func write(_ bytes: [UInt8], to path: String) throws(LocalError) {
    let temporary = "\(path).\(getpid()).new"
    unlink(temporary)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.unwritable(path) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    let isSound = rest.isEmpty && fsync(descriptor) == 0
    guard close(descriptor) == 0, isSound, rename(temporary, path) == 0 else {
      let error = Self.unwritable(path)
      unlink(temporary)
      throw error
    }
  }

  /// Reads a whole file.
  ///
  /// - Returns: nil if it is not there.
  /// - Throws: ``LocalError`` if it cannot be read, or is larger than ``maximumBytes``.
  static func read(_ path: String) throws(LocalError) -> [UInt8]? {
    // Without waiting for a writer, should it be a pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw LocalError(.noInput, "\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw LocalError(.noInput, "\(path): cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { return bytes }
      bytes += buffer.prefix(count)
      guard bytes.count <= Self.maximumBytes else {
        throw LocalError(.badData, "\(path): larger than \(Self.maximumBytes) bytes")
      }
    }
  }

  private static func unwritable(_ path: String) -> LocalError {
    LocalError(.cannotCreate, "\(path): cannot be written: \(String(cString: strerror(errno)))")
  }
}
