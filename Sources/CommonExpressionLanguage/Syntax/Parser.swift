/// Reads an expression by precedence climbing, and expands its macros.
struct Parser {
  /// The longest expression, in code points.
  static let maximumLength = 100_000
  /// How deeply expressions may lie within one another, in the source and in what is made of it.
  static let maximumDepth = 250

  /// The operators of two operands by how tightly they bind; those of logic are read apart.
  private static let levels: [[String: String]] = [
    [
      "<": "_<_", "<=": "_<=_", ">": "_>_", ">=": "_>=_", "==": "_==_", "!=": "_!=_", "in": Operator.isIn,
    ],
    ["+": "_+_", "-": "_-_"],
    ["*": "_*_", "/": "_/_", "%": "_%_"],
  ]
  /// What an expression may begin with, as messages name it.
  private static let beginnings =
    "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
  private static let reservedWords: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
  ]

  private let tokens: [Token]
  private let functions: FunctionLibrary
  private var position = 0
  private var depth = 0
  private(set) var issues: [CompilationError.Issue] = []

  /// The first syntax error, after which nothing more is read.
  private struct Stop: Error {}

  private init(_ tokens: [Token], _ issues: [CompilationError.Issue], _ functions: FunctionLibrary) {
    self.tokens = tokens
    self.issues = issues
    self.functions = functions
  }

  /// Parses an expression.
  ///
  /// - Throws: ``CompilationError`` for one that is malformed, too long, or nested too deeply.
  static func parse(_ source: [Unicode.Scalar], functions: FunctionLibrary) throws(CompilationError) -> Expression {
    guard source.count <= Self.maximumLength else {
      let message = "expression code point size exceeds limit: size: \(source.count), limit \(Self.maximumLength)"
      throw CompilationError([.init(offset: nil, message: message)], in: source)
    }
    var lexer = Lexer(source)
    let tokens = lexer.tokens()
    var parser = Parser(tokens, lexer.issues, functions)
    let expression: Expression? = parser.parseAll()
    if let expression, parser.issues.isEmpty {
      guard expression.depth <= Self.maximumDepth else { throw CompilationError([Self.tooDeep], in: source) }
      return expression
    }
    throw CompilationError(parser.issues, in: source)
  }

  private static var tooDeep: CompilationError.Issue {
    .init(offset: nil, message: "expression recursion limit exceeded: \(Self.maximumDepth)")
  }

  private mutating func parseAll() -> Expression? {
    do {
      let expression = try self.parseExpression()
      if case .end = self.current.kind { return expression }
      let isLast = self.position + 2 == self.tokens.count
      self.report("Syntax error: \(isLast ? "extraneous" : "mismatched") input '\(self.current.text)' expecting <EOF>")
    } catch {
      // The issue is recorded.
    }
    return nil
  }

  // MARK: Tokens

  private var current: Token { self.tokens[self.position] }

  private mutating func take(_ symbol: String) -> Token? {
    let token = self.current
    guard token.kind == .symbol(symbol) else { return nil }
    self.position += 1
    return token
  }

  private mutating func report(_ message: String, at offset: Int? = nil) {
    self.issues.append(.init(offset: offset ?? self.current.offset, message: message))
  }

  private mutating func fail(_ message: String, at offset: Int? = nil) -> Stop {
    self.report(message, at: offset)
    return Stop()
  }

  private mutating func expect(_ symbol: String) throws(Stop) {
    if self.take(symbol) != nil { return }
    let text = self.current.text
    if case .end = self.current.kind, symbol == ")" { throw self.fail("Syntax error: missing ')' at '<EOF>'") }
    throw self.fail("Syntax error: mismatched input '\(text)' expecting '\(symbol)'")
  }

  // MARK: Operators

  private mutating func parseExpression() throws(Stop) -> Expression {
    self.depth += 1
    defer { self.depth -= 1 }
    guard self.depth <= Self.maximumDepth else {
      self.issues.append(Self.tooDeep)
      throw Stop()
    }
    let condition = try self.parseOr()
    guard let mark = self.take("?") else { return condition }
    let first = try self.parseOr()
    try self.expect(":")
    return .call(Operator.conditional, [condition, first, try self.parseExpression()], at: mark.offset)
  }

  private mutating func parseOr() throws(Stop) -> Expression {
    var terms = [try self.parseAnd()]
    var offsets: [Int] = []
    while let mark = self.take("||") {
      offsets.append(mark.offset)
      terms.append(try self.parseAnd())
    }
    return Self.balanced(Operator.or, terms[...], offsets[...])
  }

  private mutating func parseAnd() throws(Stop) -> Expression {
    var terms = [try self.parseBinary(0)]
    var offsets: [Int] = []
    while let mark = self.take("&&") {
      offsets.append(mark.offset)
      terms.append(try self.parseBinary(0))
    }
    return Self.balanced(Operator.and, terms[...], offsets[...])
  }

  /// A chain of one operator of logic as a tree without needless depth.
  private static func balanced(
    _ function: String, _ terms: ArraySlice<Expression>, _ offsets: ArraySlice<Int>
  ) -> Expression {
    guard !offsets.isEmpty else { return terms[terms.startIndex] }
    let middle = (offsets.startIndex + offsets.endIndex) / 2
    let split = terms.startIndex + (middle - offsets.startIndex) + 1
    let left = Self.balanced(function, terms[..<split], offsets[..<middle])
    let right = Self.balanced(function, terms[split...], offsets[(middle + 1)...])
    return .call(function, [left, right], at: offsets[middle])
  }

  private mutating func parseBinary(_ level: Int) throws(Stop) -> Expression {
    guard level < Self.levels.count else { return try self.parseUnary() }
    var left = try self.parseBinary(level + 1)
    while case .symbol(let symbol) = self.current.kind, let function = Self.levels[level][symbol] {
      let offset = self.current.offset
      self.position += 1
      left = .call(function, [left, try self.parseBinary(level + 1)], at: offset)
      try self.checkDepth(of: left)
    }
    return left
  }

  /// Ends a chain that grows too deep while it is read: even to let go of one that is deeper takes too much stack.
  private mutating func checkDepth(of expression: Expression) throws(Stop) {
    guard expression.depth > Self.maximumDepth else { return }
    self.issues.append(Self.tooDeep)
    throw Stop()
  }

  private mutating func parseUnary() throws(Stop) -> Expression {
    for (symbol, function) in [("!", Operator.not), ("-", Operator.negate)] {
      guard let mark = self.take(symbol) else { continue }
      var count = 1
      while self.take(symbol) != nil { count += 1 }
      if symbol == "-", count == 1, let number = try self.parseNumber(sign: "-", at: mark.offset) {
        return try self.parseMember(number)
      }
      let operand = try self.parseMember(try self.parsePrimary())
      return count.isMultiple(of: 2) ? operand : .call(function, [operand], at: mark.offset)
    }
    return try self.parseMember(try self.parsePrimary())
  }

  // MARK: Members

  private mutating func parseMember(_ primary: Expression) throws(Stop) -> Expression {
    var operand = primary
    while case .symbol(let symbol) = self.current.kind {
      let offset = self.current.offset
      switch symbol {
      case ".":
        self.position += 1
        let isOptional = self.take("?") != nil
        guard case .identifier(let name) = self.current.kind else {
          let end: Bool = if case .end = self.current.kind { true } else { false }
          let text = end ? "." : ".\(self.current.text)"
          throw self.fail("Syntax error: no viable alternative at input '\(text)'")
        }
        self.position += 1
        if isOptional {
          let field = Expression(.literal(.string(name)), at: self.current.offset)
          operand = .call(Operator.optionalSelect, [operand, field], at: offset)
        } else if let open = self.take("(") {
          operand = try self.call(name, of: operand, try self.parseArguments(until: ")"), at: open.offset)
        } else {
          operand = Expression(.select(operand, field: name, isTest: false), at: offset)
        }
      case "[":
        self.position += 1
        let isOptional = self.take("?") != nil
        let index = try self.parseExpression()
        try self.expect("]")
        operand = .call(isOptional ? Operator.optionalIndex : Operator.index, [operand, index], at: offset)
      case "{":
        guard let name = operand.qualifiedName else { return operand }
        self.position += 1
        try self.skipFields()
        operand = Expression(.message(name), at: offset)
      default: return operand
      }
      try self.checkDepth(of: operand)
    }
    return operand
  }

  private mutating func skipFields() throws(Stop) {
    while self.take("}") == nil {
      guard case .identifier = self.current.kind else {
        throw self.fail("Syntax error: mismatched input '\(self.current.text)' expecting '}'")
      }
      self.position += 1
      try self.expect(":")
      _ = try self.parseExpression()
      if self.take(",") == nil {
        try self.expect("}")
        return
      }
    }
  }

  /// A call of a method, a function with a dotted name, or a macro.
  private mutating func call(
    _ name: String, of target: Expression, _ arguments: [Expression], at offset: Int
  ) throws(Stop) -> Expression {
    if let prefix = target.qualifiedName, self.functions.contains("\(prefix).\(name)") {
      return .call("\(prefix).\(name)", arguments, at: offset)
    }
    switch Macro.expand(name, of: target, arguments, at: offset) {
    case .notMacro:
      return Expression(.call(.init(function: name, target: target, arguments: arguments)), at: offset)
    case .expanded(let expression): return expression
    case .fault(let issue): throw self.fail(issue.message, at: issue.offset)
    }
  }

  private mutating func parseArguments(until end: String) throws(Stop) -> [Expression] {
    var arguments: [Expression] = []
    if self.take(end) != nil { return arguments }
    repeat { arguments.append(try self.parseExpression()) } while self.take(",") != nil
    try self.expect(end)
    return arguments
  }

  // MARK: Primaries

  private mutating func parsePrimary() throws(Stop) -> Expression {
    let token = self.current
    if let number = try self.parseNumber(sign: "", at: token.offset) { return number }
    switch token.kind {
    case .string(let text): return self.literal(.string(text))
    case .bytes(let bytes): return self.literal(.bytes(bytes))
    case .symbol("true"): return self.literal(.bool(true))
    case .symbol("false"): return self.literal(.bool(false))
    case .symbol("null"): return self.literal(.null)
    case .symbol("("):
      self.position += 1
      let expression = try self.parseExpression()
      try self.expect(")")
      return expression
    case .symbol("["): return try self.parseList()
    case .symbol("{"): return try self.parseMap()
    case .symbol("."):
      self.position += 1
      return try self.parseName()
    case .identifier: return try self.parseName()
    default: throw self.unexpected()
    }
  }

  private mutating func literal(_ value: Value) -> Expression {
    let offset = self.current.offset
    self.position += 1
    return Expression(.literal(value), at: offset)
  }

  private mutating func unexpected() -> Stop {
    // Behind a bracket an optional element may follow.
    let isIndex = self.position > 0 && self.tokens[self.position - 1].kind == .symbol("[")
    let expected = "{'[', '{', '(', '.', '-', '!', \(isIndex ? "'?', " : "")\(Self.beginnings)"
    return self.fail("Syntax error: mismatched input '\(self.current.text)' expecting \(expected)")
  }

  private mutating func parseName() throws(Stop) -> Expression {
    let token = self.current
    guard case .identifier(let name) = token.kind else { throw self.unexpected() }
    self.position += 1
    if let open = self.take("(") {
      let arguments = try self.parseArguments(until: ")")
      switch Macro.expand(name, arguments, at: open.offset) {
      case .notMacro: return .call(name, arguments, at: open.offset)
      case .expanded(let expression): return expression
      case .fault(let issue): throw self.fail(issue.message, at: issue.offset)
      }
    }
    guard !Self.reservedWords.contains(name) else { throw self.fail("reserved identifier: \(name)", at: token.offset) }
    return Expression(.identifier(name), at: token.offset)
  }

  /// A number, if one comes next.
  private mutating func parseNumber(sign: String, at offset: Int) throws(Stop) -> Expression? {
    let value: Value?
    let name: String
    switch self.current.kind {
    case .int(let digits):
      value = Self.integer(Int64.self, sign, digits).map(Value.int)
      name = "int"
    case .uint(let digits) where sign.isEmpty:
      value = Self.integer(UInt64.self, sign, digits).map(Value.uint)
      name = "uint"
    case .double(let digits):
      value = Double(digits.hasPrefix(".") ? "\(sign)0\(digits)" : sign + digits).map(Value.double)
      name = "double"
    default: return nil
    }
    guard let value else { throw self.fail("invalid \(name) literal", at: offset) }
    self.position += 1
    return Expression(.literal(value), at: offset)
  }

  private static func integer<Integer: FixedWidthInteger>(
    _ type: Integer.Type, _ sign: String, _ digits: String
  ) -> Integer? {
    digits.hasPrefix("0x") ? Integer(sign + digits.dropFirst(2), radix: 16) : Integer(sign + digits)
  }

  private mutating func parseList() throws(Stop) -> Expression {
    let offset = self.current.offset
    self.position += 1
    var elements: [Expression] = []
    var optionals: Set<Int> = []
    while self.take("]") == nil {
      if self.take("?") != nil { optionals.insert(elements.count) }
      elements.append(try self.parseExpression())
      guard self.take(",") == nil else { continue }
      guard self.take("]") != nil else {
        throw self.fail("Syntax error: mismatched input '\(self.current.text)' expecting {']', ','}")
      }
      break
    }
    return Expression(.list(elements, optionals: optionals), at: offset)
  }

  private mutating func parseMap() throws(Stop) -> Expression {
    let offset = self.current.offset
    self.position += 1
    var entries: [Expression.MapEntry] = []
    while self.take("}") == nil {
      let isOptional = self.take("?") != nil
      let key = try self.parseExpression()
      try self.expect(":")
      entries.append(.init(key: key, value: try self.parseExpression(), isOptional: isOptional))
      guard self.take(",") == nil else { continue }
      guard self.take("}") != nil else {
        throw self.fail("Syntax error: mismatched input '\(self.current.text)' expecting {'}', ','}")
      }
      break
    }
    return Expression(.map(entries), at: offset)
  }
}
