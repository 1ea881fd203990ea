import FoundationEssentials
import Glibc
import ServerSupport

/// A process as `/proc` shows it.
struct ProcessEntry: Sendable, Hashable {
  var pid: Int32
  /// Who has started it.
  var parent: Int32
  /// When it was started, in ticks since the machine was: two processes of one number differ in it.
  var startTime: UInt64
  /// Its arguments with spaces between them; empty for the kernel's own.
  var commandLine: String
  /// Whether it has ended, and only its number is left.
  var isZombie: Bool

  /// Whether `name` stands in the command line, as whole words: what is before it is the start, a space or a `/`, and
  /// what is behind it the end or a space.
  func isNamed(_ name: String) -> Bool {
    guard !name.isEmpty else { return false }
    let (line, word) = (Array(self.commandLine.utf8), Array(name.utf8))
    guard line.count >= word.count else { return false }
    for start in 0...(line.count - word.count) where line[start..<(start + word.count)].elementsEqual(word) {
      let end = start + word.count
      let beginsWord = start == 0 || line[start - 1] == UInt8(ascii: " ") || line[start - 1] == UInt8(ascii: "/")
      if beginsWord, end == line.count || line[end] == UInt8(ascii: " ") { return true }
    }
    return false
  }
}

/// The processes that this one sees: all of the Pod's, if its Pod shares them.
struct ProcessTable: Sendable {
  /// Where the kernel shows them.
  var folder = "/proc"
  /// The own process, which is never meant.
  var own = getpid()

  /// Bytes of a command line that are looked at.
  static let longestCommandLine = 64 << 10

  /// Every process but the own one, those of the kernel, and those that have ended.
  func entries() -> [ProcessEntry] {
    // Without the folder there is nothing to see.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: self.folder)) ?? []
    return names.compactMap { Int32($0) }.sorted().compactMap { pid in
      pid == self.own ? nil : self.entry(pid)
    }.filter { !$0.isZombie && !$0.commandLine.isEmpty }
  }

  /// One process; nil if there is none.
  func entry(_ pid: Int32) -> ProcessEntry? {
    // Processes come and go while they are looked at.
    guard let stat = try? BoundedFile.read("\(self.folder)/\(pid)/stat", upTo: 16 << 10),
      let line = try? BoundedFile.read("\(self.folder)/\(pid)/cmdline", upTo: Self.longestCommandLine)
    else { return nil }
    return Self.entry(pid, stat: stat, commandLine: line)
  }

  /// Reads what the kernel wrote.
  static func entry(_ pid: Int32, stat: [UInt8], commandLine: [UInt8]) -> ProcessEntry? {
    // The second field is a name in parentheses that may hold anything; what follows the last one is plain.
    guard let close = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = String(decoding: stat[(close + 1)...], as: UTF8.self).split(separator: " ")
    guard fields.count > 19, let parent = Int32(fields[1]), let startTime = UInt64(fields[19]) else { return nil }
    let words = commandLine.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    return ProcessEntry(
      pid: pid, parent: parent, startTime: startTime,
      commandLine: words.joined(separator: " ").trimming(while: { $0 == " " }),
      isZombie: ["Z", "X", "x"].contains(fields[0]))
  }

  /// The processes that a signal is for.
  ///
  /// A process that looks like its parent is a fork of it, which may be about to become another program; it is not meant
  /// unless all are.
  ///
  /// - Throws: ``UpdateFault`` naming the processes, if there is none, or several and not `all` are meant.
  static func choose(_ loading: SignalLoading, among entries: [ProcessEntry]) throws(UpdateFault) -> [ProcessEntry] {
    let named = entries.filter { $0.isNamed(loading.processName) }
    let found = named.filter { entry in
      loading.all || !named.contains { $0.pid == entry.parent && $0.commandLine == entry.commandLine }
    }
    guard !found.isEmpty else {
      throw UpdateFault(.noProcess, "no process is named '\(loading.processName)'; is shareProcessNamespace set?")
    }
    guard found.count == 1 || loading.all else {
      let pids = found.prefix(20).map { String($0.pid) }.joined(separator: ", ")
      throw UpdateFault(
        .severalProcesses,
        "\(found.count) processes are named '\(loading.processName)': \(pids); all: true means them all",
        processes: found.map(\.pid))
    }
    return found
  }

  /// Sends the signal to every process that is named.
  ///
  /// - Returns: their numbers.
  /// - Throws: ``UpdateFault`` if there is none, several are not meant, or one does not take it.
  func send(_ loading: SignalLoading) throws(UpdateFault) -> [Int32] {
    let found = try Self.choose(loading, among: self.entries())
    for process in found {
      // Its number may have gone to another one meanwhile.
      guard self.entry(process.pid)?.startTime == process.startTime else {
        throw UpdateFault(.noProcess, "process \(process.pid) has just ended", processes: [process.pid])
      }
      guard kill(process.pid, loading.signal.number) == 0 else {
        let reason = String(cString: strerror(errno))
        throw UpdateFault(
          .notLoaded, "process \(process.pid) cannot be sent \(loading.signal.name): \(reason)",
          processes: [process.pid])
      }
    }
    return found.map(\.pid)
  }
}

/// Why a patch was not downloaded or not loaded.
struct UpdateFault: Error, Sendable, Hashable, CustomStringConvertible {
  enum Kind: Sendable, Hashable {
    case notDownloaded
    case noProcess
    case severalProcesses
    case notLoaded
  }

  var kind: Kind
  /// One sentence for a person.
  var description: String
  /// The processes that it is about.
  var processes: [Int32]

  init(_ kind: Kind, _ description: String, processes: [Int32] = []) {
    self.kind = kind
    self.description = description
    self.processes = processes
  }
}
