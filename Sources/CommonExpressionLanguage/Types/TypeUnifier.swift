/// Which types the type variables of an expression stand for, found while its parts are checked.
struct TypeUnifier {
  private var substitutions: [ValueType: ValueType] = [:]
  private var variableCount = 0

  /// A type that is not yet known.
  mutating func fresh() -> ValueType {
    self.variableCount += 1
    return .variable(self.variableCount)
  }

  /// A function's types with fresh variables for its parameters.
  mutating func instantiate(_ types: [ValueType]) -> [ValueType] {
    var names: [String: ValueType] = [:]
    return types.map { self.instantiate($0, &names) }
  }

  private mutating func instantiate(_ type: ValueType, _ names: inout [String: ValueType]) -> ValueType {
    guard case .parameter(let name) = type else { return type.mapParts { self.instantiate($0, &names) } }
    if let known = names[name] { return known }
    let variable = self.fresh()
    names[name] = variable
    return variable
  }

  /// The type with all that is known of its variables; with `isFinal`, the rest is dynamic.
  func resolve(_ type: ValueType, isFinal: Bool = false) -> ValueType {
    if let known = self.substitutions[type] { return self.resolve(known, isFinal: isFinal) }
    if isFinal, type.isVariable { return .dyn }
    return type.mapParts { self.resolve($0, isFinal: isFinal) }
  }

  /// Whether values of the one types may stand where the others are wanted; what follows for variables is kept then.
  mutating func assign(_ types: [ValueType], to wanted: [ValueType]) -> Bool {
    guard types.count == wanted.count else { return false }
    var attempt = self
    for (type, wanted) in zip(types, wanted) where !attempt.unify(type, wanted) { return false }
    self = attempt
    return true
  }

  private mutating func unify(_ type: ValueType, _ wanted: ValueType) -> Bool {
    if wanted.isVariable {
      let (isValid, isKnown) = self.substitute(type, for: wanted)
      if isValid { return true }
      if isKnown { return false }
    }
    if type.isVariable { return self.substitute(wanted, for: type).isValid }
    if type.isDynamic || wanted.isDynamic { return true }
    if type == .null { return wanted.takesNull }
    if wanted == .null { return type.takesNull }
    switch (type, wanted) {
    case (.type, .type): return true
    case (.list, .list), (.map, .map), (.optional, .optional):
      return zip(type.parts, wanted.parts).allSatisfy { self.unify($0, $1) }
    default: return type == wanted
    }
  }

  private mutating func substitute(_ type: ValueType, for variable: ValueType) -> (isValid: Bool, isKnown: Bool) {
    if type == variable { return (true, true) }
    if let known = self.substitutions[variable] {
      if type == known { return (true, true) }
      guard self.unify(type, known) else { return (false, true) }
      let general = Self.isLessSpecific(type, known) ? type : known
      if !self.occurs(variable, in: general) { self.substitutions[variable] = general }
      return (true, true)
    }
    guard !self.occurs(variable, in: type) else { return (false, false) }
    self.substitutions[variable] = type
    return (true, false)
  }

  private func occurs(_ variable: ValueType, in type: ValueType) -> Bool {
    if type == variable { return true }
    if type.isVariable { return self.substitutions[type].map { self.occurs(variable, in: $0) } ?? false }
    return type.parts.contains { self.occurs(variable, in: $0) }
  }

  private static func isLessSpecific(_ first: ValueType, _ second: ValueType) -> Bool {
    if first == .dyn || first.isVariable { return true }
    if second == .dyn || second.isVariable { return false }
    switch (first, second) {
    case (.list, .list), (.map, .map), (.optional, .optional):
      return zip(first.parts, second.parts).allSatisfy(Self.isLessSpecific)
    case (.type, .type): return true
    default: return first == second
    }
  }
}

extension ValueType {
  fileprivate var isVariable: Bool { if case .variable = self { true } else { false } }

  /// Whether a value of the type may be null.
  fileprivate var takesNull: Bool {
    switch self {
    case .null, .optional, .object, .duration, .timestamp, .quantity: true
    default: false
    }
  }
}
