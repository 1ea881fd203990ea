/// What a call costs for the values that it is made with, in cel-go's units.
enum RuntimeCost {
  /// What working through a text costs for each of its characters.
  static let textFactor = 0.1
  /// What a regular expression costs for each of its characters.
  static let patternFactor = 0.25

  static func cost(of function: String, _ values: [Value]) -> Int {
    func size(_ index: Int) -> Double { index < values.count ? Double(values[index].costSize) : 1 }
    switch function {
    case "startsWith", "endsWith", "lowerAscii", "upperAscii", "substring", "trim", "quantity", "isQuantity", "charAt",
      "strings.quote":
      return Self.ceiling(size(0) * Self.textFactor)
    case "replace", "split", "join": return Self.ceiling(size(0) * 2 * Self.textFactor)
    case "bytes", "string":
      return max(1, Self.ceiling(size(0) * Self.textFactor))
    case "matches", "find", "findAll":
      return Self.product((1 + size(0)) * Self.textFactor, size(1) * Self.patternFactor)
    case "contains": return Self.product(size(0) * Self.textFactor, size(1) * Self.textFactor)
    case "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_":
      // Values may contain others, all of which are compared.
      return max(1, Self.ceiling(Double(min(values[0].weight, values[1].weight)) * Self.textFactor))
    case Operator.isIn:
      guard values.count > 1, case .list(let list) = values[1] else { return 1 }
      return Self.ceiling(Double(list.count) * (1 + Double(values[0].weight) * Self.textFactor / 10))
    case "_+_":
      if case .list = values[0] { return 1 + Int(size(0) + size(1)) / 10 }
      return max(1, Self.ceiling((size(0) + size(1)) * Self.textFactor))
    case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf", "sort", "reverse", "slice", "flatten":
      return max(1, values[0].weight)
    case "distinct": return max(1, Self.ceiling(size(0) * size(0)))
    case "sets.contains", "sets.equivalent", "sets.intersects": return Self.ceiling(1 + size(0) * size(1))
    case "lists.range":
      if case .int(let count)? = values.first { return count > 0 ? Int(clamping: count) : 1 }
      return 1
    default: return 1
    }
  }

  /// The number, rounded up, or more than any evaluation may cost.
  private static func ceiling(_ number: Double) -> Int { number < 0x1p62 ? Int(number.rounded(.up)) : .max }

  private static func product(_ left: Double, _ right: Double) -> Int {
    Self.ceiling(left.rounded(.up) * right.rounded(.up))
  }
}
