import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Holds a data folder for one instance.
///
/// The kernel lets go of it when the process ends, however it ends.
final class DataFolderLock: Sendable {
  /// Nil once released.
  private let descriptor: Mutex<Int32?>

  /// Creates the folder if need be and takes its lock.
  ///
  /// - Throws: ``APIServerError`` with code `folderUnusable` or `folderLocked`.
  init(folder: String) throws(APIServerError) {
    try Self.createFolder(folder)
    let path = folder + "/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw APIServerError(.folderUnusable, "cannot write in the data folder '\(folder)': \(Self.reason(errno))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      _ = close(descriptor)
      guard number == EWOULDBLOCK else {
        throw APIServerError(.folderUnusable, "cannot lock the data folder '\(folder)': \(Self.reason(number))")
      }
      throw APIServerError(.folderLocked, "the data folder '\(folder)' is in use by another instance")
    }
    self.descriptor = Mutex(descriptor)
  }

  deinit { self.release() }

  /// Leaves the folder to the next instance.
  func release() {
    self.descriptor.withLock { descriptor in
      if let open = descriptor { _ = close(open) }
      descriptor = nil
    }
  }

  private static func createFolder(_ folder: String) throws(APIServerError) {
    var path = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      path += (path.isEmpty || path.hasSuffix("/") ? "" : "/") + part
      guard mkdir(path, 0o700) == 0 || errno == EEXIST || errno == EISDIR else {
        throw APIServerError(.folderUnusable, "cannot create the data folder '\(folder)': \(Self.reason(errno))")
      }
    }
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
