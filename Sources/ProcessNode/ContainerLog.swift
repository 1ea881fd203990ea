import FoundationEssentials
package import KubernetesModel
import Synchronization
import SystemPackage

/// A container's output on disk, each line behind the time at which it began, and bounded in size.
///
/// Once the file has grown to its limit it becomes `<path>.1`, in place of the one before it, and a new file begins. What
/// the run before wrote last is in `<path>.previous`. So no more than three times the limit is kept.
package final class ContainerLog: Sendable {
  /// Where the newest output lies.
  package let path: String
  private let limit: Int
  private let state: Mutex<State>

  private struct State {
    var file: FileDescriptor
    var size: Int
    /// Whether the next byte begins a line.
    var beginsLine = true
  }
  private let now: @Sendable () -> Timestamp

  /// Opens the file, and makes its folder if need be.
  ///
  /// - Parameters:
  ///   - limit: The size in bytes from which a file is rotated.
  ///   - startsRun: Whether a new run of the container begins, so that what is there is that of the run before.
  ///   - now: The present time.
  /// - Throws: An error of the file system.
  package init(
    path: String, limit: Int, startsRun: Bool = false, now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
  ) throws {
    self.path = path
    self.now = now
    self.limit = max(limit, 1)
    let folder = FilePath(path).removingLastComponent().string
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if startsRun { try Self.setAside(path) }
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
    guard !bytes.isEmpty else { return }
    try self.state.withLock { state in
      var lines = self.marked(bytes, beginsLine: state.beginsLine)
      if state.size > 0, state.size + lines.count > self.limit {
        let fresh = try self.rotate()
        // The old file stays readable under its new name whether or not this close succeeds.
        try? state.file.close()
        // What a line is cut into is marked part by part, so that every file begins with a mark.
        lines = self.marked(bytes, beginsLine: true)
        state = State(file: fresh, size: 0)
      }
      state.beginsLine = lines.last == UInt8(ascii: "\n")
      state.size += try state.file.writeAll(lines)
    }
  }

  /// The bytes with the time before each line that begins in them.
  private func marked(_ bytes: UnsafeRawBufferPointer, beginsLine: Bool) -> [UInt8] {
    let mark = Array("\(self.now().formatted(fraction: true)) ".utf8)
    var marked: [UInt8] = []
    marked.reserveCapacity(bytes.count + mark.count)
    var rest = bytes[...]
    var needsMark = beginsLine
    while !rest.isEmpty {
      if needsMark { marked += mark }
      let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
      marked += rest[..<end]
      rest = rest[end...]
      needsMark = true
    }
    return marked
  }

  /// Keeps the newest output of the run before under another name.
  private static func setAside(_ path: String) throws {
    for old in [path + ".previous", path + ".1"] where FileManager.default.fileExists(atPath: old) {
      try FileManager.default.removeItem(atPath: old)
    }
    guard FileManager.default.fileExists(atPath: path) else { return }
    try FileManager.default.moveItem(atPath: path, toPath: path + ".previous")
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
