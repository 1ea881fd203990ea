import KubernetesModel

/// A subject of a binding.
struct RoleBindingSubject: Sendable, Hashable {
  /// `User`, `Group` or `ServiceAccount`.
  var kind: String
  var name: String
  /// The namespace of a service account; empty for the binding's own.
  var namespace: String

  init(_ json: JSONValue) {
    self.kind = json["kind"]?.stringValue ?? ""
    self.name = json["name"]?.stringValue ?? ""
    self.namespace = json["namespace"]?.stringValue ?? ""
  }

  /// Whether the subject is, or includes, a user; `namespace` is the binding's, empty for the cluster.
  func includes(_ user: RequestUser, namespace: String) -> Bool {
    switch self.kind {
    case "User": return user.username == self.name
    case "Group": return user.groups.contains(self.name)
    case "ServiceAccount":
      let namespace = self.namespace.isEmpty ? namespace : self.namespace
      return !namespace.isEmpty
        && user.username == ServiceAccountName(namespace: namespace, name: self.name).username
    default: return false
    }
  }

  /// The subject as reasons name it.
  func description(namespace: String) -> String {
    guard self.kind == "ServiceAccount" else { return "\(self.kind) \"\(self.name)\"" }
    return "\(self.kind) \"\(self.name)/\(self.namespace.isEmpty ? namespace : self.namespace)\""
  }
}
