import KubernetesModel
import KubernetesRuntime
import UmpireModel

/// When a Fleet is looked at because of one of its Servers.
///
/// A look at a Fleet takes time that grows with it. So it is not looked at for changes that mean nothing to it, and the
/// larger it is, the more changes wait for one look: what a change costs does not grow with the Fleet.
enum FleetAttention {
  /// What a Fleet reads of a Server.
  private struct Facts: Equatable {
    var generation: Int64?
    var isGoing: Bool
    var labels: [String: String]?
    var owner: String?
    var deletionCost: String?
    var state: ServerStatus.State?
    var isDeletable: Bool
    var readiness: [String?]
    var isReplacedAsLost: Bool

    init(_ server: Server) {
      let ready = server.status?.conditions[type: ConditionTypes.ready]
      // The spec changes with the generation only.
      self.generation = server.metadata.generation
      self.isGoing = server.metadata.isBeingDeleted
      self.labels = server.metadata.labels
      self.owner = server.metadata.controller?.uid
      self.deletionCost = server.metadata.annotation(Annotations.deletionCost)
      self.state = server.status?.state
      self.isDeletable = server.closedDeletableGates().isEmpty
      self.readiness = [ready?.status.rawValue, ready?.reason, ready?.message]
      self.isReplacedAsLost = server.isReplacedAsLost
    }
  }

  /// Whether a change means anything to the Fleet.
  static func isDrawn(by change: StoreChange<Server>) -> Bool {
    guard case .updated(let before, let server) = change else { return true }
    return Facts(before) != Facts(server)
  }

  /// For how long changes are gathered for a Fleet of so many Servers, up to half a second.
  static func patience(servers: Int) -> Duration {
    let patience = Duration.microseconds(50) * servers
    // It is not worth waiting for less.
    return patience < .milliseconds(1) ? .zero : min(patience, .milliseconds(500))
  }
}
