import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport

/// One of the project's own programs, as a process of its own.
struct Program: Sendable {
  let processIdentifier: Int32
  /// Where its output goes, standard error included.
  let outputPath: String

  /// What it has written so far.
  var output: String {
    // Not written yet is empty.
    (try? Data(contentsOf: URL(filePath: self.outputPath))).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Sends a signal to the process alone.
  func send(_ signal: Int32) { kill(self.processIdentifier, signal) }

  /// Waits until its output holds a line with `text`, and gives that line.
  func line(with text: String) async throws -> String {
    try await eventually("'\(text)' in the output of the program; there is:\n\(self.output)") {
      self.output.split(separator: "\n").first { $0.contains(text) }.map(String.init)
    }
  }

  /// The folder of the programs that were built with the tests.
  static var folder: String {
    get throws {
      let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex))
    }
  }

  /// Runs a program while `body` runs; afterwards it gets SIGTERM, and SIGKILL if that does not help.
  ///
  /// - Returns: how the program ended.
  @discardableResult
  static func run(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], in folder: String,
    _ body: (Program) async throws -> Void
  ) async throws -> ProgramEnd {
    let path = "\(folder)/\(name)-\(UUID().uuidString).out"
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    var variables: [Subprocess.Environment.Key: String?] = ["KUBECONFIG": nil]
    for (key, value) in environment { variables[Subprocess.Environment.Key(stringLiteral: key)] = value }
    let result = try await Subprocess.run(
      .path(FilePath("\(try Self.folder)/\(name)")), arguments: Arguments(arguments),
      environment: .inherit.updating(variables), input: .none,
      output: .fileDescriptor(file, closeAfterSpawningProcess: true), error: .combinedWithOutput
    ) { execution in
      let program = Program(processIdentifier: execution.processIdentifier.value, outputPath: path)
      let outcome: Result<Void, any Error>
      do {
        outcome = .success(try await body(program))
      } catch {
        outcome = .failure(error)
      }
      if !program.isOver {
        program.send(SIGTERM)
        do {
          try await eventually("the program ends") { program.isOver }
        } catch {
          program.send(SIGKILL)
        }
      }
      try outcome.get()
    }
    switch result.terminationStatus {
    case .exited(let code): return .exited(code)
    case .signaled(let signal): return .signaled(signal)
    }
  }

  /// Runs a program to its end.
  static func finish(
    _ name: String, _ arguments: [String], environment: [String: String] = [:], in folder: String
  ) async throws -> (status: ProgramEnd, output: String) {
    var output = ""
    let status = try await Self.run(name, arguments, environment: environment, in: folder) { program in
      try await eventually("\(name) ends by itself", within: .seconds(120)) { program.isOver }
      output = program.output
    }
    return (status, output)
  }

  /// Whether the process has ended; it stays until it is reaped, so its number is still its own.
  var isOver: Bool {
    var information = siginfo_t()
    let result = waitid(P_PID, id_t(self.processIdentifier), &information, WEXITED | WNOHANG | WNOWAIT)
    return result != 0 || information.si_signo != 0
  }
}

/// How a program ended.
enum ProgramEnd: Sendable, Equatable {
  /// With this code.
  case exited(Int32)
  /// By this signal.
  case signaled(Int32)
}

/// Processes that carry the marker of a node's state folder.
enum NodeProcesses {
  static func all(of stateRoot: String) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []  // Always there on Linux.
    return names.compactMap { Int32($0) }.filter { identifier in
      // A process that has just ended has no environment to read.
      guard let data = try? Data(contentsOf: URL(filePath: "/proc/\(identifier)/environ")) else { return false }
      return String(decoding: data, as: UTF8.self).split(separator: "\0")
        .contains { $0 == "UMPIRE_NODE_STATE=\(stateRoot)" }
    }
  }
}
