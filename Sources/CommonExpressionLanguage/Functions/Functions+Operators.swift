extension Functions {
  /// Operators; nil for another name.
  static func operation(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
    switch name {
    case Operator.not:
      guard case .bool(let bool)? = values.first else { throw .noSuchOverload }
      return .bool(!bool)
    case Operator.negate: return try Self.negated(values[0])
    case "_==_": return .bool(values[0].isEqual(to: values[1]))
    case "_!=_": return .bool(!values[0].isEqual(to: values[1]))
    case "_<_": return .bool(try Self.order(values) == .less)
    case "_>_": return .bool(try Self.order(values) == .greater)
    case "_<=_": return .bool([.less, .equal].contains(try Self.order(values)))
    case "_>=_": return .bool([.greater, .equal].contains(try Self.order(values)))
    case "_+_", "_-_", "_*_", "_/_", "_%_": return try Self.arithmetic(name, values[0], values[1])
    case Operator.isIn: return .bool(try Self.contains(values[0], in: values[1]))
    case Operator.index: return try Self.element(values[1], of: values[0])
    case Operator.optionalIndex, Operator.optionalSelect: return try Evaluator.optionalSelect(values[1], of: values[0])
    case Operator.mapInsert:
      guard case .map(var map) = values[0] else { throw .noSuchOverload }
      if try map.value(values[1]) != nil {
        throw EvaluationError("insert failed: key \(values[1].text) already exists")
      }
      try map.insert(values[2], for: values[1])
      return .map(map)
    default: return nil
    }
  }

  private static func negated(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int(let int):
      guard int != .min else { throw .integerOverflow }
      return .int(-int)
    case .double(let double): return .double(-double)
    default: throw .noSuchOverload
    }
  }

  private static func order(_ values: [Value]) throws(EvaluationError) -> Order? {
    guard let order = values[0].order(to: values[1]) else { throw .noSuchOverload }
    return order
  }

  private static func contains(_ value: Value, in container: Value) throws(EvaluationError) -> Bool {
    switch container {
    case .list(let list): return try list.elements().contains { $0.isEqual(to: value) }
    case .map(let map): return try map.value(value) != nil
    default: throw .noSuchOverload
    }
  }

  private static func element(_ key: Value, of container: Value) throws(EvaluationError) -> Value {
    switch container {
    case .list(let list):
      guard let index = key.index else {
        throw EvaluationError("unsupported index type '\(key.type.runtimeName)' in list")
      }
      guard let element = try list.element(index) else { throw .indexOutOfBounds(key) }
      return element
    case .map(let map):
      guard let value = try map.value(key) else { throw .noSuchKey(key) }
      return value
    case .optional: return try Evaluator.optionalSelect(key, of: container)
    default: throw .noSuchOverload
    }
  }

  // MARK: Arithmetic

  static func arithmetic(_ name: String, _ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (left, right) {
    case (.int(let left), .int(let right)): return .int(try Self.integer(name, left, right, .integerOverflow))
    case (.uint(let left), .uint(let right)): return .uint(try Self.integer(name, left, right, .unsignedOverflow))
    case (.double(let left), .double(let right)):
      switch name {
      case "_+_": return .double(left + right)
      case "_-_": return .double(left - right)
      case "_*_": return .double(left * right)
      case "_/_": return .double(left / right)
      default: throw .noSuchOverload
      }
    case (.string(let left), .string(let right)) where name == "_+_": return .string(left + right)
    case (.bytes(let left), .bytes(let right)) where name == "_+_": return .bytes(left + right)
    case (.list(let left), .list(let right)) where name == "_+_": return .list(try left.appending(right))
    default: return try Self.timeArithmetic(name, left, right)
    }
  }

  private static func integer<Integer: FixedWidthInteger>(
    _ name: String, _ left: Integer, _ right: Integer, _ overflow: EvaluationError
  ) throws(EvaluationError) -> Integer {
    let (result, isOver): (Integer, Bool)
    switch name {
    case "_+_": (result, isOver) = left.addingReportingOverflow(right)
    case "_-_": (result, isOver) = left.subtractingReportingOverflow(right)
    case "_*_": (result, isOver) = left.multipliedReportingOverflow(by: right)
    case "_/_":
      guard right != 0 else { throw EvaluationError("division by zero") }
      (result, isOver) = left.dividedReportingOverflow(by: right)
    default:
      guard right != 0 else { throw EvaluationError("modulus by zero") }
      (result, isOver) = left.remainderReportingOverflow(dividingBy: right)
    }
    guard !isOver else { throw overflow }
    return result
  }

  private static func timeArithmetic(_ name: String, _ left: Value, _ right: Value) throws(EvaluationError) -> Value {
    switch (name, left, right) {
    case ("_+_", .timestamp(let time), .duration(let duration)),
      ("_+_", .duration(let duration), .timestamp(let time)):
      guard let result = time.advanced(by: duration) else { throw .timestampOverflow }
      return .timestamp(result)
    case ("_-_", .timestamp(let time), .duration(let duration)):
      guard duration.nanoseconds != .min,
        let result = time.advanced(by: DurationValue(nanoseconds: -duration.nanoseconds))
      else { throw .timestampOverflow }
      return .timestamp(result)
    case ("_-_", .timestamp(let left), .timestamp(let right)):
      guard let duration = left.duration(since: right) else { throw .durationOverflow }
      return .duration(duration)
    case ("_+_", .duration(let left), .duration(let right)), ("_-_", .duration(let left), .duration(let right)):
      let nanoseconds = try Self.integer(name, left.nanoseconds, right.nanoseconds, .durationOverflow)
      return .duration(DurationValue(nanoseconds: nanoseconds))
    default: throw .noSuchOverload
    }
  }
}
