/// Cuts an expression into tokens.
struct Lexer {
  private static let symbols: [String] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ",", ".", "(", ")", "[", "]",
    "{", "}",
  ]
  private static let words: Set<String> = ["true", "false", "null", "in"]

  private let source: [Unicode.Scalar]
  private var position = 0
  private(set) var issues: [CompilationError.Issue] = []

  init(_ source: [Unicode.Scalar]) { self.source = source }

  /// All tokens; the last one is the end.
  ///
  /// What is no token is left out and reported.
  mutating func tokens() -> [Token] {
    var tokens: [Token] = []
    while let start = self.skipSpace() {
      guard let kind = self.next() else { continue }
      tokens.append(Token(kind: kind, offset: start, text: self.text(from: start)))
    }
    tokens.append(Token(kind: .end, offset: self.source.count, text: "<EOF>"))
    return tokens
  }

  /// Skips white space and comments; the place of the next token, or nil at the end.
  private mutating func skipSpace() -> Int? {
    while let scalar = self.peek() {
      if [" ", "\t", "\n", "\r", "\u{0C}"].contains(scalar) {
        self.position += 1
      } else if scalar == "/", self.peek(1) == "/" {
        while let inside = self.peek(), inside != "\n" { _ = inside; self.position += 1 }
      } else {
        return self.position
      }
    }
    return nil
  }

  private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
    let index = self.position + distance
    return index < self.source.count ? self.source[index] : nil
  }

  private func text(from start: Int) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: self.source[start..<self.position])
    return text
  }

  private mutating func next() -> Token.Kind? {
    let start = self.position
    guard let scalar = self.peek() else { return nil }
    if let prefix = self.literalPrefix { return self.string(from: start, prefix) }
    if scalar.isIdentifierStart {
      while let inside = self.peek(), inside.isIdentifierStart || inside.isDigit { _ = inside; self.position += 1 }
      let word = self.text(from: start)
      return Self.words.contains(word) ? .symbol(word) : .identifier(word)
    }
    if scalar.isDigit || scalar == "." && self.peek(1)?.isDigit == true { return self.number(from: start) }
    for symbol in Self.symbols
    where symbol.unicodeScalars.enumerated().allSatisfy({ self.peek($0.offset) == $0.element }) {
      self.position += symbol.unicodeScalars.count
      return .symbol(symbol)
    }
    self.position += 1
    self.unrecognised(from: start)
    return nil
  }

  private mutating func unrecognised(from start: Int) {
    self.issues.append(
      .init(offset: start, message: "Syntax error: token recognition error at: '\(self.text(from: start))'"))
  }

  // MARK: Numbers

  private mutating func number(from start: Int) -> Token.Kind {
    if self.peek() == "0", self.peek(1) == "x", self.peek(2)?.isHexDigit == true {
      self.position += 2
      while self.peek()?.isHexDigit == true { self.position += 1 }
      return self.integer(self.text(from: start))
    }
    self.skipDigits()
    var isDouble = false
    if self.peek() == ".", self.peek(1)?.isDigit == true {
      isDouble = true
      self.position += 1
      self.skipDigits()
    }
    if let mark = self.peek(), mark == "e" || mark == "E" {
      let hasSign = self.peek(1) == "+" || self.peek(1) == "-"
      if self.peek(hasSign ? 2 : 1)?.isDigit == true {
        isDouble = true
        self.position += hasSign ? 2 : 1
        self.skipDigits()
      }
    }
    let text = self.text(from: start)
    return isDouble ? .double(text) : self.integer(text)
  }

  private mutating func skipDigits() { while self.peek()?.isDigit == true { self.position += 1 } }

  private mutating func integer(_ text: String) -> Token.Kind {
    guard self.peek() == "u" || self.peek() == "U" else { return .int(text) }
    self.position += 1
    return .uint(text)
  }

  // MARK: Strings

  private struct LiteralPrefix {
    var length = 0
    var isRaw = false
    var isBytes = false
  }

  /// How a string or bytes literal begins here; nil if none does.
  private var literalPrefix: LiteralPrefix? {
    var prefix = LiteralPrefix()
    while let scalar = self.peek(prefix.length) {
      switch scalar {
      case "\"", "'": return prefix
      case "r", "R":
        guard !prefix.isRaw else { return nil }
        prefix.isRaw = true
      case "b", "B":
        guard !prefix.isBytes, !prefix.isRaw else { return nil }
        prefix.isBytes = true
      default: return nil
      }
      prefix.length += 1
    }
    return nil
  }

  private mutating func string(from start: Int, _ prefix: LiteralPrefix) -> Token.Kind? {
    self.position += prefix.length
    let quote = self.source[self.position]
    let isTriple = self.peek(1) == quote && self.peek(2) == quote
    self.position += isTriple ? 3 : 1
    var text = StringLiteral(isBytes: prefix.isBytes)
    while let scalar = self.peek() {
      if scalar == quote, !isTriple || self.peek(1) == quote && self.peek(2) == quote {
        self.position += isTriple ? 3 : 1
        return text.token
      }
      if !isTriple, scalar == "\n" || scalar == "\r" { break }
      if scalar == "\\", !prefix.isRaw {
        guard let length = text.appendEscape(self.source[(self.position + 1)...]) else {
          self.position += 1
          break
        }
        self.position += 1 + length
      } else {
        text.append(scalar)
        self.position += 1
      }
    }
    if self.position < self.source.count { self.position += 1 }
    self.unrecognised(from: start)
    return nil
  }
}

extension Unicode.Scalar {
  var isDigit: Bool { ("0"..."9").contains(self) }
  var isHexDigit: Bool { self.isDigit || ("a"..."f").contains(self) || ("A"..."F").contains(self) }
  var isIdentifierStart: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_" }
}
