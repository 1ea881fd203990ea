extension BuiltInResources {
  private static let roleGroup = "rbac.authorization.k8s.io"

  /// The groups of roles and of access reviews.
  static let access: [BuiltInKind] = [
    BuiltInKind(group: Self.roleGroup, "roles", "Role") {
      $0.rules = RoleRules(isNamespaced: true)
      $0.schema = BuiltInSchemas.role
      $0.columns = [.createdAt]
    },
    BuiltInKind(group: Self.roleGroup, "clusterroles", "ClusterRole") {
      $0.isNamespaced = false
      $0.rules = RoleRules(isNamespaced: false)
      $0.schema = BuiltInSchemas.clusterRole
      $0.columns = [.createdAt]
    },
    BuiltInKind(group: Self.roleGroup, "rolebindings", "RoleBinding") {
      $0.rules = RoleBindingRules(isNamespaced: true)
      $0.schema = BuiltInSchemas.roleBinding
      $0.columns = PrinterColumn.binding
    },
    BuiltInKind(group: Self.roleGroup, "clusterrolebindings", "ClusterRoleBinding") {
      $0.isNamespaced = false
      $0.rules = RoleBindingRules(isNamespaced: false)
      $0.schema = BuiltInSchemas.roleBinding
      $0.columns = PrinterColumn.binding
    },
    Self.review("authentication.k8s.io", "tokenreviews", "TokenReview", BuiltInSchemas.tokenReview),
    Self.review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", BuiltInSchemas.selfReview),
    Self.review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", BuiltInSchemas.accessReview),
    Self.review(
      "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", BuiltInSchemas.accessReview),
    Self.review(
      "authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", BuiltInSchemas.rulesReview),
    Self.review(
      "authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", BuiltInSchemas.accessReview,
      isNamespaced: true),
  ]

  private static func review(
    _ group: String, _ plural: String, _ kind: String, _ schema: StructuralSchema?, isNamespaced: Bool = false
  ) -> BuiltInKind {
    BuiltInKind(group: group, plural, kind) {
      $0.isNamespaced = isNamespaced
      $0.traits = [.review]
      $0.schema = schema
      $0.columns = [.createdAt]
    }
  }

  /// The body of a request to `serviceaccounts/NAME/token`; not a resource of its own.
  static let tokenRequest = BuiltInKind(group: "authentication.k8s.io", "tokenrequests", "TokenRequest") {
    $0.traits = [.review]
    $0.schema = BuiltInSchemas.tokenRequest
  }.definition
}
