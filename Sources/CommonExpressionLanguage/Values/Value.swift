package import KubernetesModel

/// A value of an expression.
package indirect enum Value: Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A signed integer of 64 bits.
  case int(Int64)
  /// An unsigned integer of 64 bits.
  case uint(UInt64)
  /// A floating-point number.
  case double(Double)
  /// A text; its size counts code points.
  case string(String)
  /// A sequence of bytes.
  case bytes([UInt8])
  /// A list.
  case list(ListValue)
  /// A map, or an object.
  case map(MapValue)
  /// A span of time.
  case duration(DurationValue)
  /// A point in time.
  case timestamp(TimestampValue)
  /// A type, which `type()` gives.
  case type(ValueType)
  /// A value that may be absent.
  case optional(Value?)
  /// A Kubernetes quantity, such as `500m`.
  case quantity(Quantity)

  /// A list of values.
  package static func list(_ elements: [Value]) -> Value { .list(ListValue(elements)) }

  /// The truth value, if this is one.
  package var boolValue: Bool? { if case .bool(let bool) = self { bool } else { nil } }

  /// The text, if this is one.
  package var stringValue: String? { if case .string(let text) = self { text } else { nil } }

  /// The type of the value, without the types of what it contains.
  var type: ValueType {
    switch self {
    case .null: .null
    case .bool: .bool
    case .int: .int
    case .uint: .uint
    case .double: .double
    case .string: .string
    case .bytes: .bytes
    case .list: .list(.dyn)
    case .map: .map(.dyn, .dyn)
    case .duration: .duration
    case .timestamp: .timestamp
    case .type: .type(nil)
    case .optional: .optional(.dyn)
    case .quantity: .quantity
    }
  }

  /// How many units of size the value has for the cost of working with it.
  var costSize: Int {
    switch self {
    case .string(let text): text.unicodeScalars.count
    case .bytes(let bytes): bytes.count
    case .list(let list): list.count
    case .map(let map): map.count
    case .optional(let value?): value.costSize
    default: 1
    }
  }
}
