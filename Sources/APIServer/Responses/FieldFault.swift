import KubernetesModel

/// One fault of one field, worded as kube-apiserver words it.
struct FieldFault: Sendable, Hashable {
  /// The field's path, such as `spec.parts[0].size`.
  var field: String
  /// For programs, such as `FieldValueInvalid`.
  var reason: String
  /// For a person.
  var message: String

  static func required(_ field: String, _ detail: String = "") -> FieldFault {
    Self(field: field, reason: "FieldValueRequired", message: "Required value" + (detail.isEmpty ? "" : ": \(detail)"))
  }

  static func invalid(_ field: String, _ value: JSONValue, _ detail: String) -> FieldFault {
    Self(field: field, reason: "FieldValueInvalid", message: "Invalid value: \(Self.text(value)): \(detail)")
  }

  static func type(_ field: String, _ value: JSONValue, _ detail: String) -> FieldFault {
    Self(field: field, reason: "FieldValueTypeInvalid", message: "Invalid value: \(Self.text(value)): \(detail)")
  }

  static func notSupported(_ field: String, _ value: JSONValue, _ supported: [JSONValue]) -> FieldFault {
    let list = supported.map(Self.text).joined(separator: ", ")
    return Self(
      field: field, reason: "FieldValueNotSupported",
      message: "Unsupported value: \(Self.text(value)): supported values: \(list)")
  }

  static func immutable(_ field: String, _ value: JSONValue) -> FieldFault {
    .invalid(field, value, "field is immutable")
  }

  /// A fault that the real server tells without its place.
  static func ofWhole(_ detail: String) -> FieldFault { .invalid("<nil>", "", detail) }

  static func duplicate(_ field: String, _ value: JSONValue) -> FieldFault {
    Self(field: field, reason: "FieldValueDuplicate", message: "Duplicate value: \(Self.text(value))")
  }

  static func forbidden(_ field: String, _ detail: String) -> FieldFault {
    Self(field: field, reason: "FieldValueForbidden", message: "Forbidden: \(detail)")
  }

  static func tooLong(_ field: String, _ limit: Int) -> FieldFault {
    Self(field: field, reason: "FieldValueTooLong", message: "Too long: may not be more than \(limit) bytes")
  }

  static func tooMany(_ field: String, _ count: Int, _ limit: Int) -> FieldFault {
    Self(
      field: field, reason: "FieldValueTooMany", message: "Too many: \(count): must have at most \(limit) items")
  }

  /// A value as messages show it.
  static func text(_ value: JSONValue) -> String {
    let bytes = value.serialized()
    guard bytes.count > 256 else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: bytes.prefix(253), as: UTF8.self) + "..."
  }

  var json: JSONValue {
    ["field": .string(self.field), "message": .string(self.message), "reason": .string(self.reason)]
  }
}
