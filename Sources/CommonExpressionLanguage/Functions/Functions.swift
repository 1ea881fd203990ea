/// The functions and operators, as functions on values.
enum Functions {
  /// Calls a function.
  ///
  /// - Parameter values: the target, if there is one, and the arguments.
  /// - Throws: ``EvaluationError`` if it takes no such values, or has no result for them.
  static func call(
    _ name: String, _ values: [Value], _ patterns: inout PatternCache
  ) throws(EvaluationError) -> Value {
    if let result = try Self.operation(name, values) { return result }
    if let result = try Self.conversion(name, values) { return result }
    if let result = try Self.text(name, values, &patterns) { return result }
    if let result = try Self.list(name, values) { return result }
    if let result = try Self.time(name, values) { return result }
    if let result = try Self.quantity(name, values) { return result }
    throw .noSuchOverload
  }
}

extension Value {
  /// The value as the index of an element; nil for what is none.
  var index: Int? {
    switch self {
    case .int(let int): Int(exactly: int)
    case .uint(let uint): Int(exactly: uint)
    case .double(let double): Int(exactly: double)
    default: nil
    }
  }
}
