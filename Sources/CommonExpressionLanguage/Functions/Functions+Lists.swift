extension Functions {
  /// What can be done with lists; nil for another name or another target.
  static func list(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
    if name == "lists.range" { return try Self.range(values) }
    guard case .list(let list)? = values.first else { return nil }
    let elements = try list.elements()
    switch (name, values.count) {
    case ("indexOf", 2): return .int(Int64(elements.firstIndex { $0.isEqual(to: values[1]) } ?? -1))
    case ("lastIndexOf", 2): return .int(Int64(elements.lastIndex { $0.isEqual(to: values[1]) } ?? -1))
    case ("isSorted", 1):
      for (previous, next) in zip(elements, elements.dropFirst()) where try Self.order(previous, next) == .greater {
        return .bool(false)
      }
      return .bool(true)
    case ("min", 1): return try Self.extreme(elements, name, .less)
    case ("max", 1): return try Self.extreme(elements, name, .greater)
    case ("sum", 1):
      guard var sum = elements.first else { return .int(0) }
      for element in elements.dropFirst() { sum = try Self.arithmetic("_+_", sum, element) }
      return sum
    case ("sort", 1): return .list(try Self.sorted(elements))
    case ("reverse", 1): return .list(elements.reversed())
    case ("distinct", 1):
      var distinct: [Value] = []
      for element in elements where !distinct.contains(where: { $0.isEqual(to: element) }) { distinct.append(element) }
      return .list(distinct)
    case ("slice", 3): return .list(try Self.slice(elements, values[1], values[2]))
    case ("flatten", 1):
      var flat: [Value] = []
      for element in elements {
        if case .list(let inner) = element { flat += try inner.elements() } else { flat.append(element) }
      }
      return .list(flat)
    case ("first", 1): return .optional(elements.first)
    case ("last", 1): return .optional(elements.last)
    case ("sets.contains", 2), ("sets.equivalent", 2), ("sets.intersects", 2): return .bool(try Self.sets(name, values))
    default: return nil
    }
  }

  private static func order(_ left: Value, _ right: Value) throws(EvaluationError) -> Order? {
    guard let order = left.order(to: right) else { throw .noSuchOverload }
    return order
  }

  private static func extreme(_ elements: [Value], _ name: String, _ wanted: Order) throws(EvaluationError) -> Value {
    guard var best = elements.first else { throw EvaluationError("\(name) called on empty list") }
    for element in elements.dropFirst() where try Self.order(element, best) == wanted { best = element }
    return best
  }

  private static func sorted(_ elements: [Value]) throws(EvaluationError) -> [Value] {
    for element in elements.dropFirst() { _ = try Self.order(elements[0], element) }
    // Two values that have no order were found above.
    return elements.sorted { $0.order(to: $1) == .some(.some(.less)) }
  }

  private static func slice(_ elements: [Value], _ start: Value, _ end: Value) throws(EvaluationError) -> [Value] {
    guard case .int(let start) = start, case .int(let end) = end else { throw .noSuchOverload }
    guard start >= 0, end >= 0 else {
      throw EvaluationError("cannot slice(\(start), \(end)), negative indexes not supported")
    }
    guard start <= end else {
      throw EvaluationError("cannot slice(\(start), \(end)), start index must be less than or equal to end index")
    }
    guard end <= elements.count else {
      throw EvaluationError("cannot slice(\(start), \(end)), list is length \(elements.count)")
    }
    return Array(elements[Int(start)..<Int(end)])
  }

  private static func range(_ values: [Value]) throws(EvaluationError) -> Value {
    guard values.count == 1, case .int(let count) = values[0] else { throw .noSuchOverload }
    return .list((0..<max(0, count)).map(Value.int))
  }

  private static func sets(_ name: String, _ values: [Value]) throws(EvaluationError) -> Bool {
    guard case .list(let left) = values[0], case .list(let right) = values[1] else { throw .noSuchOverload }
    let (first, second) = (try left.elements(), try right.elements())
    func contains(_ elements: [Value], _ others: [Value]) -> Bool {
      others.allSatisfy { other in elements.contains { $0.isEqual(to: other) } }
    }
    switch name {
    case "sets.contains": return contains(first, second)
    case "sets.equivalent": return contains(first, second) && contains(second, first)
    default: return first.contains { element in second.contains { $0.isEqual(to: element) } }
    }
  }
}
