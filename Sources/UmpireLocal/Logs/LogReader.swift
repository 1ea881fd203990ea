import FoundationEssentials
import Glibc

/// Reads a file that grows and may be replaced by a new one, from the beginning or its last lines.
struct LogReader: Sendable {
  static let chunkBytes = 64 << 10
  private let path: String
  private let tailLines: Int?
  private var file: LogFile?
  private var offset = 0

  init(path: String, tailLines: Int? = nil) {
    self.path = path
    self.tailLines = tailLines
  }

  /// What has been added since the last call, at most 64 KiB; empty if nothing has.
  ///
  /// A file that is not there yet is an empty one.
  ///
  /// - Throws: ``LocalError`` if the file cannot be read.
  mutating func next() throws(LocalError) -> [UInt8] {
    if self.file == nil {
      guard let file = try LogFile(path: self.path) else { return [] }
      self.file = file
      self.offset = try self.tailLines.map { lines throws(LocalError) in try file.offset(ofLast: lines) } ?? 0
    }
    let bytes = try self.read()
    guard bytes.isEmpty, let file = self.file, let newer = try LogFile(path: self.path), newer.identity != file.identity
    else { return bytes }
    // The old file gets nothing any more once it has been replaced, but may have until then.
    let last = try self.read()
    guard last.isEmpty else { return last }
    self.file = newer
    self.offset = 0
    return try self.read()
  }

  private mutating func read() throws(LocalError) -> [UInt8] {
    guard let file = self.file else { return [] }
    let bytes = try file.read(at: self.offset, count: Self.chunkBytes)
    self.offset += bytes.count
    return bytes
  }
}

/// An open file.
private final class LogFile: Sendable {
  struct Identity: Sendable, Hashable {
    var device: UInt64
    var node: UInt64
  }

  let identity: Identity
  private let size: Int
  private let path: String
  private let descriptor: Int32

  /// Opens a file; nil if there is none.
  init?(path: String) throws(LocalError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0, errno == ENOENT || errno == ENOTDIR { return nil }
    guard descriptor >= 0 else { throw Self.error(path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = Self.error(path)
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
    self.size = Int(status.st_size)
    self.identity = Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
  }

  deinit { close(self.descriptor) }

  /// The bytes from a place on; fewer at the file's end.
  func read(at offset: Int, count: Int) throws(LocalError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var result = -1
      repeat {
        result = pread(self.descriptor, buffer.baseAddress, count, off_t(offset))
      } while result < 0 && errno == EINTR
      failed = result < 0
      initialized = max(result, 0)
    }
    if failed { throw Self.error(self.path) }
    return bytes
  }

  /// Where the last lines begin; a line without an end counts as one.
  func offset(ofLast lines: Int) throws(LocalError) -> Int {
    guard lines > 0 else { return self.size }
    var found = 0
    var end = self.size
    while end > 0 {
      let start = max(0, end - LogReader.chunkBytes)
      let block = try self.read(at: start, count: end - start)
      for index in block.indices.reversed() where block[index] == UInt8(ascii: "\n") {
        // The very last one ends the last line, and begins none.
        guard start + index != self.size - 1 else { continue }
        found += 1
        if found == lines { return start + index + 1 }
      }
      end = start
    }
    return 0
  }

  private static func error(_ path: String) -> LocalError {
    LocalError(.software, "\(path): cannot be read: \(String(cString: strerror(errno)))")
  }
}
