import KubernetesModel
import KubernetesRuntime
import UmpireModel

/// What is known of the node that a Pod is on.
enum NodeState: Sendable, Equatable {
  /// The Pod has no node, or nothing is known of it.
  case unknown
  /// The node is ready.
  case ready
  /// The node is not ready, or the cluster does not reach it.
  case notReady
  /// There is no such Node object any more.
  case deleted

  /// What a Node says of itself, and the node controller of it.
  init(_ node: Node) {
    self = (node.status?.conditions ?? []).isTrue("Ready") ? .ready : .notReady
  }
}

/// What the state of its node means for a Server.
///
/// ```
///   none ──not ready──> waiting ──nodeLossTimeout──> replaced ──timeout, Node deleted──> over
///     ^                    │                             │
///     └───────ready────────┴─────────────────────────────┘
/// ```
enum NodeLoss: Sendable, Equatable {
  /// The node is there, or nothing is known of it.
  case none
  /// The node may return soon: look again after `recheckAfter`.
  case waiting(recheckAfter: Duration)
  /// The Fleet makes a replacement, and leaves this Server alone: the node may still return with the game running.
  case replaced(recheckAfter: Duration)
  /// The node has been away for the Server's timeout, or does not exist any more.
  case over

  /// Decides.
  ///
  /// The time of the loss is that of the Server's own condition, so that it outlives a restart of the controller.
  static func decide(_ server: Server, node: NodeState, now: Timestamp) -> NodeLoss {
    switch node {
    case .unknown, .ready: return .none
    case .deleted: return .over
    case .notReady: break
    }
    let condition = server.status?.conditions[type: ConditionTypes.nodeLost]
    let since = condition?.status == .true ? condition?.lastTransitionTime ?? now : now
    let lost = now.duration(since: since)
    if lost >= server.spec.timeout.duration { return .over }
    if lost >= server.spec.nodeLossTimeout.duration {
      return .replaced(recheckAfter: server.spec.timeout.duration - lost)
    }
    return .waiting(
      recheckAfter: min(server.spec.nodeLossTimeout.duration, server.spec.timeout.duration) - lost)
  }

  /// When to look again, if time alone changes what is to be done.
  var recheckAfter: Duration? {
    switch self {
    case .none, .over: nil
    case .waiting(let recheckAfter), .replaced(let recheckAfter): recheckAfter
    }
  }

  /// Whether the node has been away for longer than a restart takes.
  var isLong: Bool {
    switch self {
    case .none, .waiting: false
    case .replaced, .over: true
    }
  }

  /// The condition `NodeLost`; nil where there is nothing to say, as the node was never lost.
  func condition(of server: Server, node: NodeState, nodeName: String) -> Condition? {
    func condition(_ status: Condition.Truth, _ reason: String, _ message: String) -> Condition {
      Condition(type: ConditionTypes.nodeLost, status: status, reason: reason, message: message)
    }
    switch self {
    case .none:
      let isKnown = server.status?.conditions.isTrue(ConditionTypes.nodeLost) ?? false
      // Nothing is known to be well again.
      guard isKnown, node == .ready else { return nil }
      return condition(.false, "NodeReady", "node \(nodeName) is ready again")
    case .waiting:
      return condition(.true, NodeLossReason.notReady, "node \(nodeName) is not ready")
    case .replaced:
      return condition(
        .true, NodeLossReason.replaced,
        "node \(nodeName) has not been ready for \(server.spec.nodeLossTimeout); the Fleet makes a replacement")
    case .over where node == .deleted:
      return condition(.true, NodeLossReason.deleted, "node \(nodeName) does not exist any more")
    case .over:
      return condition(
        .true, NodeLossReason.timeout, "node \(nodeName) has not been ready for \(server.spec.timeout)")
    }
  }
}

/// Reasons of the condition `NodeLost`.
enum NodeLossReason {
  static let notReady = "NodeNotReady"
  static let replaced = "Replaced"
  static let timeout = "Timeout"
  static let deleted = "NodeDeleted"
}

extension StoreChange<Node> {
  /// Whether the change concerns the Servers on the node.
  ///
  /// A Node that is new is that of Pods which may have been seen before it.
  var changesNodeState: Bool {
    guard case .updated(let before, let node) = self else { return true }
    return NodeState(before) != NodeState(node)
  }
}

extension Server {
  /// Whether its node is lost for so long that its Fleet has made, or makes, a replacement.
  var isReplacedAsLost: Bool {
    let condition = self.status?.conditions[type: ConditionTypes.nodeLost]
    return condition?.status == .true && condition?.reason == NodeLossReason.replaced
  }
}
