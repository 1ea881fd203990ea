import KubernetesModel
import UmpireModel

/// Tells evictions and the cluster autoscaler whether a Server's Pod may be taken away: a label has the namespace's
/// disruption budget hold the Pod, an annotation has the cluster autoscaler leave its node alone.
enum EvictionGuard {
  /// Has a new Pod protected, unless its Server never is.
  static func protect(_ metadata: inout ObjectMeta, of server: Server) {
    let isProtected = !server.spec.allowForceDelete
    metadata.annotations = [Annotations.safeToEvict: isProtected ? "false" : "true"]
    if isProtected { metadata.labels = (metadata.labels ?? [:]).merging([Labels.protected: "true"]) { $1 } }
  }

  /// The merge patch that has the Pod say what is true now; nil if it does.
  ///
  /// A Pod whose game has not begun, has ended or restarts is left as it is: nobody plays there, and it is about to change
  /// anyway. So is one of a Server that is going, for it goes as soon as it may.
  static func patch(for server: Server, pod: Pod, now: Timestamp) -> JSONValue? {
    guard !server.metadata.isBeingDeleted, !pod.metadata.isBeingDeleted, pod.phase == .running else { return nil }
    var mayGo = false
    if case .allowed(let reason) = DeletionRule.decide(server: server, pod: pod, now: now) {
      switch reason {
      case .podNeverStarted, .podEnded, .gameEnded, .gameNotRunning: return nil
      case .podGone, .forceDelete, .killed, .timeout, .nodeLost, .gatesPassed: mayGo = true
      }
    }
    let value = mayGo ? "true" : "false"
    let isProtected = pod.metadata.label(Labels.protected) == "true"
    guard pod.metadata.annotation(Annotations.safeToEvict) != value || isProtected == mayGo else { return nil }
    return [
      "metadata": [
        "annotations": [Annotations.safeToEvict: .string(value)], "labels": [Labels.protected: mayGo ? .null : "true"],
      ]
    ]
  }
}
