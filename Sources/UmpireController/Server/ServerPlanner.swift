import KubernetesModel
import UmpireModel

/// What to do about a Server: observed state in, one action out.
enum ServerPlanner {
  enum Action: Equatable {
    /// Put our finalizer on; the object is changed by that and comes again.
    case addFinalizer
    /// Make the Pod.
    case createPod
    /// Somebody has a Server killed that no Fleet replaces: delete it.
    case deleteServer
    /// Bring the status up to date and wait for changes; look again after this time if there is one.
    case observe(recheckAfter: Duration?)
    /// Ask the sidecar whether the Server may go, and look again after this time.
    case askForPermission(recheckAfter: Duration)
    /// Delete the Pod; the Server may go.
    ///
    /// With `force` the API server does not wait for the node, which is lost.
    case deletePod(DeletionRule.Reason, force: Bool)
    /// The Pod is on its way out; look again after this time if there is one.
    case awaitPodEnd(recheckAfter: Duration?)
    /// The Pod seems to be gone; make sure of it, and let the Server go.
    case finish
    /// It is no longer ours to hold.
    case ignore
  }

  static func plan(
    _ server: Server, pod: Pod?, node: NodeState = .unknown, grantedGates: Set<String> = [], now: Timestamp
  ) -> (action: Action, status: ServerStatus) {
    let loss = NodeLoss.decide(server, node: node, now: now)
    guard server.metadata.isBeingDeleted else {
      let status = ServerStatusPlanner.status(of: server, pod: pod, node: node, now: now)
      if !server.metadata.hasFinalizer(Finalizers.deletionGate) { return (.addFinalizer, status) }
      if server.spec.opsState == .kill, server.metadata.controller == nil { return (.deleteServer, status) }
      if pod == nil, status.state == .starting { return (.createPod, status) }
      return (.observe(recheckAfter: loss.recheckAfter), status)
    }
    // The Pod is to outlive its Server.
    if server.metadata.orphansChildren { return (.ignore, server.status ?? ServerStatus()) }
    let decision = DeletionRule.decide(
      server: server, pod: pod, grantedGates: grantedGates, isNodeLossOver: loss == .over, now: now)
    let status = ServerStatusPlanner.status(of: server, pod: pod, node: node, deletion: decision, now: now)
    guard server.metadata.hasFinalizer(Finalizers.deletionGate) else { return (.ignore, status) }
    guard let pod else { return (.finish, status) }
    // A lost node does not say that the Pod has ended.
    if pod.metadata.isBeingDeleted, loss != .over { return (.awaitPodEnd(recheckAfter: loss.recheckAfter), status) }
    switch decision {
    case .allowed(let reason): return (.deletePod(reason, force: loss.isLong), status)
    case .waiting(_, let recheckAfter): return (.askForPermission(recheckAfter: recheckAfter), status)
    }
  }
}
