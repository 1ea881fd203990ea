import KubernetesModel

extension Functions {
  /// What can be done with quantities; nil for another name or another target.
  static func quantity(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
    if name == "quantity" || name == "isQuantity" {
      guard values.count == 1, case .string(let text) = values[0] else { throw .noSuchOverload }
      let quantity = Quantity(text)
      if name == "isQuantity" { return .bool(quantity != nil) }
      guard let quantity else { throw Quantity.fault }
      return .quantity(quantity)
    }
    guard case .quantity(let quantity)? = values.first else { return nil }
    if values.count == 1 {
      switch name {
      case "sign": return .int(quantity.sign)
      case "isInteger": return .bool(quantity.integer != nil)
      case "asInteger":
        guard let integer = quantity.integer else { throw EvaluationError("cannot convert value to integer") }
        return .int(integer)
      case "asApproximateFloat": return .double(quantity.double)
      default: return nil
      }
    }
    guard values.count == 2 else { return nil }
    let other: Quantity
    switch values[1] {
    case .quantity(let value): other = value
    case .int(let int):
      guard let value = Quantity(String(int)) else { return nil }
      other = value
    default: return nil
    }
    switch name {
    case "isGreaterThan": return .bool(quantity.compared(to: other) == .greater)
    case "isLessThan": return .bool(quantity.compared(to: other) == .less)
    case "compareTo":
      return .int(quantity.compared(to: other) == .less ? -1 : quantity.compared(to: other) == .equal ? 0 : 1)
    case "add": return .quantity(try quantity.adding(other))
    case "sub": return .quantity(try quantity.adding(other, isNegative: true))
    default: return nil
    }
  }
}
