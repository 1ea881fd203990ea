import KubernetesModel

/// An object of any kind, with names for the parts of its metadata that the server itself reads and writes.
struct APIObject: Sendable, Hashable {
  /// The whole object.
  var json: JSONValue

  init(_ json: JSONValue) { self.json = json }

  var apiVersion: String {
    get { self.json["apiVersion"]?.stringValue ?? "" }
    set { self.json["apiVersion"] = .string(newValue) }
  }

  var kind: String {
    get { self.json["kind"]?.stringValue ?? "" }
    set { self.json["kind"] = .string(newValue) }
  }

  /// The metadata; an empty object if there is none.
  var metadata: JSONValue {
    get { self.json["metadata"] ?? .object([:]) }
    set { self.json["metadata"] = newValue }
  }

  /// A field of the metadata.
  subscript(metadata field: String) -> JSONValue? {
    get { self.json["metadata"]?[field] }
    set {
      if self.json["metadata"] == nil { self.json["metadata"] = .object([:]) }
      self.json["metadata"]?[field] = newValue
    }
  }

  /// A field of the metadata that holds a string; empty counts as absent.
  private subscript(text field: String) -> String? {
    get { self[metadata: field]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
    set { self[metadata: field] = newValue.map(JSONValue.string) }
  }

  var name: String? {
    get { self[text: "name"] }
    set { self[text: "name"] = newValue }
  }

  var generateName: String? { self[text: "generateName"] }

  var namespace: String? {
    get { self[text: "namespace"] }
    set { self[text: "namespace"] = newValue }
  }

  var uid: String? {
    get { self[text: "uid"] }
    set { self[text: "uid"] = newValue }
  }

  var resourceVersion: String? {
    get { self[text: "resourceVersion"] }
    set { self[text: "resourceVersion"] = newValue }
  }

  var creationTimestamp: String? {
    get { self[text: "creationTimestamp"] }
    set { self[text: "creationTimestamp"] = newValue }
  }

  var deletionTimestamp: String? {
    get { self[text: "deletionTimestamp"] }
    set { self[text: "deletionTimestamp"] = newValue }
  }

  var deletionGracePeriodSeconds: Int64? {
    get { self[metadata: "deletionGracePeriodSeconds"]?.integerValue }
    set { self[metadata: "deletionGracePeriodSeconds"] = newValue.map(JSONValue.integer) }
  }

  var generation: Int64? {
    get { self[metadata: "generation"]?.integerValue }
    set { self[metadata: "generation"] = newValue.map(JSONValue.integer) }
  }

  /// The finalizers; setting an empty list removes the field.
  var finalizers: [String] {
    get { self[metadata: "finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    set { self[metadata: "finalizers"] = newValue.isEmpty ? nil : .array(newValue.map(JSONValue.string)) }
  }

  var labels: [String: String] { self[metadata: "labels"]?.objectValue?.compactMapValues(\.stringValue) ?? [:] }

  var ownerReferences: [JSONValue] {
    get { self[metadata: "ownerReferences"]?.arrayValue ?? [] }
    set { self[metadata: "ownerReferences"] = newValue.isEmpty ? nil : .array(newValue) }
  }

  var isTerminating: Bool { self.deletionTimestamp != nil }

  /// The value at a dotted path of field names, such as `status.phase`.
  subscript(path path: String) -> JSONValue? {
    var value: JSONValue? = self.json
    for step in path.split(separator: ".") { value = value?[String(step)] }
    return value
  }
}
