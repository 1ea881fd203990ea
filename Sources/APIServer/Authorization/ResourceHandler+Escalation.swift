import KubernetesModel

/// Prevents users from granting permissions that they do not have (privilege escalation).
extension ResourceHandler {
  /// Checks a role or a binding that is to be written.
  ///
  /// - Throws: ``APIFailure`` with code 403, or 404 for a binding to a role that does not exist.
  func checkEscalation(_ new: APIObject, replacing old: APIObject?) throws(APIFailure) {
    let name = self.resource.definition.name
    guard !self.user.isPrivileged, RolePolicy.resources.contains(name) else { return }
    if let old, Self.grantsTheSame(new, old) { return }
    let policy = self.context.roles.snapshot
    let namespace = self.path.namespace ?? ""
    var target = AccessAttributes.ResourceTarget(
      group: self.resource.group, resource: self.resource.definition.names.plural, name: self.path.name ?? "",
      namespace: namespace)
    let rules: [AccessRule]
    if [BuiltInResources.roles, BuiltInResources.clusterRoles].contains(name) {
      if policy.decide(self.user, AccessAttributes("escalate", target)).isAllowed { return }
      rules = AccessRule.rules(of: new)
      // Aggregation can add any rule later.
      if new.json["aggregationRule"] ?? .null != .null {
        let everything = [
          AccessRule(["*"], groups: ["*"], resources: ["*"]), AccessRule(["*"], urls: ["*"]),
        ]
        try self.checkHeld(
          everything, policy, namespace, new, "must have cluster-admin privileges to use the aggregationRule")
      }
    } else {
      let kind = new[path: "roleRef.kind"]?.stringValue ?? ""
      let role = new[path: "roleRef.name"]?.stringValue ?? ""
      target.resource = kind == "ClusterRole" ? "clusterroles" : "roles"
      target.name = role
      if policy.decide(self.user, AccessAttributes("bind", target)).isAllowed { return }
      guard let found = policy.rules(ofRole: kind, role, namespace: namespace) else {
        throw .notFound(
          GroupResource(group: self.resource.group, resource: kind == "ClusterRole" ? "clusterroles" : "roles"), role)
      }
      rules = found
    }
    try self.checkHeld(rules, policy, namespace, new, nil)
  }

  private func checkHeld(
    _ rules: [AccessRule], _ policy: RolePolicy, _ namespace: String, _ object: APIObject, _ detail: String?
  ) throws(APIFailure) {
    let missing = RuleCoverage.missing(rules, from: policy.rules(of: self.user, namespace: namespace))
    guard !missing.isEmpty else { return }
    let groups = self.user.groups.map { "\"\($0)\"" }.joined(separator: " ")
    throw .forbidden(
      self.resource.name, object.name ?? "",
      detail ?? "user \"\(self.user.username)\" (groups=[\(groups)]) is attempting to grant RBAC permissions not "
        + "currently held:\n\(RuleCoverage.description(of: missing))")
  }

  private static func grantsTheSame(_ new: APIObject, _ old: APIObject) -> Bool {
    ["rules", "aggregationRule", "roleRef", "subjects"].allSatisfy { new.json[$0] == old.json[$0] }
  }

  /// Checks the `create` permission of an update or an apply that creates the object.
  func checkMayCreate() throws(APIFailure) {
    let target = AccessAttributes.ResourceTarget(
      group: self.resource.group, resource: self.resource.definition.names.plural, name: self.path.name ?? "",
      namespace: self.path.namespace ?? "")
    let attributes = AccessAttributes("create", target)
    let decision = self.context.roles.snapshot.decide(self.user, attributes)
    guard decision.isAllowed else { throw .forbidden(self.user, attributes, reason: decision.reason) }
  }
}
