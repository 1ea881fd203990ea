import KubernetesModel
import UmpireModel

/// The container of a Pod that is the game, as the Pod's status reports it.
///
/// The Pod's phase does not tell about it: the phase stays `Running` while a container restarts, and after the game has
/// ended beside a container that goes on.
struct GameContainer: Equatable {
  /// What the container does.
  enum State: Equatable {
    /// The Pod's status does not report it: the phase is all that is known.
    case unreported
    /// It has never run.
    case notStarted
    /// It runs.
    case running
    /// It has ended, and the kubelet starts it again.
    case restarting(exitCode: Int64?)
    /// It has ended, and nobody starts it again.
    case ended(exitCode: Int64)
  }

  /// The container's name.
  let name: String
  /// What it does.
  let state: State
  /// How often it was started again; each time another life of the game begins.
  let restarts: Int64
  /// When its last life ended, by the node's clock; nil while it lives its first.
  let lastEnd: Timestamp?

  /// Reads the game's state from a Pod.
  init(of server: Server, in pod: Pod) {
    let container =
      server.spec.gameContainer.flatMap { name in pod.spec.containers.first { $0.name == name } }
      ?? pod.spec.containers.first
    self.name = container?.name ?? ""
    guard let status = pod.status?.containerStatuses?.first(where: { [name] in $0.name == name }),
      let state = status.state
    else {
      self.state = .unreported
      self.restarts = server.status?.gameRestarts ?? 0
      self.lastEnd = server.status?.gameEndTime
      return
    }
    self.restarts = status.restartCount
    // A kubelet that has lost the record of what ended knows at least when the next life began.
    self.lastEnd =
      status.restartCount == 0 ? nil : status.lastState?.terminated?.finishedAt ?? state.running?.startedAt
    // A container's own policy overrides that of its Pod (Kubernetes 1.34).
    let policy = container?.fields["restartPolicy"]?.stringValue ?? pod.spec.restartPolicy ?? "Always"
    if state.running != nil {
      self.state = .running
    } else if let terminated = state.terminated {
      let isRestarted = policy == "Always" || policy == "OnFailure" && terminated.exitCode != 0
      self.state =
        isRestarted && !pod.metadata.isBeingDeleted
        ? .restarting(exitCode: terminated.exitCode) : .ended(exitCode: terminated.exitCode)
    } else if status.restartCount > 0 || status.lastState?.terminated != nil {
      self.state = .restarting(exitCode: status.lastState?.terminated?.exitCode)
    } else {
      self.state = .notStarted
    }
  }

  /// Why players cannot be on it; nil while they can.
  var absence: Condition? {
    let name = self.name
    func condition(_ reason: String, _ message: String) -> Condition {
      Condition(type: ConditionTypes.ready, status: .false, reason: reason, message: "container \"\(name)\" \(message)")
    }
    switch self.state {
    case .unreported, .running: return nil
    case .notStarted: return condition("GameNotStarted", "has not started yet")
    case .restarting(let code):
      return condition("GameRestarting", "has ended\(code.map { " with exit code \($0)" } ?? ""), and is started again")
    case .ended(let code): return condition("GameEnded", "has ended with exit code \(code)")
    }
  }
}
