/// The macros: calls that stand for loops and for tests of presence.
enum Macro {
  /// What a call turned out to be.
  enum Expansion {
    case notMacro
    case expanded(Expression)
    case fault(CompilationError.Issue)
  }

  /// The name of the variable in which a loop gathers its result; no expression can name it.
  static let accumulator = "@result"

  /// Expands a call without a target: `has(a.b)`.
  static func expand(_ name: String, _ arguments: [Expression], at offset: Int) -> Expansion {
    guard name == "has", arguments.count == 1 else { return .notMacro }
    guard case .select(let operand, let field, isTest: false) = arguments[0].kind else {
      return .fault(.init(offset: arguments[0].offset, message: "invalid argument to has() macro"))
    }
    return .expanded(Expression(.select(operand, field: field, isTest: true), at: offset))
  }

  /// Expands a call of a target, such as `list.all(x, x > 0)`.
  static func expand(
    _ name: String, of target: Expression, _ arguments: [Expression], at offset: Int
  ) -> Expansion {
    let counts: ClosedRange<Int>
    switch name {
    case "all", "exists", "exists_one", "existsOne": counts = 2...3
    case "map": counts = 2...3
    case "filter", "optMap", "optFlatMap": counts = 2...2
    case "transformList", "transformMap": counts = 3...4
    default: return .notMacro
    }
    guard counts.contains(arguments.count) else { return .notMacro }
    let hasTwo = name.hasPrefix("transform") || name != "map" && arguments.count == 3
    var variables: [String] = []
    for argument in arguments.prefix(hasTwo ? 2 : 1) {
      guard let variable = argument.simpleName else {
        return .fault(.init(offset: argument.offset, message: "argument must be a simple name"))
      }
      variables.append(variable)
    }
    if hasTwo, variables[0] == variables[1] {
      let message = "duplicate variable name: \(variables[0])"
      return .fault(.init(offset: arguments[1].offset, message: message))
    }
    let loop = Loop(target: target, variables: variables, offset: offset)
    let rest = Array(arguments.dropFirst(variables.count))
    switch name {
    case "all": return .expanded(loop.all(rest[0]))
    case "exists": return .expanded(loop.exists(rest[0]))
    case "exists_one", "existsOne": return .expanded(loop.existsOne(rest[0]))
    case "filter": return .expanded(loop.filter(rest[0]))
    case "map", "transformList":
      return .expanded(loop.map(rest[rest.count - 1], where: rest.count == 2 ? rest[0] : nil))
    case "transformMap":
      return .expanded(loop.transformMap(rest[rest.count - 1], where: rest.count == 2 ? rest[0] : nil))
    default: return .expanded(loop.optionalMap(rest[0], isFlat: name == "optFlatMap"))
    }
  }
}

/// Builds the loop of a macro.
private struct Loop {
  var target: Expression
  var variables: [String]
  var offset: Int

  private func node(_ kind: Expression.Kind) -> Expression { Expression(kind, at: self.offset) }
  private func call(_ function: String, _ arguments: [Expression]) -> Expression {
    .call(function, arguments, at: self.offset)
  }
  private func literal(_ value: Value) -> Expression { self.node(.literal(value)) }
  private var accumulated: Expression { self.node(.identifier(Macro.accumulator)) }

  private func comprehension(
    from initial: Expression, while condition: Expression, step: Expression, result: Expression? = nil
  ) -> Expression {
    self.node(
      .comprehension(
        .init(
          range: self.target, variable: self.variables[0],
          secondVariable: self.variables.count > 1 ? self.variables[1] : nil, accumulator: Macro.accumulator,
          initial: initial, condition: condition, step: step, result: result ?? self.accumulated)))
  }

  func all(_ predicate: Expression) -> Expression {
    self.comprehension(
      from: self.literal(.bool(true)), while: self.call(Operator.notStrictlyFalse, [self.accumulated]),
      step: self.call(Operator.and, [self.accumulated, predicate]))
  }

  func exists(_ predicate: Expression) -> Expression {
    let isUndecided = self.call(Operator.notStrictlyFalse, [self.call(Operator.not, [self.accumulated])])
    return self.comprehension(
      from: self.literal(.bool(false)), while: isUndecided,
      step: self.call(Operator.or, [self.accumulated, predicate]))
  }

  func existsOne(_ predicate: Expression) -> Expression {
    let counted = self.call("_+_", [self.accumulated, self.literal(.int(1))])
    return self.comprehension(
      from: self.literal(.int(0)), while: self.literal(.bool(true)), step: self.step(counted, where: predicate),
      result: self.call("_==_", [self.accumulated, self.literal(.int(1))]))
  }

  func filter(_ predicate: Expression) -> Expression {
    self.gather(self.node(.identifier(self.variables[0])), where: predicate)
  }

  func map(_ transform: Expression, where predicate: Expression?) -> Expression {
    self.gather(transform, where: predicate)
  }

  func transformMap(_ transform: Expression, where predicate: Expression?) -> Expression {
    let key = self.node(.identifier(self.variables[0]))
    return self.comprehension(
      from: self.node(.map([])), while: self.literal(.bool(true)),
      step: self.step(self.call(Operator.mapInsert, [self.accumulated, key, transform]), where: predicate))
  }

  /// `target.hasValue() ? optional.of(body) : optional.none()`, with a variable for the target's value.
  func optionalMap(_ body: Expression, isFlat: Bool) -> Expression {
    func method(_ name: String) -> Expression {
      self.node(.call(.init(function: name, target: self.target, arguments: [])))
    }
    let bound = self.node(
      .comprehension(
        .init(
          range: self.node(.list([], optionals: [])), variable: "#unused", secondVariable: nil,
          accumulator: self.variables[0], initial: method("value"), condition: self.literal(.bool(false)),
          step: self.node(.identifier(self.variables[0])), result: body)))
    return self.call(
      Operator.conditional,
      [method("hasValue"), isFlat ? bound : self.call("optional.of", [bound]), self.call("optional.none", [])])
  }

  private func gather(_ element: Expression, where predicate: Expression?) -> Expression {
    let added = self.call("_+_", [self.accumulated, self.node(.list([element], optionals: []))])
    return self.comprehension(
      from: self.node(.list([], optionals: [])), while: self.literal(.bool(true)),
      step: self.step(added, where: predicate))
  }

  private func step(_ step: Expression, where predicate: Expression?) -> Expression {
    predicate.map { self.call(Operator.conditional, [$0, step, self.accumulated]) } ?? step
  }
}
