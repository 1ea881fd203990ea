import KubernetesModel

/// Which writes a webhook is asked about; within each list one element is enough.
struct AdmissionRule: Sendable, Hashable {
  var operations: Set<String>
  var groups: Set<String>
  var versions: Set<String>
  /// Resources and their parts: `pods`, `pods/status`, `pods/*`, `*`, `*/*`.
  var resources: [String]
  /// `Cluster`, `Namespaced`, or `*` for both.
  var scope: String

  init(_ json: JSONValue) {
    func texts(_ field: String) -> [String] { (json[field]?.arrayValue ?? []).compactMap(\.stringValue) }
    self.operations = Set(texts("operations"))
    self.groups = Set(texts("apiGroups"))
    self.versions = Set(texts("apiVersions"))
    self.resources = texts("resources")
    self.scope = json["scope"]?.stringValue ?? "*"
  }

  /// Whether it covers a write of a resource in one of its versions.
  func matches(_ subject: AdmissionSubject, version: String) -> Bool {
    self.matchesScope(subject) && Self.matches(self.operations, subject.operation.rawValue)
      && Self.matches(self.groups, subject.resource.group) && Self.matches(self.versions, version)
      && self.resources.contains { Self.matches($0, subject) }
  }

  private func matchesScope(_ subject: AdmissionSubject) -> Bool {
    // A namespace is not in itself.
    let isNamespaced = !subject.isNamespace && !subject.namespace.isEmpty
    return switch self.scope {
    case "Namespaced": isNamespaced
    case "Cluster": !isNamespaced
    default: true
    }
  }

  private static func matches(_ values: Set<String>, _ value: String) -> Bool {
    values.contains("*") || values.contains(value)
  }

  /// Whether `pods/status` and the like mean what is written; without a slash, no part is meant.
  private static func matches(_ text: String, _ subject: AdmissionSubject) -> Bool {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let part = parts.count > 1 ? parts[1] : ""
    return (parts[0] == "*" || parts[0] == subject.resource.definition.names.plural)
      && (part == "*" || part == subject.subresource)
  }
}
