import FoundationEssentials
import Glibc
import ServerSupport

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
    do throws(BoundedFileError) {
      return try BoundedFile.read(path, upTo: Self.maximumBytes)
    } catch {
      switch error.code {
      case .missing: return nil
      case .tooLarge: throw LocalError(.badData, error.message)
      default: throw LocalError(.noInput, error.message)
      }
    }
  }

  private static func unwritable(_ path: String) -> LocalError {
    LocalError(.cannotCreate, "\(path): cannot be written: \(String(cString: strerror(errno)))")
  }
}
