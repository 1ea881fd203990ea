/// A type of values, as far as it is known before an expression is evaluated.
package indirect enum ValueType: Sendable, Hashable {
  /// Any type, which is known only when the expression is evaluated.
  case dyn
  /// The type of what has an error already.
  case error
  case null, bool, int, uint, double, string, bytes, duration, timestamp, quantity
  case list(ValueType)
  case map(ValueType, ValueType)
  case optional(ValueType)
  /// The type of a type; nil for that of any.
  case type(ValueType?)
  /// An object with known fields.
  case object(JSONShape)
  /// A type that the checker does not know yet.
  case variable(Int)
  /// A name for any type in the declaration of a function.
  case parameter(String)

  /// The types that the type is made of.
  var parts: [ValueType] {
    switch self {
    case .list(let element), .optional(let element): [element]
    case .map(let key, let value): [key, value]
    case .type(let type): type.map { [$0] } ?? []
    default: []
    }
  }

  /// The type with its parts replaced.
  func mapParts(_ replace: (ValueType) -> ValueType) -> ValueType {
    switch self {
    case .list(let element): .list(replace(element))
    case .optional(let element): .optional(replace(element))
    case .map(let key, let value): .map(replace(key), replace(value))
    case .type(let type?): .type(replace(type))
    default: self
    }
  }

  /// Whether nothing is known of the type.
  var isDynamic: Bool { self == .dyn || self == .error }
}

extension ValueType: CustomStringConvertible {
  /// The type as messages of the checker name it, such as `list(string)`.
  package var description: String {
    switch self {
    case .dyn, .parameter, .variable: "dyn"
    case .error: "!error!"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .string: "string"
    case .bytes: "bytes"
    case .duration: "duration"
    case .timestamp: "timestamp"
    case .quantity: "kubernetes.Quantity"
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .optional(let element): "optional_type(\(element))"
    case .type(let type): type.map { "type(\($0))" } ?? "type"
    case .object(let shape): shape.name
    }
  }

  /// The type as values name theirs, without its parts.
  var runtimeName: String {
    switch self {
    case .null: "null_type"
    case .duration: "google.protobuf.Duration"
    case .timestamp: "google.protobuf.Timestamp"
    case .list: "list"
    case .map, .object: "map"
    case .optional: "optional_type"
    case .type: "type"
    default: self.description
    }
  }

  /// The types that expressions can name.
  static let named: [String: ValueType] = [
    "bool": .bool, "int": .int, "uint": .uint, "double": .double, "string": .string, "bytes": .bytes, "dyn": .dyn,
    "list": .list(.dyn), "map": .map(.dyn, .dyn), "null_type": .null, "type": .type(nil),
    "google.protobuf.Duration": .duration, "google.protobuf.Timestamp": .timestamp,
    "optional_type": .optional(.dyn), "kubernetes.Quantity": .quantity,
  ]
}

extension JSONShape: Hashable {
  /// Whether two shapes are one and the same.
  package static func == (left: JSONShape, right: JSONShape) -> Bool { left === right }

  /// Hashes which shape it is.
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
