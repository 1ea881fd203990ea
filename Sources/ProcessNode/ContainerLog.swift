import FoundationEssentials
import Synchronization
import SystemPackage

/// A container's output on disk, appended over all of its runs and bounded in size.
///
/// Once the file has grown to its limit it becomes `<path>.1`, in place of the one before it, and a new file begins. So
/// no more than twice the limit is kept.
package final class ContainerLog: Sendable {
  /// Where the newest output lies.
  package let path: String
  private let limit: Int
  private let state: Mutex<State>

  private struct State {
    var file: FileDescriptor
    var size: Int
  }

  /// Opens the file, and makes its folder if need be.
  ///
  /// - Parameter limit: The size in bytes from which a file is rotated.
  /// - Throws: An error of the file system.
  package init(path: String, limit: Int) throws {
    self.path = path
    self.limit = max(limit, 1)
    let folder = FilePath(path).removingLastComponent().string
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = try Self.open(path)
    self.state = Mutex(State(file: file, size: Int(try file.seek(offset: 0, from: .end))))
  }

  deinit {
    // Nothing can be done about a file that does not close.
    try? self.state.withLock { $0.file }.close()
  }

  /// Appends what a container wrote.
  ///
  /// - Throws: An error of the file system, such as a full disk.
  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    try self.state.withLock { state in
      if state.size > 0, state.size + bytes.count > self.limit {
        let fresh = try self.rotate()
        // The old file stays readable under its new name whether or not this close succeeds.
        try? state.file.close()
        state = State(file: fresh, size: 0)
      }
      state.size += try state.file.writeAll(bytes)
    }
  }

  private func rotate() throws -> FileDescriptor {
    let old = self.path + ".1"
    if FileManager.default.fileExists(atPath: old) { try FileManager.default.removeItem(atPath: old) }
    try FileManager.default.moveItem(atPath: self.path, toPath: old)
    return try Self.open(self.path)
  }

  private static func open(_ path: String) throws -> FileDescriptor {
    try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec], permissions: [.ownerReadWrite, .groupRead])
  }
}
