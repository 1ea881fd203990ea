import Dispatch
import Glibc
import Synchronization

/// Runs a program to its end, without a shell, with bounded time and output.
///
/// It is a thin layer over `posix_spawn` on a queue of its own: this module is part of the sidecar, which runs beside
/// every game server and never needs more than this.
struct PluginProcess: Sendable {
  /// A path, or a name to be found in `PATH`.
  var command: String
  var arguments: [String]
  var environment: [String: String]
  /// Whether it is given our standard input, and its complaints go to our standard error.
  var isInteractive: Bool
  var timeLimit: Duration

  /// Credentials are a few kilobytes.
  static let largestOutput = 1 << 20
  private static let largestComplaint = 4 << 10
  /// How often the end of the time and of the process is looked for.
  private static let slice: Int32 = 20

  enum Ending: Sendable, Equatable {
    case notStarted(String)
    case exited(Int32, output: [UInt8], complaint: String)
    case signalled(Int32)
    case timedOut
    case tooMuchOutput
    case cancelled
  }

  private final class Cancellation: Sendable {
    let isCancelled = Mutex(false)
  }

  /// Runs the program; cancelling the task kills it.
  func run() async -> Ending {
    let cancellation = Cancellation()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "umpire.credential-plugin").async {
          continuation.resume(returning: self.runBlocking { cancellation.isCancelled.withLock { $0 } })
        }
      }
    } onCancel: {
      cancellation.isCancelled.withLock { $0 = true }
    }
  }

  private func runBlocking(isCancelled: () -> Bool) -> Ending {
    guard !isCancelled() else { return .cancelled }
    guard let output = Pipe(), let complaints = Pipe() else { return .notStarted(Self.reason(errno)) }
    defer {
      output.close()
      complaints.close()
    }
    let identifier: pid_t
    switch self.spawn(output: output.writeEnd, complaints: complaints.writeEnd) {
    case .failure(let failure): return .notStarted(failure.reason)
    case .success(let started): identifier = started
    }
    output.closeWriteEnd()
    complaints.closeWriteEnd()
    let deadline = ContinuousClock.now.advanced(by: self.timeLimit)
    var status: Int32 = 0
    while true {
      Pipe.wait(for: [output, complaints], milliseconds: Self.slice)
      let hasEnded = waitpid(identifier, &status, WNOHANG) == identifier
      output.drain(upTo: Self.largestOutput + 1)
      complaints.drain(upTo: Self.largestComplaint)
      if output.bytes.count > Self.largestOutput {
        if !hasEnded { self.kill(identifier) }
        return .tooMuchOutput
      }
      if hasEnded { break }
      if isCancelled() || ContinuousClock.now >= deadline {
        self.kill(identifier)
        return isCancelled() ? .cancelled : .timedOut
      }
    }
    guard status & 0x7F == 0 else { return .signalled(status & 0x7F) }
    return .exited((status >> 8) & 0xFF, output: output.bytes, complaint: Self.line(complaints.bytes))
  }

  private struct SpawnFailure: Error {
    var reason: String
  }

  private func spawn(output: Int32, complaints: Int32) -> Result<pid_t, SpawnFailure> {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if !self.isInteractive {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO)
    }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Signals as any program expects them; a group of its own, so that its children end with it.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    // A process that is to read the terminal must stay in the foreground's group.
    let group = self.isInteractive ? 0 : POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))
    let arguments = ([self.command] + self.arguments).map { strdup($0) }
    let environment = self.environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in arguments + environment { free(text) } }
    var identifier: pid_t = 0
    let code = posix_spawnp(&identifier, self.command, &actions, &attributes, arguments + [nil], environment + [nil])
    return code == 0 ? .success(identifier) : .failure(SpawnFailure(reason: Self.reason(code)))
  }

  private func kill(_ identifier: pid_t) {
    _ = Glibc.kill(self.isInteractive ? identifier : -identifier, SIGKILL)
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
  }

  private static func reason(_ code: Int32) -> String {
    code == ENOENT ? "no such file or command" : String(cString: strerror(code))
  }

  /// The last line, printable: mostly the one that says what was wrong.
  private static func line(_ bytes: [UInt8]) -> String {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
    let last = lines.last { !$0.allSatisfy(\.isWhitespace) } ?? ""
    return String(last.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(500).map(Character.init))
  }
}

/// One pipe from a child: both ends, and what was read.
private final class Pipe {
  private let readEnd: Int32
  private(set) var writeEnd: Int32
  private var isAtEnd = false
  private(set) var bytes: [UInt8] = []

  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    // A child started elsewhere at this very moment may keep a copy: what counts is the end of the process, not that of
    // the pipe.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.readEnd = ends[0]
    self.writeEnd = ends[1]
    _ = fcntl(self.readEnd, F_SETFL, O_NONBLOCK)
  }

  func closeWriteEnd() {
    guard self.writeEnd >= 0 else { return }
    _ = Glibc.close(self.writeEnd)
    self.writeEnd = -1
  }

  func close() {
    self.closeWriteEnd()
    _ = Glibc.close(self.readEnd)
  }

  /// Reads what is there, and keeps the first `limit` bytes of it all.
  func drain(upTo limit: Int) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    // A few rounds: a child that prints without end must not keep us here.
    for _ in 0..<64 where !self.isAtEnd {
      let count = read(self.readEnd, &buffer, buffer.count)
      if count == 0 { self.isAtEnd = true }
      guard count > 0 else { return }
      self.bytes += buffer[..<min(count, max(0, limit - self.bytes.count))]
    }
  }

  /// Returns once there is something to read, or after the time.
  static func wait(for pipes: [Pipe], milliseconds: Int32) {
    var descriptors = pipes.filter { !$0.isAtEnd }.map { pollfd(fd: $0.readEnd, events: Int16(POLLIN), revents: 0) }
    _ = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
  }
}
