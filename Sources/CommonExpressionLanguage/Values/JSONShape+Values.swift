private import FoundationEssentials
package import KubernetesModel

extension JSONShape {
  /// The value of JSON that lies at the place.
  ///
  /// - Throws: ``EvaluationError`` for JSON of another type.
  package func value(of json: JSONValue) throws(EvaluationError) -> Value {
    if json.isNull {
      if case .any = self.kind { return .null }
      guard self.isNullable else { throw EvaluationError("invalid data, got null for schema with nullable=false") }
      return .null
    }
    switch (self.kind, json) {
    case (.any, _): return self.untyped(json)
    case (.intOrString, .string(let text)), (.string, .string(let text)): return .string(text)
    case (.intOrString, .integer(let integer)), (.int, .integer(let integer)): return .int(integer)
    case (.int, .double(let double)):
      guard let integer = Int64(exactly: double) else { throw Self.mismatch("int") }
      return .int(integer)
    case (.double, .integer(let integer)): return .double(Double(integer))
    case (.double, .double(let double)): return .double(double)
    case (.bool, .bool(let bool)): return .bool(bool)
    case (.bytes, .string), (.duration, .string), (.date, .string), (.dateTime, .string):
      return try self.formatted(json.stringValue ?? "")
    case (.list(let items, let identity), .array(let elements)):
      return .list(ListValue(elements, items, identity: identity))
    case (.object, .object(let fields)), (.map, .object(let fields)): return .map(MapValue(fields, self))
    case (.opaque, _): return JSONShape.any.untyped(json)
    case (.intOrString, _):
      throw EvaluationError("invalid data, expected XIntOrString value to be either a string or integer")
    case (.list, _): throw EvaluationError("invalid data, expected an array for the provided schema with type=array")
    case (.object, _), (.map, _):
      throw EvaluationError("invalid data, expected a map for the provided schema with type=object")
    case (.bool, _): throw Self.mismatch("bool")
    case (.int, _): throw Self.mismatch("int")
    case (.double, _): throw Self.mismatch("float")
    default: throw Self.mismatch("string")
    }
  }

  private static func mismatch(_ expected: String) -> EvaluationError {
    EvaluationError("invalid data, expected \(expected)")
  }

  private func untyped(_ json: JSONValue) -> Value {
    switch json {
    case .null: .null
    case .bool(let bool): .bool(bool)
    case .integer(let integer): .int(integer)
    case .double(let double): .double(double)
    case .string(let text): .string(text)
    case .array(let elements): .list(ListValue(elements, .any, identity: .position))
    case .object(let fields): .map(MapValue(fields, .any))
    }
  }

  private func formatted(_ text: String) throws(EvaluationError) -> Value {
    switch self.kind {
    case .bytes:
      guard let data = Data(base64Encoded: text) else { throw EvaluationError("Invalid byte formatted string \(text)") }
      return .bytes(Array(data))
    case .duration:
      guard let duration = DurationValue(text) else { throw EvaluationError("Invalid duration \(text)") }
      return .duration(duration)
    case .date:
      guard let time = TimestampValue("\(text)T00:00:00Z") else {
        throw EvaluationError("Invalid date formatted string \(text)")
      }
      return .timestamp(time)
    default:
      guard let time = TimestampValue(text) else {
        throw EvaluationError("Invalid date-time formatted string \(text)")
      }
      return .timestamp(time)
    }
  }
}
