extension Functions {
  /// Conversions between types, and what is known of optional values; nil for another name.
  static func conversion(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
    switch (name, values.count) {
    case ("dyn", 1): return values[0]
    case ("type", 1): return .type(values[0].type)
    case ("int", 1): return .int(try Self.int(values[0]))
    case ("uint", 1): return .uint(try Self.uint(values[0]))
    case ("double", 1): return .double(try Self.double(values[0]))
    case ("bool", 1): return .bool(try Self.bool(values[0]))
    case ("string", 1): return .string(try Self.string(values[0]))
    case ("bytes", 1): return .bytes(try Self.bytes(values[0]))
    case ("duration", 1): return .duration(try Self.duration(values[0]))
    case ("timestamp", 1): return .timestamp(try Self.timestamp(values[0]))
    case ("optional.of", 1): return .optional(values[0])
    case ("optional.ofNonZeroValue", 1): return .optional(Self.isZero(values[0]) ? nil : values[0])
    case ("optional.none", 0): return .optional(nil)
    case ("hasValue", 1):
      guard case .optional(let value) = values[0] else { throw .noSuchOverload }
      return .bool(value != nil)
    case ("value", 1):
      guard case .optional(let value) = values[0] else { throw .noSuchOverload }
      guard let value else { throw EvaluationError("optional.none() dereference") }
      return value
    default: return nil
    }
  }

  private static func isZero(_ value: Value) -> Bool {
    switch value {
    case .null: true
    case .bool(let bool): !bool
    case .int(let int): int == 0
    case .uint(let uint): uint == 0
    case .double(let double): double == 0
    case .string(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    case .list(let list): list.count == 0
    case .map(let map): map.count == 0
    case .duration(let duration): duration.nanoseconds == 0
    case .optional(let value): value == nil
    case .timestamp, .type, .quantity: false
    }
  }

  private static func failure(_ value: Value, to type: ValueType) -> EvaluationError {
    EvaluationError("type conversion error from '\(value.type.runtimeName)' to '\(type.runtimeName)'")
  }

  private static func int(_ value: Value) throws(EvaluationError) -> Int64 {
    switch value {
    case .int(let int): return int
    case .uint(let uint):
      guard let int = Int64(exactly: uint) else { throw .integerOverflow }
      return int
    case .double(let double):
      // The doubles at the ends are those that stand for integers beyond them, too.
      guard double > -0x1p63, double < 0x1p63 else { throw .integerOverflow }
      return Int64(double)
    case .string(let text):
      guard let int = Int64(text) else { throw Self.failure(value, to: .int) }
      return int
    case .timestamp(let timestamp): return timestamp.seconds
    case .duration(let duration): return duration.nanoseconds
    default: throw .noSuchOverload
    }
  }

  private static func uint(_ value: Value) throws(EvaluationError) -> UInt64 {
    switch value {
    case .uint(let uint): return uint
    case .int(let int):
      guard let uint = UInt64(exactly: int) else { throw .unsignedOverflow }
      return uint
    case .double(let double):
      guard double >= 0, double < 0x1p64 else { throw .unsignedOverflow }
      return UInt64(double)
    case .string(let text):
      guard text.first != "+", let uint = UInt64(text) else { throw Self.failure(value, to: .uint) }
      return uint
    default: throw .noSuchOverload
    }
  }

  private static func double(_ value: Value) throws(EvaluationError) -> Double {
    switch value {
    case .double(let double): return double
    case .int(let int): return Double(int)
    case .uint(let uint): return Double(uint)
    case .string(let text):
      guard let double = Double(text) else { throw Self.failure(value, to: .double) }
      return double
    default: throw .noSuchOverload
    }
  }

  private static func bool(_ value: Value) throws(EvaluationError) -> Bool {
    switch value {
    case .bool(let bool): return bool
    case .string(let text):
      switch text {
      case "1", "t", "T", "TRUE", "true", "True": return true
      case "0", "f", "F", "FALSE", "false", "False": return false
      default: throw Self.failure(value, to: .bool)
      }
    default: throw .noSuchOverload
    }
  }

  private static func string(_ value: Value) throws(EvaluationError) -> String {
    switch value {
    case .string, .bool, .int, .uint, .double, .duration, .timestamp: return value.text
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw EvaluationError("invalid UTF-8 in bytes, cannot convert to string")
      }
      return text
    default: throw .noSuchOverload
    }
  }

  private static func bytes(_ value: Value) throws(EvaluationError) -> [UInt8] {
    switch value {
    case .bytes(let bytes): return bytes
    case .string(let text): return Array(text.utf8)
    default: throw .noSuchOverload
    }
  }

  private static func duration(_ value: Value) throws(EvaluationError) -> DurationValue {
    switch value {
    case .duration(let duration): return duration
    case .int(let nanoseconds): return DurationValue(nanoseconds: nanoseconds)
    case .string(let text):
      guard let duration = DurationValue(text) else { throw Self.failure(value, to: .duration) }
      return duration
    default: throw .noSuchOverload
    }
  }

  private static func timestamp(_ value: Value) throws(EvaluationError) -> TimestampValue {
    switch value {
    case .timestamp(let timestamp): return timestamp
    case .int(let seconds):
      guard let timestamp = TimestampValue(seconds: seconds) else { throw .timestampOverflow }
      return timestamp
    case .string(let text):
      guard let timestamp = TimestampValue(text) else { throw Self.failure(value, to: .timestamp) }
      return timestamp
    default: throw .noSuchOverload
    }
  }
}
