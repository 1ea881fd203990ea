private import RegularExpression

/// Finds literal arguments that no evaluation can use: durations, times and regular expressions.
enum LiteralArguments {
  /// Every such argument in an expression.
  static func issues(in expression: Expression) -> [CompilationError.Issue] {
    var issues = expression.children.flatMap(Self.issues)
    guard case .call(let call) = expression.kind, let last = call.arguments.last, let value = last.literalValue else {
      return issues
    }
    let isUsable: Bool
    switch (call.function, value) {
    case ("duration", .string(let text)): isUsable = DurationValue(text) != nil
    case ("duration", .int): isUsable = false
    case ("timestamp", .string(let text)): isUsable = TimestampValue(text) != nil
    case ("matches", .string(let text)): isUsable = (try? Pattern(text)) != nil  // Why it is none, cel-go does not say.
    default: return issues
    }
    if !isUsable { issues.append(.init(offset: last.offset, message: "invalid \(call.function) argument")) }
    return issues
  }

  private static let conversions: Set<String> = [
    "int", "uint", "double", "bool", "string", "bytes", "duration", "timestamp",
  ]

  /// Why the conversion of a literal, or a search for a literal pattern, can never have a value; nil if all can.
  static func constantFault(in expression: Expression) -> EvaluationError? {
    for child in expression.children {
      if let fault = Self.constantFault(in: child) { return fault }
    }
    guard case .call(let call) = expression.kind, let value = call.arguments.first?.literalValue else { return nil }
    var patterns = PatternCache(costLimit: Program.costLimit)
    do {
      if Self.conversions.contains(call.function), call.arguments.count == 1 {
        _ = try Functions.call(call.function, [value], &patterns)
      } else if call.function == "find" || call.function == "findAll" {
        _ = try Functions.call("find", [.string(""), value], &patterns)
      }
      return nil
    } catch {
      return error
    }
  }
}
