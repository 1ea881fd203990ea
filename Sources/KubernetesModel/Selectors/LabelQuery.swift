/// Requirements on labels that must all be fulfilled; what `labelSelector=` carries.
///
/// Without any it matches everything.
public struct LabelQuery: Sendable, Hashable, CustomStringConvertible {
  /// The requirements.
  public var requirements: [LabelRequirement]

  /// Creates a query.
  public init(_ requirements: [LabelRequirement] = []) { self.requirements = requirements }

  /// Whether every requirement is fulfilled.
  public func matches(_ labels: [String: String]?) -> Bool {
    self.requirements.allSatisfy { $0.matches(labels ?? [:]) }
  }

  /// The string syntax.
  public var description: String { self.requirements.map(\.description).joined(separator: ",") }

  /// Parses the string syntax: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>5`.
  ///
  /// - Throws: ``SelectorError`` worded like kube-apiserver's.
  public init(_ text: String) throws(SelectorError) {
    var parser = LabelQueryParser(text)
    self.requirements = try parser.parse()
  }
}

/// Reads the string syntax token by token.
private struct LabelQueryParser {
  private enum Token: Equatable {
    case word(String)
    case symbol(String)
    case end

    var text: String {
      switch self {
      case .word(let text), .symbol(let text): text
      case .end: ""
      }
    }
  }

  private var tokens: [Token] = []
  private var position = 0

  init(_ text: String) {
    var rest = Substring(text)
    while let first = rest.first {
      if first.isWhitespace {
        rest.removeFirst()
      } else if "(),".contains(first) {
        self.tokens.append(.symbol(String(rest.removeFirst())))
      } else if "=!<>".contains(first) {
        let symbol = rest.hasPrefix("==") || rest.hasPrefix("!=") ? rest.prefix(2) : rest.prefix(1)
        rest = rest.dropFirst(symbol.count)
        self.tokens.append(.symbol(String(symbol)))
      } else {
        let word = rest.prefix { !$0.isWhitespace && !"(),=!<>".contains($0) }
        rest = rest.dropFirst(word.count)
        self.tokens.append(.word(String(word)))
      }
    }
  }

  mutating func parse() throws(SelectorError) -> [LabelRequirement] {
    var requirements: [LabelRequirement] = []
    guard self.peek != .end else { return [] }
    while true {
      requirements.append(try self.requirement())
      let token = self.next()
      switch token {
      case .end: return requirements
      case .symbol(","):
        if self.peek == .end { throw self.unable("found '', expected: identifier after ','") }
      default: throw self.unable("found '\(token.text)', expected: ',' or 'end of string'")
      }
    }
  }

  private mutating func requirement() throws(SelectorError) -> LabelRequirement {
    if self.peek == .symbol("!") {
      _ = self.next()
      return LabelRequirement(try self.key(), .doesNotExist)
    }
    let key = try self.key()
    if self.peek == .end || self.peek == .symbol(",") { return LabelRequirement(key, .exists) }
    let token = self.next()
    switch token {
    case .symbol("="), .symbol("=="): return LabelRequirement(key, .isIn([try self.value(of: key)]))
    case .symbol("!="): return LabelRequirement(key, .notIn([try self.value(of: key)]))
    case .symbol(">"), .symbol("<"):
      let text = try self.value(of: key)
      guard let bound = Int64(text) else {
        throw SelectorError(
          "values[0][\(key)]: Invalid value: \"\(text)\": for 'Gt', 'Lt' operators, the value must be an integer")
      }
      return LabelRequirement(key, token == .symbol(">") ? .greaterThan(bound) : .lessThan(bound))
    case .word("in"): return LabelRequirement(key, .isIn(try self.values(of: key)))
    case .word("notin"): return LabelRequirement(key, .notIn(try self.values(of: key)))
    default: throw self.unable("found '\(token.text)', expected: in, notin, =, ==, !=, gt, lt")
    }
  }

  private mutating func key() throws(SelectorError) -> String {
    let token = self.next()
    guard case .word(let key) = token else {
      throw self.unable("found '\(token.text)', expected: !, identifier, or 'end of string'")
    }
    if let fault = LabelSyntax.fault(inKey: key) { throw self.unable("key: Invalid value: \"\(key)\": \(fault)") }
    return key
  }

  private mutating func value(of key: String) throws(SelectorError) -> String {
    guard case .word(let value) = self.peek else {
      guard self.peek == .end || self.peek == .symbol(",") else {
        throw self.unable("found '\(self.peek.text)', expected: identifier")
      }
      return ""
    }
    _ = self.next()
    return try self.checked(value, of: key)
  }

  private mutating func values(of key: String) throws(SelectorError) -> Set<String> {
    guard self.next() == .symbol("(") else { throw self.unable("found '\(self.previous.text)', expected: '('") }
    var values: Set<String> = []
    var last = ""
    while true {
      let token = self.next()
      switch token {
      case .word(let value): last = try self.checked(value, of: key)
      case .symbol(","):
        values.insert(last)
        last = ""
      case .symbol(")"):
        values.insert(last)
        return values
      default: throw self.unable("found '\(token.text)', expected: ',', or ')'")
      }
    }
  }

  private func checked(_ value: String, of key: String) throws(SelectorError) -> String {
    if let fault = LabelSyntax.fault(inValue: value) {
      throw self.unable("values[0][\(key)]: Invalid value: \"\(value)\": \(fault)")
    }
    return value
  }

  private var peek: Token { self.position < self.tokens.count ? self.tokens[self.position] : .end }
  private var previous: Token { self.position <= self.tokens.count ? self.tokens[self.position - 1] : .end }

  private mutating func next() -> Token {
    let token = self.peek
    self.position += 1
    return token
  }

  private func unable(_ reason: String) -> SelectorError { SelectorError("unable to parse requirement: \(reason)") }
}
