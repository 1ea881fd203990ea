package import KubernetesModel
package import UmpireModel

/// Says whether a Server may be deleted.
package enum DeletionRule {
  /// The answer.
  package enum Decision: Sendable, Equatable {
    /// It may go.
    case allowed(Reason)
    /// It must stay: these gates are not true. Look again after `recheckAfter` at the latest.
    case waiting(gates: [String], recheckAfter: Duration)
  }

  /// Why a Server may go.
  package enum Reason: String, Sendable, Equatable {
    case podGone = "PodGone"
    case podNeverStarted = "PodNeverStarted"
    case podEnded = "PodEnded"
    case gameEnded = "GameEnded"
    case gameNotRunning = "GameNotRunning"
    case forceDelete = "ForceDelete"
    case killed = "Killed"
    case timeout = "Timeout"
    case nodeLost = "NodeLost"
    case gatesPassed = "GatesPassed"
  }

  /// How often a waiting Server is looked at again; it never grows.
  package static let recheckInterval: Duration = .seconds(2)

  /// Decides.
  ///
  /// - Parameters:
  ///   - pod: the Server's Pod; nil only if it is known to be gone.
  ///   - grantedGates: gates that are known to be true beyond what the Server's conditions say.
  ///   - isNodeLossOver: whether the Pod's node is lost for good; see ``NodeLoss/over``.
  package static func decide(
    server: Server, pod: Pod?, grantedGates: Set<String> = [], isNodeLossOver: Bool = false, now: Timestamp
  ) -> Decision {
    guard let pod else { return .allowed(.podGone) }
    switch pod.phase {
    case .succeeded, .failed: return .allowed(.podEnded)
    case .pending where !Self.hasStarted(pod): return .allowed(.podNeverStarted)
    case .pending, .running, .unknown: break
    }
    // Nobody can be playing where no game runs.
    let game = GameContainer(of: server, in: pod)
    switch game.state {
    case .ended: return .allowed(.gameEnded)
    case .restarting: return .allowed(.gameNotRunning)
    case .notStarted: return .allowed(.podNeverStarted)
    case .unreported, .running: break
    }
    if isNodeLossOver { return .allowed(.nodeLost) }
    if server.spec.allowForceDelete { return .allowed(.forceDelete) }
    if server.spec.opsState == .kill { return .allowed(.killed) }
    var recheckAfter = Self.recheckInterval
    if let deletion = server.metadata.deletionTimestamp {
      let left = server.spec.timeout.duration - now.duration(since: deletion)
      if left <= .zero { return .allowed(.timeout) }
      recheckAfter = min(recheckAfter, left)
    }
    // A sidecar that was asked does not know which life of the game has told it.
    let granted = game.restarts == 0 ? grantedGates : []
    let closed = server.closedDeletableGates(restarts: game.restarts).filter { !granted.contains($0) }
    return closed.isEmpty ? .allowed(.gatesPassed) : .waiting(gates: closed, recheckAfter: recheckAfter)
  }

  /// Whether any main container of the Pod runs or ever ran: before that nobody can be playing.
  private static func hasStarted(_ pod: Pod) -> Bool {
    pod.status?.containerStatuses?.contains {
      $0.state?.running != nil || $0.state?.terminated != nil || $0.lastState?.terminated != nil || $0.restartCount > 0
    } ?? false
  }
}
