import KubernetesModel
import UmpireModel

/// Tells the cluster autoscaler whether it may take a node away under a Server.
enum EvictionGuard {
  /// The annotation of a new Pod: it is protected, unless its Server never is.
  static func annotations(for server: Server) -> [String: String] {
    [Annotations.safeToEvict: server.spec.allowForceDelete ? "true" : "false"]
  }

  /// The merge patch that has the Pod say what is true now; nil if it does.
  ///
  /// A Pod that has not begun or has ended is left as it is: nobody plays there, and it is about to change anyway. So is
  /// one of a Server that is going, for it goes as soon as it may.
  static func patch(for server: Server, pod: Pod, now: Timestamp) -> JSONValue? {
    guard !server.metadata.isBeingDeleted, !pod.metadata.isBeingDeleted, pod.phase == .running else { return nil }
    var mayGo = false
    if case .allowed(let reason) = DeletionRule.decide(server: server, pod: pod, now: now) {
      mayGo = reason != .podNeverStarted && reason != .podEnded
    }
    let value = mayGo ? "true" : "false"
    guard pod.metadata.annotation(Annotations.safeToEvict) != value else { return nil }
    return ["metadata": ["annotations": [Annotations.safeToEvict: .string(value)]]]
  }
}
