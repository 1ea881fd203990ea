import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// The folder that patches are put into.
struct UpdateFolder: Sendable {
  let path: String
  /// Files are written where nobody waits but who wants to.
  private static let queue = DispatchQueue(label: "umpire.hot-update")

  private static let prefix = ".umpire-update-"
  private static let suffix = ".part"

  init(_ path: String) { self.path = path.hasSuffix("/") && path != "/" ? String(path.dropLast()) : path }

  /// Whether a file of this name is one of ours that is not finished.
  static func isTemporary(_ name: String) -> Bool { name.hasPrefix(Self.prefix) && name.hasSuffix(Self.suffix) }

  /// Makes the folder, and removes what a process that ended early has left in it.
  ///
  /// - Throws: ``UpdateFault`` if there can be no such folder.
  func prepare() async throws {
    try await Self.perform {
      do {
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
      } catch {
        throw UpdateFault(.notDownloaded, "the folder \(self.path) cannot be made")
      }
      // What cannot be listed now is found out when a file is written.
      for name in (try? FileManager.default.contentsOfDirectory(atPath: self.path)) ?? [] where Self.isTemporary(name) {
        unlink("\(self.path)/\(name)")
      }
    }
  }

  /// Lets `body` write a file, which gets its name only when all of it is on the disk.
  ///
  /// - Returns: the path of the file.
  /// - Throws: ``UpdateFault``, and what `body` throws; nothing is left then, and an earlier file is as it was.
  func write(_ name: String, _ body: (UnfinishedFile) async throws -> Void) async throws -> String {
    try await self.prepare()
    let temporary = "\(self.path)/\(Self.prefix)\(UInt64.random(in: 0 ... .max))\(Self.suffix)"
    let file = try await Self.perform { try UnfinishedFile(temporary) }
    do {
      try await body(file)
      let path = "\(self.path)/\(name)"
      try await Self.perform { try file.finish(as: path, in: self.path) }
      return path
    } catch {
      file.abandon()
      throw error
    }
  }

  /// Does something that may wait for a disk.
  static func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Self.queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}

/// A file that is being written under a name of its own.
final class UnfinishedFile: Sendable {
  private let temporary: String
  private let descriptor: Mutex<Int32?>

  fileprivate init(_ temporary: String) throws(UpdateFault) {
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw Self.fault("no file can be made") }
    self.temporary = temporary
    self.descriptor = Mutex(descriptor)
  }

  /// Writes the next bytes.
  func append(_ bytes: [UInt8]) async throws {
    try await UpdateFolder.perform {
      try self.descriptor.withLock { descriptor in
        guard let descriptor else { throw UpdateFault(.notDownloaded, "the file is closed") }
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { throw Self.fault("the file cannot be written") }
          rest = rest.dropFirst(count)
        }
      }
    }
  }

  /// Brings all bytes to the disk, and gives the file its name in one step.
  fileprivate func finish(as path: String, in folder: String) throws {
    try self.descriptor.withLock { descriptor in
      guard let open = descriptor else { throw UpdateFault(.notDownloaded, "the file is closed") }
      guard fsync(open) == 0 else { throw Self.fault("the file cannot be written") }
      close(open)
      descriptor = nil
    }
    guard rename(self.temporary, path) == 0 else { throw Self.fault("the file cannot be put into its place") }
    let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    // The file is in its place; that a crash of the machine may lose the name is the folder's matter.
    fsync(parent)
    close(parent)
  }

  /// Removes what was written.
  fileprivate func abandon() {
    self.descriptor.withLock { descriptor in
      if let descriptor { close(descriptor) }
      descriptor = nil
    }
    unlink(self.temporary)
  }

  private static func fault(_ what: String) -> UpdateFault {
    UpdateFault(.notDownloaded, "\(what): \(String(cString: strerror(errno)))")
  }
}
