package import KubernetesModel
package import UmpireModel

/// Where the objects are looked up that others are compared with.
///
/// A lookup ends when its task is cancelled. What cannot be found out refuses nobody, but for Pods: there the webhook's
/// `failurePolicy` decides.
package protocol AdmissionLookups: Sendable {
  /// A WebhookConfiguration; nil if there is none of this key.
  func webhookConfiguration(_ key: ObjectKey) async throws -> WebhookConfiguration?
  /// The autoscalers of a namespace.
  func autoscalers(in namespace: String) async throws -> [GameAutoscaler]
  /// A Pod as the API server has it now; nil if there is none of this key.
  func pod(_ key: ObjectKey) async throws -> Pod?
}
