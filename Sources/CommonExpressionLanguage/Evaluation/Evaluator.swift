/// Walks an expression and gives its value.
struct Evaluator {
  /// A variable of a loop; what it holds may be an error, which only a use of it raises.
  private struct Local {
    var name: String
    var value: Result<Value, EvaluationError>
  }

  private let variables: [String: Value]
  private var locals: [Local] = []
  private var patterns: PatternCache
  /// What the evaluation has cost so far.
  private(set) var cost = 0
  private let costLimit: Int

  init(variables: [String: Value], costLimit: Int) {
    self.variables = variables
    self.costLimit = costLimit
    self.patterns = PatternCache(costLimit: costLimit)
  }

  /// Adds to the cost.
  ///
  /// - Throws: an error that nothing makes up for once the limit is exceeded.
  private mutating func spend(_ cost: Int) throws(EvaluationError) {
    let (sum, isOver) = self.cost.addingReportingOverflow(cost)
    self.cost = isOver ? .max : sum
    guard self.cost <= self.costLimit else { throw .costExceeded }
  }

  /// The value of an expression.
  ///
  /// - Throws: ``EvaluationError`` if it has none, or costs too much.
  mutating func evaluate(_ expression: Expression) throws(EvaluationError) -> Value {
    switch expression.kind {
    case .literal(let value): return value
    case .identifier(let name):
      try self.spend(1)
      return try self.variable(name)
    case .select(let operand, let field, let isTest):
      if !isTest, let name = expression.qualifiedName, let type = ValueType.named[name] { return .type(type) }
      let value = try self.evaluate(operand)
      if isTest { return .bool(try Self.has(field, in: value)) }
      try self.spend(1)
      return try Self.select(field, of: value)
    case .call(let call): return try self.call(call)
    case .list(let elements, let optionals): return try self.list(elements, optionals)
    case .map(let entries): return try self.map(entries)
    case .comprehension(let loop): return try self.loop(loop)
    case .message(let name): throw EvaluationError("unknown type: \(name)")
    }
  }

  private func variable(_ name: String) throws(EvaluationError) -> Value {
    if let local = self.locals.last(where: { $0.name == name }) { return try local.value.get() }
    if let value = self.variables[name] { return value }
    if let type = ValueType.named[name] { return .type(type) }
    throw EvaluationError("no such attribute(s): \(name)")
  }

  // MARK: Fields

  private static func has(_ field: String, in value: Value) throws(EvaluationError) -> Bool {
    switch value {
    case .map(let map): return try map.value(.string(field)) != nil
    case .optional(let wrapped?): return try Self.has(field, in: wrapped)
    case .list: throw EvaluationError("unsupported index type 'string' in list")
    default: return false
    }
  }

  private static func select(_ field: String, of value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .map(let map):
      guard let found = try map.value(.string(field)) else { throw .noSuchKey(.string(field)) }
      return found
    case .optional: return try Self.optionalSelect(.string(field), of: value)
    case .list: throw EvaluationError("unsupported index type 'string' in list")
    default: throw .noSuchKey(.string(field))
    }
  }

  /// An element or a field that may be absent.
  static func optionalSelect(_ key: Value, of value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .optional(nil): return value
    case .optional(let wrapped?): return try Self.optionalSelect(key, of: wrapped)
    case .map(let map): return .optional(try map.value(key))
    case .list(let list):
      guard let index = key.index else { throw .noSuchOverload }
      return .optional(try list.element(index))
    default: throw .noSuchKey(key)
    }
  }

  // MARK: Literals

  private mutating func list(_ elements: [Expression], _ optionals: Set<Int>) throws(EvaluationError) -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      let value = try self.evaluate(element)
      guard optionals.contains(index) else {
        values.append(value)
        continue
      }
      guard case .optional(let wrapped) = value else { throw .noSuchOverload }
      if let wrapped { values.append(wrapped) }
    }
    try self.spend(10)
    return .list(values)
  }

  private mutating func map(_ entries: [Expression.MapEntry]) throws(EvaluationError) -> Value {
    var map = MapValue()
    for entry in entries {
      let key = try self.evaluate(entry.key)
      let value = try self.evaluate(entry.value)
      guard entry.isOptional else {
        try map.insert(value, for: key)
        continue
      }
      guard case .optional(let wrapped) = value else { throw .noSuchOverload }
      if let wrapped { try map.insert(wrapped, for: key) }
    }
    try self.spend(30)
    return .map(map)
  }

  // MARK: Calls

  private mutating func call(_ call: Expression.Call) throws(EvaluationError) -> Value {
    switch call.function {
    case Operator.and: return try self.logic(call.arguments, deciding: false)
    case Operator.or: return try self.logic(call.arguments, deciding: true)
    case Operator.conditional:
      guard case .bool(let condition) = try self.evaluate(call.arguments[0]) else { throw .noSuchOverload }
      return try self.evaluate(call.arguments[condition ? 1 : 2])
    case Operator.notStrictlyFalse:
      do {
        return .bool(try self.evaluate(call.arguments[0]).boolValue ?? true)
      } catch {
        guard !error.isCancelled else { throw error }
        return .bool(true)
      }
    case "or", "orValue":
      // What stands in for an absent value is not evaluated for one that is there.
      guard let target = call.target, call.arguments.count == 1 else { throw .noSuchOverload }
      guard case .optional(let wrapped) = try self.evaluate(target) else { throw .noSuchOverload }
      if let wrapped { return call.function == "or" ? .optional(wrapped) : wrapped }
      return try self.evaluate(call.arguments[0])
    default: break
    }
    var values: [Value] = []
    values.reserveCapacity(call.arguments.count + 1)
    if let target = call.target { values.append(try self.evaluate(target)) }
    for argument in call.arguments { values.append(try self.evaluate(argument)) }
    try self.spend(RuntimeCost.cost(of: call.function, values))
    let result = try Functions.call(call.function, values, &self.patterns)
    if call.function == "join" { try self.spend(result.costSize / 5) }
    return result
  }

  /// `&&` or `||`: an operand that decides makes up for an error of the other.
  private mutating func logic(_ operands: [Expression], deciding: Bool) throws(EvaluationError) -> Value {
    var fault: EvaluationError?
    for operand in operands {
      do throws(EvaluationError) {
        guard case .bool(let bool) = try self.evaluate(operand) else { throw .noSuchOverload }
        if bool == deciding { return .bool(deciding) }
      } catch {
        guard !error.isCancelled else { throw error }
        fault = fault ?? error
      }
    }
    if let fault { throw fault }
    return .bool(!deciding)
  }

  // MARK: Loops

  private mutating func loop(_ loop: Expression.Comprehension) throws(EvaluationError) -> Value {
    if let gathering = Gathering(loop) { return try self.gather(gathering, loop) }
    let (first, second) = try Self.iterations(of: try self.evaluate(loop.range), loop.secondVariable != nil)
    let count = self.locals.count
    defer { self.locals.removeSubrange(count...) }
    self.locals.append(Local(name: loop.accumulator, value: try self.attempt(loop.initial)))
    for index in first.indices {
      // Even a body that costs nothing takes its time.
      try self.spend(1)
      self.locals.append(Local(name: loop.variable, value: .success(first[index])))
      if let name = loop.secondVariable { self.locals.append(Local(name: name, value: .success(second[index]))) }
      guard case .bool(true) = try self.evaluate(loop.condition) else {
        self.locals.removeSubrange((count + 1)...)
        break
      }
      let step = try self.attempt(loop.step)
      self.locals.removeSubrange((count + 1)...)
      self.locals[count].value = step
    }
    return try self.evaluate(loop.result)
  }

  /// A loop that adds elements to a list, which would take a copy of the list for each.
  private mutating func gather(
    _ gathering: Gathering, _ loop: Expression.Comprehension
  ) throws(EvaluationError) -> Value {
    let (first, second) = try Self.iterations(of: try self.evaluate(loop.range), loop.secondVariable != nil)
    let count = self.locals.count
    defer { self.locals.removeSubrange(count...) }
    var elements: [Value] = []
    for index in first.indices {
      self.locals.append(Local(name: loop.variable, value: .success(first[index])))
      if let name = loop.secondVariable { self.locals.append(Local(name: name, value: .success(second[index]))) }
      // What the list, its name and the sum cost.
      try self.spend(12)
      var isWanted = true
      if let predicate = gathering.predicate {
        guard case .bool(let bool) = try self.evaluate(predicate) else { throw .noSuchOverload }
        isWanted = bool
      }
      if isWanted { elements.append(try self.evaluate(gathering.element)) }
      self.locals.removeSubrange(count...)
    }
    return .list(elements)
  }

  /// An expression's value, or the error that it ended with and that a later step may make up for.
  private mutating func attempt(_ expression: Expression) throws(EvaluationError) -> Result<Value, EvaluationError> {
    do {
      return .success(try self.evaluate(expression))
    } catch {
      guard !error.isCancelled else { throw error }
      return .failure(error)
    }
  }

  private static func iterations(
    of range: Value, _ hasTwo: Bool
  ) throws(EvaluationError) -> (first: [Value], second: [Value]) {
    switch range {
    case .list(let list):
      let elements = try list.elements()
      return hasTwo ? (elements.indices.map { .int(Int64($0)) }, elements) : (elements, [])
    case .map(let map):
      let keys = map.keys
      guard hasTwo else { return (keys, []) }
      var values: [Value] = []
      for key in keys { values.append(try map.value(key) ?? .null) }
      return (keys, values)
    default: throw EvaluationError("got '\(range.type.implementationName)', expected iterable type")
    }
  }
}

extension ValueType {
  /// The name that cel-go's messages have for the type of a value that cannot be walked.
  fileprivate var implementationName: String {
    switch self {
    case .bool: "types.Bool"
    case .int: "types.Int"
    case .uint: "types.Uint"
    case .double: "types.Double"
    case .string: "types.String"
    case .bytes: "types.Bytes"
    case .null: "types.Null"
    default: self.description
    }
  }
}

/// A loop that adds one element to a list in every round, or in some.
private struct Gathering {
  var element: Expression
  var predicate: Expression?

  init?(_ loop: Expression.Comprehension) {
    guard case .list(let initial, _) = loop.initial.kind, initial.isEmpty, loop.accumulator == Macro.accumulator else {
      return nil
    }
    guard case .call(let step) = loop.step.kind else { return nil }
    var sum = step
    if step.function == Operator.conditional, case .call(let inner) = step.arguments[1].kind {
      self.predicate = step.arguments[0]
      sum = inner
    }
    guard sum.function == "_+_", case .list(let added, _) = sum.arguments[1].kind, added.count == 1 else { return nil }
    self.element = added[0]
  }
}
