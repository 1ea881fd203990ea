import KubernetesModel
import UmpireModel

extension Server {
  /// The deletable gates that are not open.
  ///
  /// What a webhook was asked counts for the generation that it was asked about: since then the Server may have been
  /// taken back, and be full of players again. Whoever asks marks a yes that still stands with each new generation. A
  /// flag that the game has set is nobody's answer, has no time of a question, and stands until it is changed.
  ///
  /// A yes of a game that has ended says nothing of the one that was started since.
  ///
  /// - Parameter restarts: how often the game was started again; nil for as often as the status says.
  func closedDeletableGates(restarts: Int64? = nil) -> [String] {
    self.spec.effectiveDeletableGates.filter { gate in
      guard let status = self.status, status.isTrue(gate, restarts: restarts),
        let condition = status.conditions[type: gate]
      else { return true }
      guard condition.lastProbeTime != nil, let observed = condition.observedGeneration,
        let generation = self.metadata.generation
      else { return false }
      return observed != generation
    }
  }
}
