import FoundationEssentials
import Glibc
import SystemPackage

/// Ends the processes that an earlier node left behind.
///
/// Every container carries the node's state root in its environment, and so does whatever it starts. The sweep reads the
/// environment of every process on the machine, and kills those that carry its own root. It must run before the node
/// starts anything, and only by the one node that holds the root.
package struct OrphanSweep: Sendable {
  /// The state root whose processes are orphans.
  package let stateRoot: String

  /// Creates a sweep.
  package init(stateRoot: String) { self.stateRoot = stateRoot }

  /// Kills every orphan and waits until it is gone.
  ///
  /// - Parameter limit: How long to keep trying.
  /// - Returns: How many processes were ended, and those that are still there.
  package func run(limit: Duration = .seconds(10)) async throws -> Outcome {
    var ended: Set<ProcessRecord> = []
    let deadline = ContinuousClock.now.advanced(by: limit)
    while true {
      let orphans = self.orphans()
      if orphans.isEmpty || ContinuousClock.now >= deadline {
        return Outcome(ended: ended.subtracting(orphans).count, remaining: orphans.map(\.processIdentifier))
      }
      for orphan in orphans { Self.end(orphan) }
      ended.formUnion(orphans)
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Kills every orphan, without waiting for its end.
  package func endOnce() {
    for orphan in self.orphans() { Self.end(orphan) }
  }

  /// What a sweep did.
  package struct Outcome: Sendable, Hashable {
    /// How many processes are gone.
    package var ended: Int
    /// The numbers of those that could not be ended.
    package var remaining: [Int32]
  }

  /// The processes that carry the marker, without this one and its ancestors.
  func orphans() -> [ProcessRecord] {
    let marker = Array("\(EnvironmentBuilder.stateMarker)=\(self.stateRoot)".utf8)
    let exempt = Self.ownLine()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []  // Without /proc there is none.
    return names.compactMap { Int32($0) }.filter { !exempt.contains($0) }.compactMap { processIdentifier in
      guard let record = ProcessRecord(processIdentifier),
        let environment = ProcessRecord.read("/proc/\(processIdentifier)/environ"),
        environment.split(separator: 0).contains(where: { $0.elementsEqual(marker) })
      else { return nil }
      return record
    }
  }

  /// Kills the orphan, and its group if it leads one.
  private static func end(_ orphan: ProcessRecord) {
    // Between the scan and now the number may have gone to somebody else, who would have started later.
    guard let present = ProcessRecord(orphan.processIdentifier), present == orphan else { return }
    if orphan.group == orphan.processIdentifier { kill(-orphan.group, SIGKILL) }
    kill(orphan.processIdentifier, SIGKILL)
  }

  /// This process and its ancestors: a node that was itself started by a container must not end itself.
  private static func ownLine() -> Set<Int32> {
    var line: Set<Int32> = []
    var next = getpid()
    while next > 0, line.insert(next).inserted { next = ProcessRecord(next)?.parent ?? 0 }
    return line
  }
}

/// A process as `/proc` shows it.
///
/// Two records are equal only if they speak of the same process.
struct ProcessRecord: Sendable, Hashable {
  let processIdentifier: Int32
  /// The number of the process that started it.
  let parent: Int32
  /// The number of its process group.
  let group: Int32
  /// Clock ticks between the machine's start and the process's.
  let startTime: UInt64

  /// Reads a process; nil if there is none of that number.
  init?(_ processIdentifier: Int32) {
    guard let bytes = Self.read("/proc/\(processIdentifier)/stat") else { return nil }
    self.init(processIdentifier, stat: String(decoding: bytes, as: UTF8.self))
  }

  /// Reads the contents of `/proc/<number>/stat`.
  init?(_ processIdentifier: Int32, stat: String) {
    // The second field is the program's name in parentheses; it may itself hold spaces and parentheses.
    guard let close = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
      let startTime = UInt64(fields[19])
    else { return nil }
    self.processIdentifier = processIdentifier
    self.parent = parent
    self.group = group
    self.startTime = startTime
  }

  /// The contents of a small file of `/proc`, whose size is not known beforehand; nil if it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    // The process may be gone, or belong to somebody else.
    guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
    defer { try? file.close() }  // Nothing was written.
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while contents.count < 4 << 20 {
      // A process that ends while it is read has no more to say.
      guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 else { break }
      contents += buffer[..<count]
    }
    return contents
  }
}
