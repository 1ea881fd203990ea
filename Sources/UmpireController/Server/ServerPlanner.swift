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
    /// Bring the status up to date and wait for changes.
    case observe
    /// Ask the sidecar whether the Server may go, and look again after this time.
    case askForPermission(recheckAfter: Duration)
    /// Delete the Pod; the Server may go.
    case deletePod(DeletionRule.Reason)
    /// The Pod is on its way out.
    case awaitPodEnd
    /// The Pod seems to be gone; make sure of it, and let the Server go.
    case finish
    /// It is no longer ours to hold.
    case ignore
  }

  static func plan(
    _ server: Server, pod: Pod?, grantedGates: Set<String> = [], now: Timestamp
  ) -> (action: Action, status: ServerStatus) {
    guard server.metadata.isBeingDeleted else {
      let status = ServerStatusPlanner.status(of: server, pod: pod, now: now)
      if !server.metadata.hasFinalizer(Finalizers.deletionGate) { return (.addFinalizer, status) }
      if server.spec.opsState == .kill, server.metadata.controller == nil { return (.deleteServer, status) }
      return (pod == nil && status.state == .starting ? .createPod : .observe, status)
    }
    // The Pod is to outlive its Server.
    if server.metadata.orphansChildren { return (.ignore, server.status ?? ServerStatus()) }
    let decision = DeletionRule.decide(server: server, pod: pod, grantedGates: grantedGates, now: now)
    let status = ServerStatusPlanner.status(of: server, pod: pod, deletion: decision, now: now)
    guard server.metadata.hasFinalizer(Finalizers.deletionGate) else { return (.ignore, status) }
    guard let pod else { return (.finish, status) }
    if pod.metadata.isBeingDeleted { return (.awaitPodEnd, status) }
    switch decision {
    case .allowed(let reason): return (.deletePod(reason), status)
    case .waiting(_, let recheckAfter): return (.askForPermission(recheckAfter: recheckAfter), status)
    }
  }
}
