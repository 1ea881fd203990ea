import Dispatch
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// What to start, with everything expanded.
package struct ContainerLaunch: Sendable, Hashable {
  /// A path, or a bare name to look for in the `PATH` of `environment`.
  package var program: String
  /// What follows the program's name.
  package var arguments: [String]
  /// Every variable that the process gets; it inherits none.
  package var environment: [String: String]
  /// The folder to start in; the node's own if nil.
  package var workingDirectory: String?

  /// Creates a launch.
  package init(
    program: String, arguments: [String] = [], environment: [String: String] = [:], workingDirectory: String? = nil
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
  }
}

/// How a process ended.
package enum ContainerExit: Sendable, Hashable {
  /// It ended by itself with this code.
  case exited(Int32)
  /// This signal ended it.
  case signaled(Int32)
}

/// How a process is asked to end, and how it is made to.
package enum StopSignal: Sendable, Hashable {
  /// SIGTERM.
  case terminate
  /// SIGKILL.
  case kill
}

/// One running process and all that it has started: it leads a session of its own, whose group is signalled as a whole.
package final class ContainerProcess: Sendable {
  /// The process's number.
  package let processIdentifier: Int32
  // Nil once the process is over. Signals are sent under this lock, and the number is given up before the process is
  // reaped, so a signal never reaches a stranger that got the number later.
  private let group: Mutex<Int32?>

  private init(_ processIdentifier: Int32) {
    self.processIdentifier = processIdentifier
    self.group = Mutex(processIdentifier)
  }

  /// Sends a signal to the whole group.
  ///
  /// Does nothing once the process is over.
  package func send(_ signal: StopSignal) {
    self.group.withLock { group in
      guard let group else { return }
      kill(-group, signal == .kill ? SIGKILL : SIGTERM)
    }
  }

  /// Starts a process and stays with it until it is over; what it writes goes to `log`.
  ///
  /// When the process ends, whatever is left of its group is killed. When the calling task is cancelled, the group gets
  /// SIGTERM and, after `shutdownGrace`, SIGKILL.
  ///
  /// - Parameter onStart: Called once, as soon as the process runs.
  /// - Throws: ``ContainerProblem`` if it could not be started.
  package static func run(
    _ launch: ContainerLaunch, log: ContainerLog, shutdownGrace: Duration,
    onStart: @Sendable (ContainerProcess) -> Void
  ) async throws -> ContainerExit {
    let executable = try launch.executable()
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [
      .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: shutdownGrace)
    ]
    var environment: [Subprocess.Environment.Key: String] = [:]
    for (name, value) in launch.environment { environment[Subprocess.Environment.Key(stringLiteral: name)] = value }
    do {
      let result = try await Subprocess.run(
        executable, arguments: Arguments(launch.arguments), environment: .custom(environment),
        workingDirectory: launch.workingDirectory.map { FilePath($0) }, platformOptions: options, input: .none,
        output: .sequence, error: .combinedWithOutput
      ) { execution in
        let process = ContainerProcess(execution.processIdentifier.value)
        onStart(process)
        await process.drain(execution.standardOutput, to: log)
        await process.waitUntilOver()
        process.finish()
      }
      switch result.terminationStatus {
      case .exited(let code): return .exited(code)
      case .signaled(let signal): return .signaled(signal)
      }
    } catch let error as SubprocessError {
      throw ContainerProblem(reason: .run, message: "cannot start \(launch.program): \(error)")
    }
  }

  private func drain(_ output: SubprocessOutputSequence, to log: ContainerLog) async {
    // A failing read means that there is no more output; a failing write must not stop the container. Both end nothing
    // but the logging of what is lost.
    do {
      for try await buffer in output {
        try? buffer.withUnsafeBytes { try log.append($0) }  // A full disk costs output, not the process.
      }
    } catch {}
  }

  /// Returns once the process is over, though not reaped yet.
  ///
  /// Deliberately deaf to cancellation: a process that is being torn down is still there.
  private func waitUntilOver() async {
    var pause = 1
    while !self.isOver {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(pause)) { continuation.resume() }
      }
      pause = min(pause * 2, 100)
    }
  }

  /// Whether the process has ended.
  ///
  /// It stays a zombie, so its number is still its own.
  private var isOver: Bool {
    var information = siginfo_t()
    let result = waitid(P_PID, id_t(self.processIdentifier), &information, WEXITED | WNOHANG | WNOWAIT)
    return result != 0 || information.si_signo != 0
  }

  /// Ends what the process left behind in its group, and gives its number up.
  private func finish() {
    self.group.withLock { group in
      if let group { kill(-group, SIGKILL) }
      group = nil
    }
  }
}

extension ContainerLaunch {
  /// Finds the program, so that one that is missing is told apart from one that fails to start.
  fileprivate func executable() throws(ContainerProblem) -> Executable {
    if let workingDirectory {
      var isDirectory = false
      guard FileManager.default.fileExists(atPath: workingDirectory, isDirectory: &isDirectory), isDirectory else {
        throw ContainerProblem(reason: .create, message: "working directory \(workingDirectory) does not exist")
      }
    }
    if self.program.contains("/") {
      let path = self.absolute(self.program)
      guard FileManager.default.fileExists(atPath: path) else {
        throw ContainerProblem(reason: .create, message: "program \(self.program) does not exist")
      }
      guard Self.isProgram(path) else {
        throw ContainerProblem(reason: .create, message: "program \(self.program) may not be executed")
      }
      return .path(FilePath(path))
    }
    let folders = (self.environment["PATH"] ?? "").split(separator: ":")
    for folder in folders where folder.hasPrefix("/") && Self.isProgram("\(folder)/\(self.program)") {
      return .path(FilePath("\(folder)/\(self.program)"))
    }
    throw ContainerProblem(
      reason: .create, message: "program \(self.program) is neither an image of this node nor on the PATH")
  }

  private func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return "\(self.workingDirectory ?? FileManager.default.currentDirectoryPath)/\(path)"
  }

  private static func isProgram(_ path: String) -> Bool {
    var isDirectory = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory
      && FileManager.default.isExecutableFile(atPath: path)
  }
}
