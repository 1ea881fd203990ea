/// A rule of a role: verbs, and the resources that they apply to.
public struct PolicyRule: Sendable, Hashable, Codable {
  /// Such as `get`; `*` for all.
  public var verbs: [String]
  /// The groups, empty text for the core group; `*` for all.
  public var apiGroups: [String]?
  /// Resources and their parts, such as `pods` and `pods/log`; `*` for all.
  public var resources: [String]?
  /// The names of objects; any if nil.
  public var resourceNames: [String]?
  /// Paths that belong to no resource, maybe with `*` at the end; in ClusterRoles only.
  public var nonResourceURLs: [String]?

  /// Creates a rule for resources.
  public init(verbs: [String], apiGroups: [String], resources: [String], resourceNames: [String]? = nil) {
    self.verbs = verbs
    self.apiGroups = apiGroups
    self.resources = resources
    self.resourceNames = resourceNames
  }
}

/// Rules that count in one namespace.
public struct Role: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", plural: "roles")
  /// `rbac.authorization.k8s.io/v1`.
  public var apiVersion: String? = "rbac.authorization.k8s.io/v1"
  /// `Role`.
  public var kind: String? = "Role"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// The rules.
  public var rules: [PolicyRule]?

  /// Creates a role.
  public init(metadata: ObjectMeta, rules: [PolicyRule]) {
    self.metadata = metadata
    self.rules = rules
  }
}

/// Rules that count wherever they are bound: in one namespace, or in all.
public struct ClusterRole: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", plural: "clusterroles",
    isNamespaced: false)
  /// `rbac.authorization.k8s.io/v1`.
  public var apiVersion: String? = "rbac.authorization.k8s.io/v1"
  /// `ClusterRole`.
  public var kind: String? = "ClusterRole"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// The rules.
  public var rules: [PolicyRule]?

  /// Creates a role.
  public init(metadata: ObjectMeta, rules: [PolicyRule]) {
    self.metadata = metadata
    self.rules = rules
  }
}

/// The role of a binding, which never changes.
public struct RoleReference: Sendable, Hashable, Codable {
  /// `rbac.authorization.k8s.io`.
  public var apiGroup: String
  /// `Role` or `ClusterRole`.
  public var kind: String
  /// The role's name.
  public var name: String

  /// Creates a reference.
  public init(kind: String, name: String) {
    self.apiGroup = "rbac.authorization.k8s.io"
    self.kind = kind
    self.name = name
  }
}

/// A subject of a binding.
public struct RoleSubject: Sendable, Hashable, Codable {
  /// `User`, `Group` or `ServiceAccount`.
  public var kind: String
  /// Nil for service accounts.
  public var apiGroup: String?
  /// The subject's name.
  public var name: String
  /// The namespace of a service account.
  public var namespace: String?

  /// Names a service account.
  public init(serviceAccount name: String, namespace: String?) {
    self.kind = "ServiceAccount"
    self.name = name
    self.namespace = namespace
  }

  /// Names a user or a group.
  public init(kind: String, name: String) {
    self.kind = kind
    self.apiGroup = "rbac.authorization.k8s.io"
    self.name = name
  }
}

/// Grants a role to subjects in one namespace.
public struct RoleBinding: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding", plural: "rolebindings")
  /// `rbac.authorization.k8s.io/v1`.
  public var apiVersion: String? = "rbac.authorization.k8s.io/v1"
  /// `RoleBinding`.
  public var kind: String? = "RoleBinding"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// The role.
  public var roleRef: RoleReference
  /// The subjects.
  public var subjects: [RoleSubject]?

  /// Creates a binding.
  public init(metadata: ObjectMeta, roleRef: RoleReference, subjects: [RoleSubject]) {
    self.metadata = metadata
    self.roleRef = roleRef
    self.subjects = subjects
  }
}

/// Grants a role to subjects in the whole cluster.
public struct ClusterRoleBinding: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRoleBinding", plural: "clusterrolebindings",
    isNamespaced: false)
  /// `rbac.authorization.k8s.io/v1`.
  public var apiVersion: String? = "rbac.authorization.k8s.io/v1"
  /// `ClusterRoleBinding`.
  public var kind: String? = "ClusterRoleBinding"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// The role.
  public var roleRef: RoleReference
  /// The subjects.
  public var subjects: [RoleSubject]?

  /// Creates a binding.
  public init(metadata: ObjectMeta, roleRef: RoleReference, subjects: [RoleSubject]) {
    self.metadata = metadata
    self.roleRef = roleRef
    self.subjects = subjects
  }
}
