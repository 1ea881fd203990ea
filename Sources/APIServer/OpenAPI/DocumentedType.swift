import KubernetesModel

/// A type of the built-in kinds, as OpenAPI describes it.
struct DocumentedType: Sendable {
  /// The name by which other types refer to it, such as `Container`.
  var name: String
  /// What precedes the name in a document, such as `io.k8s.api.core.v1`.
  var package: String
  var description: String
  var fields: [Field]

  struct Field: Sendable {
    var name: String
    var form: Form
    var description: String
    var isRequired = false
    /// The key by which the elements of a list merge.
    var mergeKey: String?

    static func field(_ name: String, _ form: Form, _ description: String) -> Field {
      Field(name: name, form: form, description: description)
    }

    static func required(_ name: String, _ form: Form, _ description: String) -> Field {
      Field(name: name, form: form, description: description, isRequired: true)
    }

    static func merged(_ name: String, _ element: Form, by key: String, _ description: String) -> Field {
      Field(name: name, form: .list(element), description: description, mergeKey: key)
    }
  }

  indirect enum Form: Sendable {
    case text
    case integer
    case long
    case flag
    case bytes
    case time
    case microTime
    case quantity
    case integerOrText
    /// An object of which nothing further is said.
    case open
    case type(String)
    case list(Form)
    case map(Form)
  }

  /// The name in a document.
  var schemaName: String { "\(self.package).\(self.name)" }

  /// The types that the fields refer to.
  var references: [String] {
    self.fields.compactMap { field in
      var form = field.form
      while true {
        switch form {
        case .list(let element), .map(let element): form = element
        case .type(let name): return name
        default: return nil
        }
      }
    }
  }

  /// The schema; references become those that `reference` gives.
  func schema(_ reference: (String) -> JSONValue) -> JSONValue {
    var properties: [String: JSONValue] = [:]
    for field in self.fields {
      var property = Self.schema(field.form, reference)
      if case .type = field.form { property = ["allOf": [property], "default": .object([:])] }
      property["description"] = .string(field.description)
      if let key = field.mergeKey {
        property["x-kubernetes-patch-merge-key"] = .string(key)
        property["x-kubernetes-patch-strategy"] = "merge"
        property["x-kubernetes-list-type"] = "map"
        property["x-kubernetes-list-map-keys"] = [.string(key)]
      } else if case .list = field.form {
        property["x-kubernetes-list-type"] = "atomic"
      }
      properties[field.name] = property
    }
    var schema: JSONValue = ["type": "object", "description": .string(self.description)]
    if !properties.isEmpty { schema["properties"] = .object(properties) }
    let required = self.fields.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { schema["required"] = .array(required) }
    return schema
  }

  private static func schema(_ form: Form, _ reference: (String) -> JSONValue) -> JSONValue {
    switch form {
    case .text, .quantity: ["type": "string"]
    case .integer: ["type": "integer", "format": "int32"]
    case .long: ["type": "integer", "format": "int64"]
    case .flag: ["type": "boolean"]
    case .bytes: ["type": "string", "format": "byte"]
    case .time, .microTime: ["type": "string", "format": "date-time"]
    case .integerOrText: ["type": "string", "format": "int-or-string"]
    case .open: ["type": "object"]
    case .type(let name): reference(name)
    case .list(let element): ["type": "array", "items": Self.schema(element, reference)]
    case .map(let element): ["type": "object", "additionalProperties": Self.schema(element, reference)]
    }
  }
}
