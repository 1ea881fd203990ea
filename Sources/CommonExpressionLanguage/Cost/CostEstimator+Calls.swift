extension CostEstimator {
  /// What one overload of a call costs, beside its operands, and how large its result is.
  private struct CallEstimate {
    var cost: Estimate
    var result: Estimate?
  }

  private static var text: Double { RuntimeCost.textFactor }

  /// The cost of a call with that of its operands.
  mutating func cost(of call: Expression.Call, _ expression: Expression) -> Estimate {
    if call.function == "dyn", call.arguments.count == 1 {
      let cost = self.cost(of: call.arguments[0]) + .one
      self.setSize(self.size(of: call.arguments[0]), of: expression)
      self.setEntries(self.entries(of: call.arguments[0]), of: expression)
      return cost
    }
    var costs: [Estimate] = []
    for argument in call.arguments { costs.append(self.cost(of: argument)) }
    let targetCost = call.target.map { self.cost(of: $0) } ?? .zero
    let overloads = self.checked.overloads[ObjectIdentifier(expression)] ?? []
    guard !overloads.isEmpty else { return .zero }
    var cost = Estimate(.max, 0)
    var result: Estimate?
    for overload in overloads {
      let estimate = self.estimate(overload, call, costs, expression)
      cost = cost.union(estimate.cost)
      if let size = estimate.result { result = result?.union(size) ?? size }
      if overload == "index_list" || overload == "index_map" {
        result = self.entries(of: call.arguments[0])?.value
        let step = overload == "index_list" ? "@items" : "@values"
        self.setPath(self.path(of: call.arguments[0]) + [step], of: expression)
      }
      result = result ?? self.size(of: expression)
    }
    self.setSize(result, of: expression)
    return targetCost + cost
  }

  private mutating func estimate(
    _ overload: String, _ call: Expression.Call, _ costs: [Estimate], _ expression: Expression
  ) -> CallEstimate {
    switch overload {
    case "logical_or", "logical_and":
      return CallEstimate(cost: Estimate(costs[0].minimum, (costs[0] + costs[1]).maximum))
    case "conditional":
      let (first, second) = (call.arguments[1], call.arguments[2])
      let size = self.sizeOrUnknown(of: first).union(self.sizeOrUnknown(of: second))
      if let entries = self.entries(of: first), let others = self.entries(of: second) {
        self.setEntries(entries.union(others), of: expression)
      }
      return CallEstimate(cost: costs[0] + costs[1].union(costs[2]), result: size)
    default: break
    }
    var estimate = self.callEstimate(overload, call, expression)
    estimate.cost = costs.reduce(estimate.cost, +)
    return estimate
  }

  private mutating func callEstimate(
    _ overload: String, _ call: Expression.Call, _ expression: Expression
  ) -> CallEstimate {
    let operands = (call.target.map { [$0] } ?? []) + call.arguments
    func size(_ index: Int, _ estimator: inout CostEstimator) -> Estimate {
      index < operands.count ? estimator.sizeOrUnknown(of: operands[index]) : .unknown
    }
    let first = size(0, &self)
    let second = size(1, &self)
    switch call.function {
    case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf":
      return self.walk(operands[0], first)
    case "sort", "distinct":
      // Every element is compared with every other.
      let isText =
        call.function == "sort" && [.list(.string), .list(.bytes)].contains(self.checked.type(of: operands[0]))
      return Self.newList(first * first, factor: isText ? 2 + Self.text : 2)
    case "reverse", "flatten": return Self.newList(first)
    case "slice":
      let (start, end) = (Self.literal(operands, 1) ?? 0, Self.literal(operands, 2) ?? first.maximum)
      return Self.newList(Estimate(end &- start))
    case "lists.range": return Self.newList(Estimate(Self.literal(operands, 0) ?? .max))
    case "sets.contains", "sets.intersects": return CallEstimate(cost: first * second + .one)
    case "sets.equivalent": return CallEstimate(cost: (first * second + .one) * 2.0)
    case "lowerAscii", "upperAscii", "substring", "trim": return CallEstimate(cost: first * Self.text, result: first)
    case "replace":
      return CallEstimate(cost: first * (2 * Self.text), result: self.replaced(first, second, size(2, &self)))
    case "split":
      var limit = first.maximum
      if operands.count > 2, case .int(let count)? = operands[2].literalValue { limit = UInt64(bitPattern: count) }
      return CallEstimate(cost: first * (2 * Self.text), result: Estimate(0, limit))
    case "join":
      let element = self.size(at: self.elementPath(operands[0])) ?? .unknown
      var size = first * element
      if operands.count > 1 {
        size =
          size + second * Estimate(first.minimum > 0 ? first.minimum - 1 : 0, first.maximum > 0 ? first.maximum - 1 : 0)
      }
      return CallEstimate(cost: size * Self.text, result: size)
    case "find", "findAll":
      let cost = (first + .one) * Self.text * (second * RuntimeCost.patternFactor)
      return CallEstimate(cost: cost, result: Estimate(0, first.maximum))
    case "quantity", "isQuantity": return CallEstimate(cost: first * Self.text)
    case "_==_"
    where self.checked.type(of: operands[0]) == .quantity && self.checked.type(of: operands[1]) == .quantity:
      return CallEstimate(cost: .one)
    default: return self.standardEstimate(overload, expression, operands, first, second)
    }
  }

  private mutating func standardEstimate(
    _ overload: String, _ expression: Expression, _ operands: [Expression], _ first: Estimate, _ second: Estimate
  ) -> CallEstimate {
    switch overload {
    case "string_to_bytes":
      return CallEstimate(
        cost: first * Self.text, result: Estimate(first.minimum, first.maximum.saturatingMultiply(4)))
    case "bytes_to_string":
      return CallEstimate(cost: first * Self.text, result: Estimate(first.minimum / 4, first.maximum))
    case "strings_quote":
      return CallEstimate(
        cost: first * Self.text,
        result: Estimate(first.minimum.saturatingAdd(2), first.maximum.saturatingMultiply(2).saturatingAdd(2)))
    case "starts_with_string", "ends_with_string": return CallEstimate(cost: second * Self.text)
    case "in_list": return CallEstimate(cost: second)
    case "matches_string":
      return CallEstimate(cost: (first + .one) * Self.text * (second * RuntimeCost.patternFactor))
    case "contains_string": return CallEstimate(cost: first * Self.text * (second * Self.text))
    case "add_string", "add_bytes", "add_list":
      let size = first + second
      if let entries = self.entries(of: operands[0]), let others = self.entries(of: operands[1]) {
        self.setEntries(entries.union(others), of: expression)
      }
      return CallEstimate(cost: overload == "add_list" ? .one : size * Self.text, result: size)
    case "compare_string", "compare_bytes", "equals", "not_equals":
      let smaller = min(first.maximum, second.maximum)
      return CallEstimate(cost: Estimate(smaller > 0 ? 1 : 0, smaller) * Self.text)
    default: return CallEstimate(cost: .one)
    }
  }

  /// A call that makes a list.
  private static func newList(_ size: Estimate, factor: Double = 1) -> CallEstimate {
    CallEstimate(cost: size * factor + Estimate(11), result: size)
  }

  /// The number that an operand is, if it is a literal.
  private static func literal(_ operands: [Expression], _ index: Int) -> UInt64? {
    guard index < operands.count, case .int(let int)? = operands[index].literalValue else { return nil }
    return UInt64(exactly: int)
  }

  private func elementPath(_ list: Expression) -> [String] {
    let path = self.path(of: list)
    return path.isEmpty || path[0] == Macro.accumulator ? [] : path + ["@items"]
  }

  /// Looks at every element of a list, or at every character of a text.
  private func walk(_ operand: Expression, _ size: Estimate) -> CallEstimate {
    guard case .list(let element) = self.checked.type(of: operand) else { return CallEstimate(cost: size * Self.text) }
    var cost = Estimate.one
    if element == .string || element == .bytes {
      cost = cost + (self.size(at: self.elementPath(operand)) ?? .unknown) * Self.text
    }
    return CallEstimate(cost: size * cost)
  }

  /// The size of a text in which another is replaced.
  private func replaced(_ text: Estimate, _ part: Estimate, _ replacement: Estimate) -> Estimate {
    var count = Estimate.zero
    var retained = Estimate.zero
    if part.minimum == 0 {
      count.maximum = text.maximum.saturatingAdd(1)
      retained.maximum = text.maximum
    } else if replacement.maximum <= part.minimum {
      retained.maximum = text.maximum
    } else {
      count.maximum = UInt64((Double(text.maximum) / Double(part.minimum)).rounded(.up).clamped)
    }
    if part.maximum == 0 {
      count.minimum = text.minimum.saturatingAdd(1)
      retained.minimum = text.minimum
    } else if part.maximum <= replacement.minimum {
      retained.minimum = text.minimum
    } else {
      count.minimum = UInt64((Double(text.minimum) / Double(part.maximum)).rounded(.up).clamped)
    }
    return count * replacement + retained
  }
}

extension Double {
  /// The number, or the largest below 2^64.
  fileprivate var clamped: Double { min(self, 0x1.fffffffffffffp63) }
}
