import FoundationEssentials
import KubernetesModel

/// A token of a Pod's service account that becomes a file (`serviceAccountToken` of a projected volume).
package struct VolumeToken: Sendable, Hashable {
  /// Who may accept it; the API server if nil.
  package var audience: String?
  /// How long it is good for, in seconds.
  package var seconds: Int64
  /// The file's path in the volume.
  package var path: String

  /// Reads a source; an hour is the default of Kubernetes.
  init(_ source: JSONValue) {
    self.audience = source["audience"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    self.seconds = source["expirationSeconds"]?.integerValue ?? 3600
    self.path = source["path"]?.stringValue ?? ""
  }

  /// The request for it: it ends with the Pod.
  func request(for pod: Pod) -> TokenRequest.Spec {
    TokenRequest.Spec(
      audiences: self.audience.map { [$0] }, expirationSeconds: self.seconds,
      boundObjectRef: .init(kind: "Pod", name: pod.metadata.name ?? "", uid: pod.metadata.uid))
  }
}

/// A token that was issued, and when it is time for another.
struct IssuedToken: Sendable, Hashable {
  /// A secret.
  let token: String
  /// When a new one is asked for: after 80 % of its life, as a kubelet does.
  let renewal: Timestamp

  init(_ status: TokenRequest.Status, now: Timestamp) {
    self.token = status.token
    let life = status.expirationTimestamp.duration(since: now)
    self.renewal = now.advanced(by: life * 4 / 5)
  }
}
