extension DocumentedTypes {
  private static let rolePackage = "io.k8s.api.rbac.v1"
  private static let authenticationPackage = "io.k8s.api.authentication.v1"
  private static let authorizationPackage = "io.k8s.api.authorization.v1"

  /// Service accounts, roles and reviews.
  static let access: [DocumentedType] = Self.accounts + Self.roles + Self.reviews

  private static let accounts: [DocumentedType] = [
    Self.kind(
      "ServiceAccount", "io.k8s.api.core.v1", "ServiceAccount is an identity for the processes of Pods.",
      [
        .field("automountServiceAccountToken", .flag, "Whether Pods get the account's token; they can say otherwise."),
        .field("imagePullSecrets", .list(.type("LocalObjectReference")), "Secrets to pull images with."),
        .merged("secrets", .type("ObjectReference"), by: "name", "Secrets that Pods may use. Deprecated."),
      ]),
    Self.core(
      "LocalObjectReference", "Names an object in the same namespace.",
      [.field("name", .text, "The object's name.")]),
    Self.kind(
      "TokenRequest", Self.authenticationPackage, "TokenRequest requests a token for a service account.",
      [
        .required("spec", .type("TokenRequestSpec"), "The requested token."),
        .field("status", .type("TokenRequestStatus"), "The issued token."),
      ]),
    Self.type(
      "TokenRequestSpec", Self.authenticationPackage, "A requested token.",
      [
        .required("audiences", .list(.text), "The servers that may accept the token."),
        .field("expirationSeconds", .long, "The requested lifetime in seconds, from 600; 3600 by default."),
        .field("boundObjectRef", .type("BoundObjectReference"), "The object whose deletion invalidates the token."),
      ]),
    Self.type(
      "BoundObjectReference", Self.authenticationPackage, "Names a Pod, a Secret or a Node.",
      [
        .field("apiVersion", .text, "The object's version: v1."), .field("kind", .text, "Pod, Secret or Node."),
        .field("name", .text, "The object's name."), .field("uid", .text, "The object's UID."),
      ]),
    Self.type(
      "TokenRequestStatus", Self.authenticationPackage, "An issued token.",
      [
        .required("token", .text, "The token."),
        .required("expirationTimestamp", .time, "When the token expires."),
      ]),
  ]

  // MARK: Roles

  private static let subjects = DocumentedType.Field.field(
    "subjects", .list(.type("Subject")), "The users, groups and service accounts that get the role.")
  private static let roleReference = DocumentedType.Field.required(
    "roleRef", .type("RoleRef"), "The role. It cannot be changed.")
  private static let rules = DocumentedType.Field.field("rules", .list(.type("PolicyRule")), "What the role allows.")

  private static let roles: [DocumentedType] = [
    Self.kind("Role", Self.rolePackage, "Role is a set of rules that apply in one namespace.", [Self.rules]),
    Self.kind(
      "ClusterRole", Self.rolePackage, "ClusterRole is a set of rules that apply in every namespace.",
      [
        Self.rules,
        .field("aggregationRule", .type("AggregationRule"), "Other ClusterRoles whose rules this one collects."),
      ]),
    Self.type(
      "AggregationRule", Self.rolePackage, "Selects ClusterRoles.",
      [.field("clusterRoleSelectors", .list(.type("LabelSelector")), "Selectors of the ClusterRoles' labels.")]),
    Self.type(
      "PolicyRule", Self.rolePackage, "Verbs, and what they apply to.",
      [
        .required("verbs", .list(.text), "The verbs, such as get; * for all."),
        .field("apiGroups", .list(.text), "The groups; the core group is the empty text, and * stands for all."),
        .field("resources", .list(.text), "The resources, such as pods or pods/log; * for all."),
        .field("resourceNames", .list(.text), "The names of objects; all if there are none."),
        .field("nonResourceURLs", .list(.text), "Paths that belong to no resource; * at the end stands for any rest."),
      ]),
    Self.kind(
      "RoleBinding", Self.rolePackage, "RoleBinding grants a role in one namespace.",
      [Self.roleReference, Self.subjects]),
    Self.kind(
      "ClusterRoleBinding", Self.rolePackage, "ClusterRoleBinding grants a role in every namespace.",
      [Self.roleReference, Self.subjects]),
    Self.type(
      "RoleRef", Self.rolePackage, "Names a role.",
      [
        .required("apiGroup", .text, "The group: rbac.authorization.k8s.io."),
        .required("kind", .text, "Role or ClusterRole."), .required("name", .text, "The role's name."),
      ]),
    Self.type(
      "Subject", Self.rolePackage, "A user, a group or a service account.",
      [
        .required("kind", .text, "User, Group or ServiceAccount."), .required("name", .text, "The subject's name."),
        .field("namespace", .text, "The namespace of a service account."),
        .field("apiGroup", .text, "The group: rbac.authorization.k8s.io for users and groups, else empty."),
      ]),
  ]

  // MARK: Reviews

  private static let reviews: [DocumentedType] = [
    Self.kind(
      "TokenReview", Self.authenticationPackage, "TokenReview checks a token.",
      [
        .required("spec", .type("TokenReviewSpec"), "The token."),
        .field("status", .type("TokenReviewStatus"), "The token's user."),
      ]),
    Self.type(
      "TokenReviewSpec", Self.authenticationPackage, "A token to check.",
      [
        .field("token", .text, "The token."),
        .field("audiences", .list(.text), "The servers that would accept the token."),
      ]),
    Self.type(
      "TokenReviewStatus", Self.authenticationPackage, "The result of checking a token.",
      [
        .field("authenticated", .flag, "Whether the token is valid."),
        .field("user", .type("UserInfo"), "The token's user."),
        .field("audiences", .list(.text), "The audiences of the token among the requested ones."),
        .field("error", .text, "Why the token is invalid."),
      ]),
    Self.type(
      "UserInfo", Self.authenticationPackage, "A user.",
      [
        .field("username", .text, "The user's name."), .field("uid", .text, "The user's UID."),
        .field("groups", .list(.text), "The user's groups."),
        .field("extra", .map(.list(.text)), "Additional values."),
      ]),
    Self.kind(
      "SelfSubjectReview", Self.authenticationPackage, "SelfSubjectReview returns the user of the request.",
      [.field("status", .type("SelfSubjectReviewStatus"), "The user.")]),
    Self.type(
      "SelfSubjectReviewStatus", Self.authenticationPackage, "The user of a request.",
      [.field("userInfo", .type("UserInfo"), "The user.")]),
    Self.accessReview("SubjectAccessReview", "SubjectAccessReview checks whether a user may perform an action."),
    Self.accessReview(
      "LocalSubjectAccessReview", "LocalSubjectAccessReview checks whether a user may perform an action in a namespace."
    ),
    Self.accessReview(
      "SelfSubjectAccessReview", "SelfSubjectAccessReview checks whether the current user may perform an action."),
    Self.type(
      "SubjectAccessReviewSpec", Self.authorizationPackage, "An action, and the user who would perform it.",
      [
        .field("resourceAttributes", .type("ResourceAttributes"), "An action on a resource."),
        .field("nonResourceAttributes", .type("NonResourceAttributes"), "An action on a path."),
        .field("user", .text, "The user's name."), .field("groups", .list(.text), "The user's groups."),
        .field("uid", .text, "The user's UID."), .field("extra", .map(.list(.text)), "Additional values."),
      ]),
    Self.type(
      "ResourceAttributes", Self.authorizationPackage, "An action on a resource.",
      [
        .field("namespace", .text, "The namespace; empty for all."), .field("verb", .text, "The verb, such as get."),
        .field("group", .text, "The group."), .field("version", .text, "The version."),
        .field("resource", .text, "The resource."), .field("subresource", .text, "The subresource."),
        .field("name", .text, "The object's name; empty for all."),
        .field("fieldSelector", .open, "A selector of fields that limits the action."),
        .field("labelSelector", .open, "A selector of labels that limits the action."),
      ]),
    Self.type(
      "NonResourceAttributes", Self.authorizationPackage, "An action on a path.",
      [.field("path", .text, "The path."), .field("verb", .text, "The verb.")]),
    Self.type(
      "SubjectAccessReviewStatus", Self.authorizationPackage, "Whether an action is allowed.",
      [
        .required("allowed", .flag, "Whether the action is allowed."),
        .field("denied", .flag, "Whether the action is denied explicitly."),
        .field("reason", .text, "Why the action is allowed or denied."),
        .field("evaluationError", .text, "What went wrong."),
      ]),
    Self.kind(
      "SelfSubjectRulesReview", Self.authorizationPackage,
      "SelfSubjectRulesReview lists the rules of the current user in a namespace.",
      [
        .required("spec", .type("SelfSubjectRulesReviewSpec"), "The namespace."),
        .field("status", .open, "The rules."),
      ]),
    Self.type(
      "SelfSubjectRulesReviewSpec", Self.authorizationPackage, "A namespace.",
      [.field("namespace", .text, "The namespace.")]),
  ]

  private static func accessReview(_ name: String, _ description: String) -> DocumentedType {
    Self.kind(
      name, Self.authorizationPackage, description,
      [
        .required("spec", .type("SubjectAccessReviewSpec"), "The action."),
        .field("status", .type("SubjectAccessReviewStatus"), "Whether the action is allowed."),
      ])
  }
}
