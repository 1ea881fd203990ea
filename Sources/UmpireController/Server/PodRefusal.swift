import KubernetesModel
import UmpireModel

/// What a Server's condition says when the API server refuses its Pod.
enum PodRefusal {
  /// The API server's words, and which container they are about where that is the sidecar's.
  ///
  /// LimitRange and ResourceQuota name neither the container nor the field that changes it.
  static func message(_ text: String, for server: Server, defaults: SidecarDefaults) -> String {
    guard server.spec.sidecar.enabled, Self.isAboutResources(text) else { return text }
    let resources =
      server.spec.sidecar.resources == nil
      ? "\(defaults.resources)" : "what sidecar.resources says"
    return text + "; the container \(SidecarSpec.containerName) has \(resources), which sidecar.resources changes"
  }

  /// Whether a LimitRange rejects what a container has, or a ResourceQuota requires what it lacks.
  private static func isAboutResources(_ text: String) -> Bool {
    ["usage per Container", "limit to request ratio", "usage per Pod", "must specify"].contains { text.contains($0) }
  }
}
