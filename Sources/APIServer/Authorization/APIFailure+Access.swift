import KubernetesModel

extension APIFailure {
  /// Returns the failure of a request that roles do not allow.
  static func forbidden(_ user: RequestUser, _ attributes: AccessAttributes, reason: String) -> APIFailure {
    let suffix = reason.isEmpty ? "" : ": \(reason)"
    let who = "User \"\(user.username)\" cannot \(attributes.verb)".escapedForHTML
    switch attributes.target {
    case .path(let path):
      return APIFailure(
        403, "Forbidden", "forbidden: \(who) path \"\(path.escapedForHTML)\"\(suffix)", details: .object([:]))
    case .resource(let target):
      let scope = target.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(target.namespace)\""
      let what = "resource \"\(target.combined)\" in API group \"\(target.group)\" \(scope)".escapedForHTML
      let resource = GroupResource(group: target.group, resource: target.resource)
      let name = target.name.isEmpty ? "" : " \"\(target.name)\""
      return APIFailure(
        403, "Forbidden", "\(resource)\(name) is forbidden: \(who) \(what)\(suffix)",
        details: APIFailure.details(resource, name: target.name))
    }
  }
}

extension String {
  /// The text with HTML's special characters escaped, since it repeats parts of a request.
  fileprivate var escapedForHTML: String {
    self.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
