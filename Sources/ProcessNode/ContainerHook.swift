package import KubernetesModel

/// What is done right after a container's start: the `postStart` of its `lifecycle`.
///
/// The container counts as started once the hook has ended well, and is killed if it ends badly.
package enum ContainerHook: Sendable, Hashable {
  /// Run this command in the container's environment; it must end with 0.
  case exec(command: [String])
  /// Send this request once; it must be answered with a status from 200 to 399.
  case ask(ContainerProbe)
  /// Let this time pass.
  case sleep(Duration)

  /// Reads the hook of a container; nil if it has none, or one that cannot be run.
  package init?(of container: Container) {
    guard let handler = container.fields["lifecycle"]?["postStart"] else { return nil }
    if let command = handler["exec"]?["command"]?.arrayValue?.compactMap(\.stringValue), !command.isEmpty {
      self = .exec(command: command)
    } else if let seconds = handler["sleep"]?["seconds"]?.integerValue {
      self = .sleep(.seconds(min(max(seconds, 0), 86_400)))
    } else if let probe = ContainerProbe(handler, of: container) {
      self = .ask(probe)
    } else {
      return nil
    }
  }

  /// Runs the hook of a container that was just started.
  ///
  /// - Parameters:
  ///   - launch: What the container was started with.
  ///   - images: Where the command is looked up if it is a bare name.
  ///   - log: Gets what the command writes. A kubelet discards it.
  ///   - address: The Pod's address.
  /// - Returns: Why the hook has failed; nil if it has ended well.
  /// - Throws: `CancellationError`.
  func run(
    beside launch: ContainerLaunch, images: ImageTable, log: ContainerLog, address: String
  ) async throws -> String? {
    switch self {
    case .sleep(let duration):
      try await Task.sleep(for: duration)
      return nil
    case .ask(let probe):
      return await probe.ask(at: address) ? nil : "the request has failed"
    case .exec(let command):
      do {
        var launch = launch
        let commandLine = images.commandLine(command)
        launch.program = commandLine.program
        launch.arguments = commandLine.arguments
        let exit = try await ContainerProcess.run(launch, log: log, shutdownGrace: .zero) { _ in }
        try Task.checkCancellation()
        switch exit {
        case .exited(0): return nil
        case .exited(let code): return "the command has ended with code \(code)"
        case .signaled(let signal): return "signal \(signal) has ended the command"
        }
      } catch let problem as ContainerProblem {
        return problem.message
      }
    }
  }
}
