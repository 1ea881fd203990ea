import KubernetesModel

/// The result of authorizing a request.
struct AccessDecision: Sendable, Hashable {
  var isAllowed: Bool
  /// The binding that allows the request, or the missing roles of bindings; may be empty.
  var reason = ""
}

/// All roles and bindings, and the decisions that follow from them.
///
/// Rules only allow; an action that no rule allows is denied.
struct RolePolicy: Sendable {
  /// A RoleBinding or a ClusterRoleBinding.
  private struct Binding: Sendable {
    var name: String
    /// Empty for a ClusterRoleBinding.
    var namespace: String
    var roleKind: String
    var roleName: String
    var subjects: [RoleBindingSubject]

    init(_ object: APIObject) {
      self.name = object.name ?? ""
      self.namespace = object.namespace ?? ""
      self.roleKind = object[path: "roleRef.kind"]?.stringValue ?? ""
      self.roleName = object[path: "roleRef.name"]?.stringValue ?? ""
      self.subjects = (object.json["subjects"]?.arrayValue ?? []).map(RoleBindingSubject.init)
    }

    func description(_ subject: RoleBindingSubject) -> String {
      let kind = self.namespace.isEmpty ? "ClusterRoleBinding" : "RoleBinding"
      let name = self.namespace.isEmpty ? self.name : "\(self.name)/\(self.namespace)"
      return "\(kind) \"\(name)\" of \(self.roleKind) \"\(self.roleName)\" to "
        + subject.description(namespace: self.namespace)
    }
  }

  /// The rules of Roles and ClusterRoles.
  private var rules: [StoreKey: [AccessRule]] = [:]
  /// By namespace, empty for those of the cluster; then by name.
  private var bindings: [String: [String: Binding]] = [:]

  /// The resources that a policy is made of.
  static let resources = [
    BuiltInResources.roles, BuiltInResources.clusterRoles, BuiltInResources.roleBindings,
    BuiltInResources.clusterRoleBindings,
  ]

  /// Takes up a role or a binding; nil for one that is gone.
  mutating func set(_ key: StoreKey, _ object: APIObject?) {
    switch key.resource {
    case BuiltInResources.roles, BuiltInResources.clusterRoles: self.rules[key] = object.map(AccessRule.rules)
    case BuiltInResources.roleBindings, BuiltInResources.clusterRoleBindings:
      self.bindings[key.namespace, default: [:]][key.name] = object.map(Binding.init)
      if self.bindings[key.namespace]?.isEmpty == true { self.bindings[key.namespace] = nil }
    default: ()
    }
  }

  /// The rules of the role that a binding names; nil if there is no such role.
  ///
  /// - Parameter namespace: the binding's, which is also that of a Role.
  func rules(ofRole kind: String, _ name: String, namespace: String) -> [AccessRule]? {
    let isCluster = kind == "ClusterRole"
    return self.rules[
      StoreKey(
        resource: isCluster ? BuiltInResources.clusterRoles : BuiltInResources.roles,
        namespace: isCluster ? "" : namespace, name: name)]
  }

  /// Decides over a request.
  func decide(_ user: RequestUser, _ attributes: AccessAttributes) -> AccessDecision {
    if user.isPrivileged { return AccessDecision(isAllowed: true) }
    var missing: [String] = []
    for (binding, subject) in self.bindings(of: user, namespace: attributes.namespace) {
      guard let rules = self.rules(ofRole: binding.roleKind, binding.roleName, namespace: binding.namespace) else {
        missing.append("\(binding.roleKind.lowercased()).rbac.authorization.k8s.io \"\(binding.roleName)\" not found")
        continue
      }
      guard rules.contains(where: { $0.allows(attributes) }) else { continue }
      return AccessDecision(isAllowed: true, reason: "RBAC: allowed by \(binding.description(subject))")
    }
    guard !missing.isEmpty else { return AccessDecision(isAllowed: false) }
    let list = missing.count == 1 ? missing[0] : "[\(missing.joined(separator: ", "))]"
    return AccessDecision(isAllowed: false, reason: "RBAC: \(list)")
  }

  /// Every rule that a user has in a namespace, and in the whole cluster; an empty namespace asks for the latter only.
  func rules(of user: RequestUser, namespace: String) -> [AccessRule] {
    let everything = [
      AccessRule(["*"], groups: ["*"], resources: ["*"]), AccessRule(["*"], urls: ["*"]),
    ]
    return (user.isPrivileged ? everything : [])
      + self.bindings(of: user, namespace: namespace).flatMap { binding, _ in
        self.rules(ofRole: binding.roleKind, binding.roleName, namespace: binding.namespace) ?? []
      }
  }

  /// The bindings that include a user, those of the cluster first, each by name.
  private func bindings(of user: RequestUser, namespace: String) -> [(Binding, RoleBindingSubject)] {
    (namespace.isEmpty ? [""] : ["", namespace]).flatMap { namespace in
      (self.bindings[namespace] ?? [:]).values.sorted { $0.name < $1.name }.compactMap { binding in
        binding.subjects.first { $0.includes(user, namespace: namespace) }.map { (binding, $0) }
      }
    }
  }
}
