extension Value {
  /// Whether two values are equal; values of different types are not, but for numbers.
  package func isEqual(to other: Value) -> Bool {
    if let order = self.numericOrder(to: other) { return order == .some(.equal) }
    switch (self, other) {
    case (.null, .null): return true
    case (.bool(let left), .bool(let right)): return left == right
    case (.string(let left), .string(let right)): return left.utf8.elementsEqual(right.utf8)
    case (.bytes(let left), .bytes(let right)): return left == right
    case (.duration(let left), .duration(let right)): return left == right
    case (.timestamp(let left), .timestamp(let right)): return left == right
    case (.type(let left), .type(let right)): return left.runtimeName == right.runtimeName
    case (.quantity(let left), .quantity(let right)): return left.compared(to: right) == .equal
    case (.list(let left), .list(let right)): return left.isEqual(to: right)
    case (.map(let left), .map(let right)): return left.isEqual(to: right)
    case (.optional(let left), .optional(let right)):
      guard let left, let right else { return left == nil && right == nil }
      return left.isEqual(to: right)
    default: return false
    }
  }
}

/// How two values stand to one another.
enum Order: Sendable { case less, equal, greater }

extension Value {
  /// How two values of types with an order stand to one another; nil for all others.
  ///
  /// - Returns: `.some(nil)` for numbers that have no order, as NaN has none.
  func order(to other: Value) -> Order?? {
    if let order = self.numericOrder(to: other) { return order }
    switch (self, other) {
    case (.bool(let left), .bool(let right)): return Order(left ? 1 : 0, right ? 1 : 0)
    case (.string(let left), .string(let right)): return Self.order(Array(left.utf8), Array(right.utf8))
    case (.bytes(let left), .bytes(let right)): return Self.order(left, right)
    case (.duration(let left), .duration(let right)): return Order(left.nanoseconds, right.nanoseconds)
    case (.timestamp(let left), .timestamp(let right)):
      return left.seconds == right.seconds
        ? Order(left.nanoseconds, right.nanoseconds) : Order(left.seconds, right.seconds)
    default: return nil
    }
  }

  private static func order(_ left: [UInt8], _ right: [UInt8]) -> Order {
    left == right ? .equal : left.lexicographicallyPrecedes(right) ? .less : .greater
  }

  private func numericOrder(to other: Value) -> Order?? {
    switch (self, other) {
    case (.int(let left), .int(let right)): Order(left, right)
    case (.uint(let left), .uint(let right)): Order(left, right)
    case (.double(let left), .double(let right)): .some(Self.order(left, right))
    case (.int(let left), .uint(let right)): left < 0 ? .some(.less) : .some(Order(UInt64(left), right))
    case (.uint(let left), .int(let right)): right < 0 ? .some(.greater) : .some(Order(left, UInt64(right)))
    case (.int(let left), .double(let right)): .some(Self.order(left, right))
    case (.uint(let left), .double(let right)): .some(Self.order(left, right))
    case (.double(let left), .int(let right)): .some(Self.order(right, left)?.reversed)
    case (.double(let left), .uint(let right)): .some(Self.order(right, left)?.reversed)
    default: nil
    }
  }

  private static func order(_ left: Double, _ right: Double) -> Order? {
    left.isNaN || right.isNaN ? nil : Order(left, right)
  }

  /// Compares an integer with a double, of which many lie between two integers or beyond all of them.
  private static func order<Integer: FixedWidthInteger>(_ left: Integer, _ right: Double) -> Order? {
    if right.isNaN { return nil }
    if right >= Double(Integer.max) { return .less }
    if right < Double(Integer.min) { return .greater }
    let whole = Integer(right.rounded(.down))
    return whole == left ? right > Double(whole) ? .less : .equal : Order(left, whole)
  }
}

extension Order {
  init<Element: Comparable>(_ left: Element, _ right: Element) {
    self = left < right ? .less : left == right ? .equal : .greater
  }

  var reversed: Order {
    switch self {
    case .less: .greater
    case .equal: .equal
    case .greater: .less
    }
  }
}
