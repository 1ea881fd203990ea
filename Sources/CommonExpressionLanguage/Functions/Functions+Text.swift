private import RegularExpression

/// Regular expressions that one evaluation has compiled, and what they cost beyond the length of their texts.
struct PatternCache {
  /// How many steps of a match cost one unit.
  private static let stepsPerUnit = 50

  private var patterns: [String: Pattern] = [:]
  private var left: Int

  init(costLimit: Int) { self.left = costLimit }

  /// A compiled expression.
  ///
  /// - Throws: ``EvaluationError`` for one that is malformed.
  fileprivate mutating func pattern(_ source: String) throws(EvaluationError) -> Pattern {
    if let known = self.patterns[source] { return known }
    let pattern: Pattern
    do {
      pattern = try Pattern(source)
    } catch {
      throw EvaluationError("error parsing regexp: \(error.message)")
    }
    try self.spend(pattern.size)
    self.patterns[source] = pattern
    return pattern
  }

  /// Takes what a search through a text costs from the budget.
  fileprivate mutating func spend(on pattern: Pattern, length: Int) throws(EvaluationError) {
    try self.spend(pattern.size * length / Self.stepsPerUnit)
  }

  private mutating func spend(_ cost: Int) throws(EvaluationError) {
    self.left -= cost
    guard self.left >= 0 else { throw .costExceeded }
  }
}

extension Functions {
  /// What can be done with texts; nil for another name or another target.
  static func text(
    _ name: String, _ values: [Value], _ patterns: inout PatternCache
  ) throws(EvaluationError) -> Value? {
    if name == "size" || name == "join" { return try Self.sizeOrJoin(name, values) }
    if name == "isQuantity" || name == "quantity" { return nil }
    guard case .string(let text)? = values.first else { return nil }
    let scalars = Array(text.unicodeScalars)
    let other = values.count > 1 ? values[1].stringValue.map { Array($0.unicodeScalars) } : nil
    switch (name, values.count) {
    case ("lowerAscii", 1): return .string(text.mapASCII(("A"..."Z"), by: 32))
    case ("upperAscii", 1): return .string(text.mapASCII(("a"..."z"), by: -32))
    case ("trim", 1): return .string(Self.trimmed(scalars[...]))
    case ("strings.quote", 1): return .string(Self.quoted(scalars))
    case ("charAt", 2): return try Self.character(of: scalars, at: values[1])
    case ("substring", 2...3): return try Self.substring(scalars, Array(values.dropFirst()))
    default: break
    }
    guard let other else { return nil }
    switch (name, values.count) {
    case ("contains", 2): return .bool(Self.index(of: other, in: scalars, from: 0) != nil)
    case ("startsWith", 2): return .bool(scalars.starts(with: other))
    case ("endsWith", 2): return .bool(scalars.reversed().starts(with: other.reversed()))
    case ("matches", 2):
      let pattern = try patterns.pattern(Self.string(other))
      try patterns.spend(on: pattern, length: scalars.count)
      return .bool(pattern.matches(text))
    case ("find", 2):
      let found = try Self.matches(of: try patterns.pattern(Self.string(other)), in: scalars, limit: 1, &patterns)
      return found.first ?? .string("")
    case ("findAll", 2...3):
      let limit = values.count > 2 ? try Self.integer(values[2]) : -1
      return .list(try Self.matches(of: try patterns.pattern(Self.string(other)), in: scalars, limit: limit, &patterns))
    case ("indexOf", 2...3), ("lastIndexOf", 2...3):
      return .int(try Self.position(name, of: other, in: scalars, values))
    case ("replace", 3...4): return .string(try Self.replaced(scalars, other, values))
    case ("split", 2...3): return .list(try Self.split(scalars, other, values))
    default: return nil
    }
  }

  private static func sizeOrJoin(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
    if name == "size", values.count == 1 {
      switch values[0] {
      case .string, .bytes, .list, .map: return .int(Int64(values[0].costSize))
      default: throw .noSuchOverload
      }
    }
    guard name == "join", case .list(let list)? = values.first else { return nil }
    var parts: [String] = []
    for element in try list.elements() {
      guard case .string(let text) = element else { throw .noSuchOverload }
      parts.append(text)
    }
    guard values.count == 2 else { return .string(parts.joined()) }
    guard case .string(let separator) = values[1] else { throw .noSuchOverload }
    return .string(parts.joined(separator: separator))
  }

  // MARK: Parts of texts

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static func integer(_ value: Value) throws(EvaluationError) -> Int {
    guard case .int(let int) = value else { throw .noSuchOverload }
    return Int(int)
  }

  private static func substring(_ scalars: [Unicode.Scalar], _ bounds: [Value]) throws(EvaluationError) -> Value {
    let start = try Self.integer(bounds[0])
    let end = bounds.count > 1 ? try Self.integer(bounds[1]) : scalars.count
    guard start >= 0, start <= scalars.count else { throw EvaluationError("index out of range: \(start)") }
    guard end >= 0, end <= scalars.count else { throw EvaluationError("index out of range: \(end)") }
    guard start <= end else { throw EvaluationError("invalid substring range. start: \(start), end: \(end)") }
    return .string(Self.string(scalars[start..<end]))
  }

  private static func character(of scalars: [Unicode.Scalar], at place: Value) throws(EvaluationError) -> Value {
    let index = try Self.integer(place)
    guard index >= 0, index <= scalars.count else { throw EvaluationError("index out of range: \(index)") }
    // Behind the last character nothing stands.
    return .string(index == scalars.count ? "" : String(scalars[index]))
  }

  private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var rest = scalars
    while let first = rest.first, first.properties.isWhitespace { rest = rest.dropFirst() }
    while let last = rest.last, last.properties.isWhitespace { rest = rest.dropLast() }
    return Self.string(rest)
  }

  private static func quoted(_ scalars: [Unicode.Scalar]) -> String {
    let escapes: [Unicode.Scalar: String] = [
      "\u{07}": "\\a", "\u{08}": "\\b", "\u{0C}": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u{0B}": "\\v",
      "\\": "\\\\", "\"": "\\\"",
    ]
    return "\"" + scalars.map { escapes[$0] ?? String($0) }.joined() + "\""
  }

  private static func index(of part: [Unicode.Scalar], in scalars: [Unicode.Scalar], from start: Int) -> Int? {
    guard start + part.count <= scalars.count else { return nil }
    return (start...(scalars.count - part.count)).first { scalars[$0...].starts(with: part) }
  }

  private static func position(
    _ name: String, of part: [Unicode.Scalar], in scalars: [Unicode.Scalar], _ values: [Value]
  ) throws(EvaluationError) -> Int64 {
    let isLast = name == "lastIndexOf"
    var bound = isLast ? scalars.count : 0
    if values.count == 3 {
      bound = try Self.integer(values[2])
      guard bound >= 0, bound < max(1, scalars.count) else { throw EvaluationError("index out of range: \(bound)") }
    }
    if part.isEmpty { return Int64(bound) }
    guard isLast else { return Int64(Self.index(of: part, in: scalars, from: bound) ?? -1) }
    let last = min(bound, scalars.count - part.count)
    guard last >= 0 else { return -1 }
    return Int64((0...last).last { scalars[$0...].starts(with: part) } ?? -1)
  }

  private static func replaced(
    _ scalars: [Unicode.Scalar], _ part: [Unicode.Scalar], _ values: [Value]
  ) throws(EvaluationError) -> String {
    guard case .string(let replacement) = values[2] else { throw .noSuchOverload }
    var left = values.count > 3 ? try Self.integer(values[3]) : -1
    var result = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count || part.isEmpty && index == scalars.count {
      if left != 0, scalars[index...].starts(with: part) {
        result.append(contentsOf: replacement.unicodeScalars)
        if left > 0 { left -= 1 }
        index += part.count
        if !part.isEmpty { continue }
      }
      guard index < scalars.count else { break }
      result.append(scalars[index])
      index += 1
    }
    return String(result)
  }

  private static func split(
    _ scalars: [Unicode.Scalar], _ separator: [Unicode.Scalar], _ values: [Value]
  ) throws(EvaluationError) -> [Value] {
    let limit = values.count > 2 ? try Self.integer(values[2]) : -1
    if limit == 0 { return [] }
    var parts: [Value] = []
    var start = 0
    if separator.isEmpty {
      while start < scalars.count, limit < 0 || parts.count < limit - 1 {
        parts.append(.string(String(scalars[start])))
        start += 1
      }
      if start < scalars.count { parts.append(.string(Self.string(scalars[start...]))) }
      return parts
    }
    while limit < 0 || parts.count < limit - 1, let next = Self.index(of: separator, in: scalars, from: start) {
      parts.append(.string(Self.string(scalars[start..<next])))
      start = next + separator.count
    }
    return parts + [.string(Self.string(scalars[start...]))]
  }

  private static func matches(
    of pattern: Pattern, in scalars: [Unicode.Scalar], limit: Int, _ patterns: inout PatternCache
  ) throws(EvaluationError) -> [Value] {
    var found: [Value] = []
    var start = 0
    var lastEnd = -1
    while limit < 0 || found.count < limit, start <= scalars.count {
      try patterns.spend(on: pattern, length: scalars.count - start)
      guard let range = pattern.firstMatch(in: scalars, from: start) else { break }
      // An empty match right behind another is none.
      if !range.isEmpty || range.lowerBound != lastEnd { found.append(.string(Self.string(scalars[range]))) }
      lastEnd = range.upperBound
      start = range.isEmpty ? range.upperBound + 1 : range.upperBound
    }
    return found
  }
}

extension String {
  /// The text with the code points of a range moved by a distance.
  fileprivate func mapASCII(_ range: ClosedRange<Unicode.Scalar>, by distance: Int) -> String {
    var result = String.UnicodeScalarView()
    for scalar in self.unicodeScalars {
      let value = UInt32(Int(scalar.value) + (range.contains(scalar) ? distance : 0))
      result.append(Unicode.Scalar(value) ?? scalar)
    }
    return String(result)
  }
}
