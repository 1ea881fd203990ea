import KubernetesModel

/// The Pod whose token a request came with.
///
/// The API server says so of every token that it made for the service account of a Pod
/// (<https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>). Whoever holds such a token cannot
/// change what it says.
struct CallingPod: Sendable, Hashable {
  private static let nameField = "authentication.kubernetes.io/pod-name"
  private static let uidField = "authentication.kubernetes.io/pod-uid"

  /// Namespace and name.
  var key: ObjectKey
  /// Tells the Pod from another one that has its name.
  var uid: String?

  /// Reads who asks.
  ///
  /// - Returns: nil for people, and for whatever else has no Pod.
  init?(_ user: AdmissionRequest.UserInfo?) {
    // system:serviceaccount:NAMESPACE:NAME
    let parts = (user?.username ?? "").split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
      let name = user?.value(of: Self.nameField)
    else { return nil }
    self.key = ObjectKey(namespace: String(parts[2]), name: name)
    self.uid = user?.value(of: Self.uidField)
  }
}

extension AdmissionRequest.UserInfo {
  fileprivate func value(of field: String) -> String? { self.extra?[field]??.first }
}
