/// One fault of one field, worded as kube-apiserver words it.
public struct FieldFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The field's path, such as `spec.parts[0].size`.
  public var field: String
  /// For programs, such as `FieldValueInvalid`.
  public var reason: String
  /// For a person.
  public var message: String

  /// Creates a fault of any reason.
  public init(field: String, reason: String, message: String) {
    self.field = field
    self.reason = reason
    self.message = message
  }

  /// Path and message, as in the message of a `Status`; the message alone where the whole is meant.
  public var description: String { self.field.isEmpty ? self.message : "\(self.field): \(self.message)" }

  /// The field is missing.
  public static func required(_ field: String, _ detail: String = "") -> FieldFault {
    Self(field: field, reason: "FieldValueRequired", message: "Required value" + (detail.isEmpty ? "" : ": \(detail)"))
  }

  /// The value cannot be used as it is.
  public static func invalid(_ field: String, _ value: JSONValue, _ detail: String) -> FieldFault {
    Self(field: field, reason: "FieldValueInvalid", message: "Invalid value: \(Self.text(value)): \(detail)")
  }

  /// The value is of another type.
  public static func type(_ field: String, _ value: JSONValue, _ detail: String) -> FieldFault {
    Self(field: field, reason: "FieldValueTypeInvalid", message: "Invalid value: \(Self.text(value)): \(detail)")
  }

  /// The value is none of those that there are.
  public static func notSupported(_ field: String, _ value: JSONValue, _ supported: [JSONValue]) -> FieldFault {
    let list = supported.map(Self.text).joined(separator: ", ")
    return Self(
      field: field, reason: "FieldValueNotSupported",
      message: "Unsupported value: \(Self.text(value)): supported values: \(list)")
  }

  /// The value cannot be changed.
  public static func immutable(_ field: String, _ value: JSONValue) -> FieldFault {
    .invalid(field, value, "field is immutable")
  }

  /// A fault that the real server tells without its place.
  public static func ofWhole(_ detail: String) -> FieldFault { .invalid("<nil>", "", detail) }

  /// The value is there already.
  public static func duplicate(_ field: String, _ value: JSONValue) -> FieldFault {
    Self(field: field, reason: "FieldValueDuplicate", message: "Duplicate value: \(Self.text(value))")
  }

  /// The value names something that does not exist.
  public static func notFound(_ field: String, _ value: JSONValue) -> FieldFault {
    Self(field: field, reason: "FieldValueNotFound", message: "Not found: \(Self.text(value))")
  }

  /// The field may not be there.
  public static func forbidden(_ field: String, _ detail: String) -> FieldFault {
    Self(field: field, reason: "FieldValueForbidden", message: "Forbidden: \(detail)")
  }

  /// The text is too long.
  public static func tooLong(_ field: String, _ limit: Int) -> FieldFault {
    Self(field: field, reason: "FieldValueTooLong", message: "Too long: may not be more than \(limit) bytes")
  }

  /// The list is too long.
  public static func tooMany(_ field: String, _ count: Int, _ limit: Int) -> FieldFault {
    Self(
      field: field, reason: "FieldValueTooMany",
      message: "Too many: \(count): must have at most \(limit) \(limit == 1 ? "item" : "items")")
  }

  /// A value as messages show it.
  public static func text(_ value: JSONValue) -> String {
    let bytes = value.serialized()
    guard bytes.count > 256 else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: bytes.prefix(253), as: UTF8.self) + "..."
  }
}

extension FieldFault {
  /// Several faults in one line, as the message of a `Status` has them: those that read alike once.
  public static func summary(of faults: [FieldFault]) -> String {
    var texts: [String] = []
    for fault in faults where !texts.contains(fault.description) { texts.append(fault.description) }
    return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
  }
}

extension Status.Cause {
  /// The fault as a `Status` tells it.
  public init(_ fault: FieldFault) {
    self.init(reason: fault.reason, message: fault.message, field: fault.field)
  }
}
