import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import TestSupport

/// The real kubectl, with a home folder of its own, since it keeps what it discovers there.
struct Kubectl: Sendable {
  /// How long one command may take on a machine that does other things.
  static let patience: Duration = .seconds(60)

  /// Holds the kubeconfig and the home.
  let folder: String

  /// How a command ended.
  struct Finished: Sendable {
    /// The exit code; nil if a signal ended it.
    var status: Int32?
    var output: String
    var errors: String

    /// The words of each line.
    var rows: [[String]] { self.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) } }
  }

  /// A command that did not do what was asked.
  struct Refused: Error, CustomStringConvertible {
    var arguments: [String]
    var finished: Finished
    var description: String {
      "kubectl \(self.arguments.joined(separator: " ")): \(self.finished.status ?? -1): \(self.finished.errors)"
    }
  }

  /// Where kubectl lies; nil if it is not on the PATH.
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/kubectl" }.first { access($0, X_OK) == 0 }

  static var isInstalled: Bool { self.path != nil }

  /// Runs a command to its end, and gives its output.
  ///
  /// - Throws: ``Refused`` unless its exit code is 0.
  @discardableResult
  func callAsFunction(_ arguments: String..., input: String = "") async throws -> Finished {
    let finished = try await self.run(arguments, input: input)
    guard finished.status == 0 else { throw Refused(arguments: arguments, finished: finished) }
    return finished
  }

  /// Runs a command to its end.
  func run(_ arguments: [String], input: String = "", variables: [String: String] = [:]) async throws -> Finished {
    try await withThrowingTaskGroup(of: Finished.self) { group in
      group.addTask {
        let result = try await Subprocess.run(
          .path(FilePath(Self.path ?? "kubectl")), arguments: Arguments(arguments),
          environment: self.environment(variables), workingDirectory: FilePath(self.folder), input: .string(input),
          output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
        return Finished(
          status: Self.code(result.terminationStatus), output: result.standardOutput,
          errors: result.standardError)
      }
      group.addTask {
        try await Task.sleep(for: Self.patience)
        throw NeverEnded(arguments: arguments)
      }
      defer { group.cancelAll() }
      guard let finished = try await group.next() else { throw CancellationError() }
      return finished
    }
  }

  private struct NeverEnded: Error {
    var arguments: [String]
  }

  /// Runs a command while `body` reads what it writes; afterwards it gets SIGTERM if it has not ended by itself.
  ///
  /// - Returns: the exit code; nil if a signal ended it.
  @discardableResult
  func following(_ arguments: String..., body: (Output) async throws -> Void) async throws -> Int32? {
    let path = "\(self.folder)/\(UUID().uuidString).out"
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    let result = try await Subprocess.run(
      .path(FilePath(Self.path ?? "kubectl")), arguments: Arguments(arguments), environment: self.environment(),
      workingDirectory: FilePath(self.folder), input: .none,
      output: .fileDescriptor(file, closeAfterSpawningProcess: true), error: .combinedWithOutput
    ) { execution in
      let output = Output(path: path, processIdentifier: execution.processIdentifier.value)
      let outcome: Result<Void, any Error>
      do {
        outcome = .success(try await body(output))
      } catch {
        outcome = .failure(error)
      }
      if !output.isComplete { kill(output.processIdentifier, SIGTERM) }
      try outcome.get()
    }
    return Self.code(result.terminationStatus)
  }

  /// What a command that still runs has written.
  struct Output: Sendable {
    fileprivate let path: String
    fileprivate let processIdentifier: Int32

    var text: String {
      // Not written yet is empty.
      (try? Data(contentsOf: URL(filePath: self.path))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Whether the process has ended; it stays until it is reaped, so its number is still its own.
    var isComplete: Bool {
      var information = siginfo_t()
      let result = waitid(P_PID, id_t(self.processIdentifier), &information, WEXITED | WNOHANG | WNOWAIT)
      return result != 0 || information.si_signo != 0
    }

    /// Waits until so many lines hold `text`.
    func lines(_ count: Int = 1, with text: String) async throws {
      try await eventually("\(count) lines with '\(text)' in:\n\(self.text)", within: Kubectl.patience) {
        self.text.split(separator: "\n").count { $0.contains(text) } >= count
      }
    }

    /// Waits until the command ends by itself.
    func end() async throws {
      try await eventually("kubectl ends", within: Kubectl.patience) { self.isComplete }
    }
  }

  private func environment(_ variables: [String: String] = [:]) -> Subprocess.Environment {
    var all: [Subprocess.Environment.Key: String?] = [
      "HOME": self.folder, "KUBECONFIG": "\(self.folder)/kubeconfig", "TMPDIR": self.folder,
      "KUBECTL_EXTERNAL_DIFF": nil,
    ]
    for (name, value) in variables { all[Subprocess.Environment.Key(stringLiteral: name)] = value }
    return .inherit.updating(all)
  }

  private static func code(_ status: TerminationStatus) -> Int32? {
    if case .exited(let code) = status { code } else { nil }
  }
}
