/// The kinds that are served without a definition.
enum BuiltInResources {
  static let customResourceDefinitions = "customresourcedefinitions.apiextensions.k8s.io"
  static let namespaces = "namespaces"
  static let pods = "pods"
  static let events = "events"
  static let services = "services"
  static let secrets = "secrets"
  static let configMaps = "configmaps"
  static let nodes = "nodes"
  static let serviceAccounts = "serviceaccounts"
  static let deployments = "deployments.apps"
  static let priorityClasses = "priorityclasses.scheduling.k8s.io"
  static let disruptionBudgets = "poddisruptionbudgets.policy"
  static let mutatingWebhooks = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
  static let validatingWebhooks = "validatingwebhookconfigurations.admissionregistration.k8s.io"
  static let roles = "roles.rbac.authorization.k8s.io"
  static let clusterRoles = "clusterroles.rbac.authorization.k8s.io"
  static let roleBindings = "rolebindings.rbac.authorization.k8s.io"
  static let clusterRoleBindings = "clusterrolebindings.rbac.authorization.k8s.io"
  static let tokenReviews = "tokenreviews.authentication.k8s.io"
  static let selfReviews = "selfsubjectreviews.authentication.k8s.io"
  static let accessReviews = "subjectaccessreviews.authorization.k8s.io"
  static let localAccessReviews = "localsubjectaccessreviews.authorization.k8s.io"
  static let selfAccessReviews = "selfsubjectaccessreviews.authorization.k8s.io"
  static let selfRulesReviews = "selfsubjectrulesreviews.authorization.k8s.io"

  static let all: [ResourceDefinition] =
    (Self.core + Self.workloads + Self.access + Self.extensions).map(\.definition)
}
