import FoundationEssentials
import Glibc
import KubernetesModel

extension CredentialPlugin {
  /// How long a plugin may take, unless it talks with a person.
  static let timeLimit: Duration = .seconds(30)
  /// Five minutes for a person who types a password.
  static let interactiveTimeLimit: Duration = .seconds(300)

  /// Runs the plugin and reads its answer.
  ///
  /// - Throws: ``ConfigurationError`` naming file, user and what the plugin did; `CancellationError`.
  func run(
    timeLimit: Duration = Self.timeLimit, hasTerminal: Bool = isatty(STDIN_FILENO) == 1
  ) async throws -> Credential {
    guard self.interaction != .always || hasTerminal else {
      throw self.error("wants to ask a person, but standard input is no terminal")
    }
    let isInteractive = self.interaction != .never && hasTerminal
    var environment = ProcessInfo.processInfo.environment
    environment.merge(self.environment) { _, ours in ours }
    environment["KUBERNETES_EXEC_INFO"] = String(
      decoding: self.request(isInteractive: isInteractive).serialized(), as: UTF8.self)
    let process = PluginProcess(
      command: self.command, arguments: self.arguments, environment: environment, isInteractive: isInteractive,
      timeLimit: isInteractive ? max(timeLimit, Self.interactiveTimeLimit) : timeLimit)
    switch await process.run() {
    case .notStarted(let reason): throw self.error("cannot be started: \(reason)")
    case .timedOut: throw self.error("did not end within \(timeLimit)")
    case .tooMuchOutput: throw self.error("printed more than \(PluginProcess.largestOutput) bytes")
    case .cancelled: throw CancellationError()
    case .signalled(let signal): throw self.error("was ended by signal \(signal)")
    case .exited(0, let output, _): return try self.credential(from: output)
    case .exited(let code, _, let complaint):
      throw self.error("ended with code \(code)\(complaint.isEmpty ? "" : ": \(complaint)")")
    }
  }
}
