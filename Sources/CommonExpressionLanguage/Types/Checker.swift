/// What the checker found out about an expression.
struct CheckedTypes: Sendable {
  /// The types of nodes.
  var types: [ObjectIdentifier: ValueType] = [:]
  /// The overloads that calls may mean.
  var overloads: [ObjectIdentifier: [String]] = [:]
  /// The variables that the expression names, but for those of its loops.
  var variables: Set<String> = []

  /// The type of a node.
  func type(of expression: Expression) -> ValueType { self.types[ObjectIdentifier(expression)] ?? .dyn }
}

/// Finds the type of every part of an expression, and what does not fit together.
struct Checker {
  private let variables: [String: ValueType]
  private let functions: FunctionLibrary
  private var locals: [(name: String, type: ValueType)] = []
  private var unifier = TypeUnifier()
  private var checked = CheckedTypes()
  private var issues: [CompilationError.Issue] = []

  private init(_ variables: [String: ValueType], _ functions: FunctionLibrary) {
    self.variables = variables
    self.functions = functions
  }

  /// Checks an expression.
  ///
  /// - Throws: ``CompilationError`` for names that are not declared, and for operands of other types than wanted.
  static func check(
    _ expression: Expression, variables: [String: ValueType], functions: FunctionLibrary, source: [Unicode.Scalar]
  ) throws(CompilationError) -> CheckedTypes {
    var checker = Checker(variables, functions)
    _ = checker.check(expression)
    guard checker.issues.isEmpty else { throw CompilationError(checker.issues, in: source) }
    checker.checked.types = checker.checked.types.mapValues { [unifier = checker.unifier] in
      unifier.resolve($0, isFinal: true)
    }
    let faults = LiteralArguments.issues(in: expression)
    guard faults.isEmpty else { throw CompilationError(faults, in: source) }
    return checker.checked
  }

  private mutating func report(_ message: String, at expression: Expression) {
    self.issues.append(.init(offset: expression.offset, message: message))
  }

  private mutating func undeclared(_ name: String, at expression: Expression) -> ValueType {
    self.report("undeclared reference to '\(name)' (in container '')", at: expression)
    return .error
  }

  /// The type of an expression, which is recorded.
  private mutating func check(_ expression: Expression) -> ValueType {
    let type = self.unifier.resolve(self.type(of: expression))
    self.checked.types[ObjectIdentifier(expression)] = type
    return type
  }

  private mutating func type(of expression: Expression) -> ValueType {
    switch expression.kind {
    case .literal(let value): return value.type
    case .identifier(let name): return self.identifier(name, at: expression)
    case .select(let operand, let field, let isTest):
      if !isTest, let type = self.typeName(of: expression) { return .type(type) }
      let type = self.field(field, of: self.check(operand), at: expression)
      return isTest ? .bool : type
    case .call(let call): return self.call(call, at: expression)
    case .list(let elements, let optionals):
      var joined: ValueType?
      for (index, element) in elements.enumerated() {
        self.join(&joined, self.checkElement(element, isOptional: optionals.contains(index)), at: element)
      }
      return .list(joined ?? self.unifier.fresh())
    case .map(let entries):
      var (key, value): (ValueType?, ValueType?)
      for entry in entries {
        self.join(&key, self.check(entry.key), at: entry.key)
        self.join(&value, self.checkElement(entry.value, isOptional: entry.isOptional), at: entry.value)
      }
      return .map(key ?? self.unifier.fresh(), value ?? self.unifier.fresh())
    case .comprehension(let loop): return self.loop(loop)
    case .message(let name): return self.undeclared(name, at: expression)
    }
  }

  private mutating func identifier(_ name: String, at expression: Expression) -> ValueType {
    if let local = self.locals.last(where: { $0.name == name }) { return local.type }
    if let type = self.variables[name] {
      self.checked.variables.insert(name)
      return type
    }
    if let type = ValueType.named[name] { return .type(type) }
    return self.undeclared(name, at: expression)
  }

  /// The type that a dotted name means, such as `google.protobuf.Duration`.
  private func typeName(of expression: Expression) -> ValueType? {
    expression.qualifiedName.flatMap { ValueType.named[$0] }
  }

  /// The type of an element that all of a literal's elements have.
  private mutating func join(_ joined: inout ValueType?, _ type: ValueType, at element: Expression) {
    guard let known = joined else {
      joined = type
      return
    }
    guard self.unifier.assign([type], to: [known]) else {
      let names = (self.unifier.resolve(known, isFinal: true), self.unifier.resolve(type, isFinal: true))
      return self.report("expected type '\(names.0)' but found '\(names.1)'", at: element)
    }
    if type.isDynamic { joined = .dyn }
  }

  private mutating func checkElement(_ element: Expression, isOptional: Bool) -> ValueType {
    let type = self.check(element)
    guard isOptional else { return type }
    if case .optional(let wrapped) = type { return wrapped }
    if !type.isDynamic { self.report("expected type 'optional_type(\(type))' but found '\(type)'", at: element) }
    return type
  }

  // MARK: Fields

  private mutating func field(_ name: String, of operand: ValueType, at expression: Expression) -> ValueType {
    switch operand {
    case .optional(let wrapped):
      return .optional(self.field(name, of: self.unifier.resolve(wrapped), at: expression))
    case .map(_, let value): return value
    case .object(let shape):
      if let field = shape.field(name) { return field.type }
      self.report("undefined field '\(name)'", at: expression)
      return .error
    case .variable:
      _ = self.unifier.assign([.dyn], to: [operand])
      return .dyn
    case .dyn, .error: return .dyn
    default:
      self.report("type '\(operand)' does not support field selection", at: expression)
      return .dyn
    }
  }

  // MARK: Calls

  private mutating func call(_ call: Expression.Call, at expression: Expression) -> ValueType {
    if call.function == Operator.optionalSelect {
      let type = self.field(
        call.arguments[1].literalValue?.stringValue ?? "", of: self.check(call.arguments[0]), at: expression)
      self.checked.overloads[ObjectIdentifier(expression)] = ["select_optional_field"]
      if case .optional = type { return type }
      return .optional(type)
    }
    var types: [ValueType] = []
    // The target stands before the arguments, but its faults are the same wherever it is looked at.
    if let target = call.target { types.append(self.check(target)) }
    for argument in call.arguments { types.append(self.check(argument)) }
    guard let function = self.functions[call.function] else { return self.undeclared(call.function, at: expression) }
    if call.function == Operator.and || call.function == Operator.or {
      for (argument, type) in zip(call.arguments, types) where !self.unifier.assign([type], to: [.bool]) {
        self.report("expected type 'bool' but found '\(type)'", at: argument)
      }
      self.checked.overloads[ObjectIdentifier(expression)] = function.overloads.map(\.id)
      return .bool
    }
    return self.resolve(function, types, isMember: call.target != nil, at: expression)
  }

  private mutating func resolve(
    _ function: FunctionDeclaration, _ types: [ValueType], isMember: Bool, at expression: Expression
  ) -> ValueType {
    var result: ValueType?
    var ids: [String] = []
    for overload in function.overloads where overload.isMember == isMember {
      let signature = self.unifier.instantiate([overload.result] + overload.parameters)
      guard self.unifier.assign(types, to: Array(signature.dropFirst())) else { continue }
      ids.append(overload.id)
      let type = self.unifier.resolve(signature[0])
      if result == nil {
        result = type
      } else if result != .dyn, result != type {
        result = .dyn
      }
    }
    self.checked.overloads[ObjectIdentifier(expression)] = ids
    if let result { return result }
    let names = types.map { self.unifier.resolve($0, isFinal: true).description }
    let arguments = "(\(names.dropFirst(isMember ? 1 : 0).joined(separator: ", ")))"
    let applied = isMember ? "\(names[0]).\(arguments)" : arguments
    self.report("found no matching overload for '\(function.name)' applied to '\(applied)'", at: expression)
    return .error
  }

  // MARK: Loops

  private mutating func loop(_ loop: Expression.Comprehension) -> ValueType {
    let range = self.unifier.resolve(self.check(loop.range))
    let initial = self.check(loop.initial)
    let count = self.locals.count
    self.locals.append((loop.accumulator, initial))
    self.locals += self.loopVariables(loop, range)
    let condition = self.check(loop.condition)
    self.require(condition, .bool, at: loop.condition)
    let step = self.check(loop.step)
    self.require(step, initial, at: loop.step)
    self.locals.removeSubrange((count + 1)...)
    let result = self.check(loop.result)
    self.locals.removeSubrange(count...)
    return result
  }

  private mutating func loopVariables(
    _ loop: Expression.Comprehension, _ range: ValueType
  ) -> [(name: String, type: ValueType)] {
    var (first, second): (ValueType, ValueType)
    switch range {
    case .list(let element): (first, second) = loop.secondVariable == nil ? (element, element) : (.int, element)
    case .map(let key, let value): (first, second) = (key, value)
    case .dyn, .error, .variable:
      _ = self.unifier.assign([.dyn], to: [range])
      (first, second) = (.dyn, .dyn)
    default:
      self.report(
        "expression of type '\(range)' cannot be range of a comprehension (must be list, map, or dynamic)",
        at: loop.range)
      (first, second) = (.error, .error)
    }
    return [(loop.variable, first)] + (loop.secondVariable.map { [($0, second)] } ?? [])
  }

  private mutating func require(_ type: ValueType, _ wanted: ValueType, at expression: Expression) {
    guard !self.unifier.assign([type], to: [wanted]) else { return }
    let (wanted, type) = (self.unifier.resolve(wanted, isFinal: true), self.unifier.resolve(type, isFinal: true))
    self.report("expected type '\(wanted)' but found '\(type)'", at: expression)
  }
}
