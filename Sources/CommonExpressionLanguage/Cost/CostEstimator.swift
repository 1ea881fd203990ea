/// Estimates what an expression may cost at most, by cel-go's rules, before any value of its variables is known.
struct CostEstimator {
  /// The sizes of what a literal or a loop contains.
  struct EntrySizes {
    var isList: Bool
    var key: Estimate
    var value: Estimate

    func union(_ other: EntrySizes) -> EntrySizes {
      EntrySizes(isList: self.isList, key: self.key.union(other.key), value: self.value.union(other.value))
    }
  }

  private struct Local {
    var name: String
    var path: [String]
    var size: Estimate?
    var entries: EntrySizes?
  }

  let checked: CheckedTypes
  /// The shape of every variable.
  private let root: JSONShape
  private var locals: [Local] = []
  private var paths: [ObjectIdentifier: [String]] = [:]
  private var sizes: [ObjectIdentifier: Estimate] = [:]
  private var entrySizes: [ObjectIdentifier: EntrySizes] = [:]

  init(checked: CheckedTypes, root: JSONShape) {
    self.checked = checked
    self.root = root
  }

  /// The cost of an expression.
  mutating func cost(of expression: Expression) -> Estimate {
    let id = ObjectIdentifier(expression)
    switch expression.kind {
    case .literal, .message: return .zero
    case .identifier(let name):
      self.paths[id] = self.local(name)?.path ?? [name]
      return .one
    case .select(let operand, let field, let isTest):
      var cost = self.cost(of: operand)
      if isTest { return cost }
      switch self.checked.type(of: operand) {
      case .map, .object: cost = cost + .one
      default: break
      }
      self.paths[id] = self.path(of: operand) + [field]
      return cost
    case .call(let call): return self.cost(of: call, expression)
    case .list(let elements, _):
      let cost = elements.reduce(Estimate(10)) { $0 + self.cost(of: $1) }
      self.entrySizes[id] = EntrySizes(isList: true, key: .one, value: self.union(elements))
      return cost
    case .map(let entries):
      let cost = entries.reduce(Estimate(30)) { $0 + self.cost(of: $1.key) + self.cost(of: $1.value) }
      self.entrySizes[id] = EntrySizes(
        isList: false, key: self.union(entries.map(\.key)), value: self.union(entries.map(\.value)))
      return cost
    case .comprehension(let loop): return self.cost(of: loop, expression)
    }
  }

  private mutating func union(_ elements: [Expression]) -> Estimate {
    var result = Estimate(elements.isEmpty ? 0 : .max, 0)
    for element in elements { result = result.union(self.sizeOrUnknown(of: element)) }
    return result
  }

  // MARK: Places and sizes

  private func local(_ name: String) -> Local? { self.locals.last { $0.name == name } }

  /// The way from a variable to an expression's value; empty if there is none.
  func path(of expression: Expression) -> [String] {
    if let name = expression.simpleName, let local = self.local(name) { return local.path }
    return self.paths[ObjectIdentifier(expression)] ?? []
  }

  /// The size of what lies at the end of a path; nil for a path that leads nowhere.
  func size(at path: [String]) -> Estimate? {
    guard !path.isEmpty else { return nil }
    var shape = self.root
    for step in path.dropFirst() {
      switch (step, shape.kind) {
      case ("@items", .list(let items, _)), ("@values", .list(let items, _)): shape = items
      case ("@items", .map(let values)), ("@values", .map(let values)): shape = values
      case ("@keys", .map): return .zero
      case (_, .object):
        guard let field = shape.field(step) else { return nil }
        shape = field
      default: return nil
      }
    }
    return Estimate(0, shape.limits.maximumSize)
  }

  /// The size of an expression's value; nil if nothing is known of it.
  mutating func size(of expression: Expression) -> Estimate? {
    let id = ObjectIdentifier(expression)
    if let known = self.sizes[id] { return known }
    switch expression.kind {
    case .literal(let value): return Estimate(UInt64(value.costSize))
    case .list(let elements, _): return Estimate(UInt64(elements.count))
    case .map(let entries): return Estimate(UInt64(entries.count))
    default: break
    }
    var path = self.path(of: expression)
    if path.first == Macro.accumulator { path = [] }
    if let size = self.size(at: path) {
      self.sizes[id] = size
      return size
    }
    if Self.isScalar(self.checked.type(of: expression)) { return .one }
    return expression.simpleName.flatMap { self.local($0)?.size }
  }

  private static func isScalar(_ type: ValueType) -> Bool {
    switch type {
    case .bool, .double, .duration, .int, .timestamp, .uint: true
    case .optional(let wrapped): Self.isScalar(wrapped)
    default: false
    }
  }

  mutating func sizeOrUnknown(of expression: Expression) -> Estimate { self.size(of: expression) ?? .unknown }

  mutating func setSize(_ size: Estimate?, of expression: Expression) {
    if let size { self.sizes[ObjectIdentifier(expression)] = size }
  }

  func entries(of expression: Expression) -> EntrySizes? {
    self.entrySizes[ObjectIdentifier(expression)] ?? expression.simpleName.flatMap { self.local($0)?.entries }
  }

  mutating func setEntries(_ entries: EntrySizes?, of expression: Expression) {
    if let entries { self.entrySizes[ObjectIdentifier(expression)] = entries }
  }

  mutating func setPath(_ path: [String], of expression: Expression) {
    self.paths[ObjectIdentifier(expression)] = path
  }

  // MARK: Loops

  private mutating func cost(of loop: Expression.Comprehension, _ expression: Expression) -> Estimate {
    var cost = self.cost(of: loop.range) + self.cost(of: loop.initial)
    let count = self.locals.count
    self.locals.append(
      Local(
        name: loop.accumulator, path: self.path(of: loop.initial), size: self.size(of: loop.initial),
        entries: self.entries(of: loop.initial)))
    if loop.accumulator != Macro.accumulator {
      // A variable that is bound to one value, and no loop.
      cost = cost + self.cost(of: loop.result)
      self.locals.removeSubrange(count...)
      self.setSize(self.size(of: loop.result), of: expression)
      self.setEntries(self.entries(of: loop.result), of: expression)
      return cost
    }
    self.locals += self.variables(of: loop)
    let round = self.cost(of: loop.condition) + self.cost(of: loop.step)
    self.locals.removeSubrange((count + 1)...)
    cost = cost + self.cost(of: loop.result)
    self.locals.removeSubrange(count...)
    let rounds = self.sizeOrUnknown(of: loop.range)
    switch loop.initial.kind {
    case .literal: self.setSize(self.size(of: loop.initial), of: expression)
    case .list, .map:
      self.setSize(rounds, of: expression)
      self.setEntries(self.entries(of: loop.step), of: expression)
    default: break
    }
    return cost + rounds * round
  }

  private func variables(of loop: Expression.Comprehension) -> [Local] {
    let entries = self.entries(of: loop.range)
    let isList: Bool
    if let entries {
      isList = entries.isList
    } else if case .list = self.checked.type(of: loop.range) {
      isList = true
    } else {
      isList = false
    }
    let path = self.path(of: loop.range)
    guard let second = loop.secondVariable else {
      return [
        Local(
          name: loop.variable, path: path + [isList ? "@items" : "@keys"], size: isList ? entries?.value : entries?.key)
      ]
    }
    return [
      Local(name: loop.variable, path: path + [isList ? "@indices" : "@keys"], size: entries?.key),
      Local(name: second, path: path + [isList ? "@items" : "@values"], size: entries?.value),
    ]
  }
}
