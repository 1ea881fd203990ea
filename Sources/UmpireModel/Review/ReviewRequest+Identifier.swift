import KubernetesModel

extension ReviewRequest {
  /// A uid that no other question has: a random UUID in lower case.
  package static func freshUID() -> String { UniqueIdentifier.random() }
}
