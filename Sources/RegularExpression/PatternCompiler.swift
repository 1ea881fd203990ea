/// Reads an expression by recursive descent and writes its program.
struct PatternCompiler {
  private static let maximumInstructions = 10_000
  private static let maximumDepth = 100

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var program: [PatternInstruction] = []

  /// A parsed expression.
  private indirect enum Node {
    case empty
    case set(PatternSet)
    case assert(PatternAssertion)
    case sequence([Node])
    case choice([Node])
    case repetition(Node, minimum: Int, maximum: Int?, isLazy: Bool)
  }

  init(_ source: String) { self.scalars = Array(source.unicodeScalars) }

  mutating func compile() throws(PatternFault) -> [PatternInstruction] {
    let node = try self.parseChoice()
    guard self.position == self.scalars.count else {
      throw PatternFault(message: "unexpected ): \(self.rest(from: 0))")
    }
    try self.emit(node)
    try self.append(.match)
    return self.program
  }

  // MARK: Reading

  private var current: Unicode.Scalar? {
    self.position < self.scalars.count ? self.scalars[self.position] : nil
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard self.current == scalar else { return false }
    self.position += 1
    return true
  }

  private mutating func parseChoice() throws(PatternFault) -> Node {
    self.depth += 1
    defer { self.depth -= 1 }
    guard self.depth <= Self.maximumDepth else { throw PatternFault(message: "nested too deeply") }
    var branches = [try self.parseSequence()]
    while self.take("|") { branches.append(try self.parseSequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func parseSequence() throws(PatternFault) -> Node {
    var nodes: [Node] = []
    while let scalar = self.current, scalar != "|", scalar != ")" {
      nodes.append(try self.parseRepetition(try self.parseAtom()))
    }
    return nodes.isEmpty ? .empty : .sequence(nodes)
  }

  private mutating func parseRepetition(_ atom: Node) throws(PatternFault) -> Node {
    var node = atom
    var isRepeated = false
    while let scalar = self.current {
      let bounds: (Int, Int?)
      switch scalar {
      case "*": bounds = (0, nil)
      case "+": bounds = (1, nil)
      case "?": bounds = (0, 1)
      case "{":
        guard let counted = try self.parseCount() else { return node }
        bounds = counted
        self.position -= 1
      default: return node
      }
      guard !isRepeated else { throw PatternFault(message: "invalid nested repetition operator") }
      self.position += 1
      let isLazy = self.take("?")
      isRepeated = true
      node = .repetition(node, minimum: bounds.0, maximum: bounds.1, isLazy: isLazy)
    }
    return node
  }

  /// Reads `{m}`, `{m,}` or `{m,n}`; anything else is a literal brace, and nothing is read.
  private mutating func parseCount() throws(PatternFault) -> (Int, Int?)? {
    let start = self.position
    self.position += 1
    guard let minimum = self.parseInteger() else {
      self.position = start
      return nil
    }
    var maximum: Int? = minimum
    if self.take(",") { maximum = self.parseInteger() }
    guard self.take("}") else {
      self.position = start
      return nil
    }
    guard minimum <= 1000, maximum ?? 0 <= 1000, maximum.map({ $0 >= minimum }) ?? true else {
      throw PatternFault(message: "invalid repeat count")
    }
    return (minimum, maximum)
  }

  private mutating func parseInteger() -> Int? {
    var value: Int?
    while let scalar = self.current, PatternSet.digit.contains(scalar), value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      self.position += 1
    }
    return value
  }

  private mutating func parseAtom() throws(PatternFault) -> Node {
    let scalar = self.scalars[self.position]
    // A brace that begins no count stands for itself.
    if scalar == "*" || scalar == "+" || scalar == "?" {
      throw PatternFault(message: "missing argument to repetition operator: `\(scalar)`")
    }
    self.position += 1
    switch scalar {
    case "^": return .assert(.start)
    case "$": return .assert(.end)
    case ".": return .set(.notNewline)
    case "[": return .set(try self.parseClass())
    case "(": return try self.parseGroup()
    case "\\": return try self.parseEscape()
    default: return .set(PatternSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func parseGroup() throws(PatternFault) -> Node {
    if self.take("?") {
      if self.take("P") {
        guard self.take("<") else { throw PatternFault(message: "invalid named capture") }
        try self.skipName()
      } else if self.take("<") {
        guard self.current != "=", self.current != "!" else {
          throw PatternFault(message: "invalid or unsupported Perl syntax: `(?<`")
        }
        try self.skipName()
      } else if !self.take(":") {
        throw PatternFault(message: "invalid or unsupported Perl syntax: `(?`")
      }
    }
    let node = try self.parseChoice()
    guard self.take(")") else { throw PatternFault(message: "missing closing ): \(self.rest(from: 0))") }
    return node
  }

  private mutating func skipName() throws(PatternFault) {
    while let scalar = self.current, scalar != ">" {
      guard PatternSet.word.contains(scalar) else { break }
      self.position += 1
    }
    guard self.take(">") else { throw PatternFault(message: "invalid named capture") }
  }

  private mutating func parseEscape() throws(PatternFault) -> Node {
    switch self.current {
    case "b":
      self.position += 1
      return .assert(.wordBoundary)
    case "B":
      self.position += 1
      return .assert(.notWordBoundary)
    case "A":
      self.position += 1
      return .assert(.start)
    case "z":
      self.position += 1
      return .assert(.end)
    default: return .set(try self.parseEscapedSet())
    }
  }

  private mutating func parseEscapedSet() throws(PatternFault) -> PatternSet {
    guard let scalar = self.current else { throw PatternFault(message: "trailing backslash at end of expression") }
    self.position += 1
    func single(_ value: UInt32) -> PatternSet { PatternSet(ranges: [value...value]) }
    switch scalar {
    case "d": return .digit
    case "D": return PatternSet(ranges: PatternSet.digit.ranges, isNegated: true)
    case "w": return .word
    case "W": return PatternSet(ranges: PatternSet.word.ranges, isNegated: true)
    case "s": return .space
    case "S": return PatternSet(ranges: PatternSet.space.ranges, isNegated: true)
    case "n": return single(0x0A)
    case "r": return single(0x0D)
    case "t": return single(0x09)
    case "f": return single(0x0C)
    case "v": return single(0x0B)
    case "a": return single(0x07)
    case "x": return single(try self.parseHex())
    default:
      guard !PatternSet.word.contains(scalar) else {
        throw PatternFault(message: "invalid escape sequence: `\\\(scalar)`")
      }
      return single(scalar.value)
    }
  }

  private mutating func parseHex() throws(PatternFault) -> UInt32 {
    let isBraced = self.take("{")
    var digits = ""
    while let scalar = self.current, Character(scalar).isHexDigit, digits.count < (isBraced ? 6 : 2) {
      digits.unicodeScalars.append(scalar)
      self.position += 1
    }
    guard digits.count >= (isBraced ? 1 : 2), let value = UInt32(digits, radix: 16), !isBraced || self.take("}") else {
      throw PatternFault(message: "invalid escape sequence: `\\x`")
    }
    return value
  }

  /// The expression from a place on, as messages show it.
  private func rest(from start: Int) -> String {
    "`\(String(String.UnicodeScalarView(self.scalars[start...])))`"
  }

  private mutating func parseClass() throws(PatternFault) -> PatternSet {
    let start = self.position - 1
    var set = PatternSet(ranges: [], isNegated: self.take("^"))
    var isFirst = true
    while let scalar = self.current, isFirst || scalar != "]" {
      isFirst = false
      if let named = try self.parseNamedClass() {
        set.ranges += named.positiveRanges
        continue
      }
      guard let low = try self.parseClassScalar(into: &set) else { continue }
      var high = low
      if self.current == "-", self.position + 1 < self.scalars.count, self.scalars[self.position + 1] != "]" {
        self.position += 1
        guard let bound = try self.parseClassScalar(into: &set), bound >= low else {
          throw PatternFault(message: "invalid character class range")
        }
        high = bound
      }
      set.ranges.append(low...high)
    }
    guard self.take("]") else { throw PatternFault(message: "missing closing ]: \(self.rest(from: start))") }
    return set
  }

  /// One character of a class; nil if it was a whole set such as `\d`, which is added at once.
  private mutating func parseClassScalar(into set: inout PatternSet) throws(PatternFault) -> UInt32? {
    guard let scalar = self.current else { throw PatternFault(message: "missing closing ]: \(self.rest(from: 0))") }
    self.position += 1
    guard scalar == "\\" else { return scalar.value }
    let escaped = try self.parseEscapedSet()
    if !escaped.isNegated, escaped.ranges.count == 1, escaped.ranges[0].count == 1 {
      return escaped.ranges[0].lowerBound
    }
    set.ranges += escaped.positiveRanges
    return nil
  }

  private static let namedClasses: [String: PatternSet] = [
    "alpha": PatternSet(ranges: [0x41...0x5A, 0x61...0x7A]), "digit": .digit,
    "lower": PatternSet(ranges: [0x61...0x7A]),
    "upper": PatternSet(ranges: [0x41...0x5A]), "alnum": PatternSet(ranges: [0x30...0x39, 0x41...0x5A, 0x61...0x7A]),
    "space": PatternSet(ranges: [0x09...0x0D, 0x20...0x20]), "word": .word,
    "xdigit": PatternSet(ranges: [0x30...0x39, 0x41...0x46, 0x61...0x66]),
    "punct": PatternSet(ranges: [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
  ]

  /// Reads `[:alpha:]` and its like.
  private mutating func parseNamedClass() throws(PatternFault) -> PatternSet? {
    guard self.current == "[", self.position + 1 < self.scalars.count, self.scalars[self.position + 1] == ":" else {
      return nil
    }
    var name = ""
    var index = self.position + 2
    while index < self.scalars.count, self.scalars[index] != ":", name.count < 16 {
      name.unicodeScalars.append(self.scalars[index])
      index += 1
    }
    guard let set = Self.namedClasses[name], index + 1 < self.scalars.count, self.scalars[index + 1] == "]" else {
      throw PatternFault(message: "invalid character class range")
    }
    self.position = index + 2
    return set
  }

  // MARK: Writing

  private mutating func append(_ instruction: PatternInstruction) throws(PatternFault) {
    guard self.program.count < Self.maximumInstructions else { throw PatternFault(message: "expression too large") }
    self.program.append(instruction)
  }

  private mutating func emit(_ node: Node) throws(PatternFault) {
    switch node {
    case .empty: ()
    case .set(let set): try self.append(.scalar(set, self.program.count + 1))
    case .assert(let assertion): try self.append(.assert(assertion, self.program.count + 1))
    case .sequence(let nodes): for node in nodes { try self.emit(node) }
    case .choice(let nodes): try self.emitChoice(nodes[...])
    case .repetition(let node, let minimum, let maximum, let isLazy):
      // What is preferred comes first: another round, or with laziness the end.
      func split(_ split: Int) -> PatternInstruction {
        let (round, end) = (split + 1, self.program.count)
        return isLazy ? .split(end, round) : .split(round, end)
      }
      for _ in 0..<minimum { try self.emit(node) }
      guard let maximum else {
        let start = self.program.count
        try self.append(.jump(0))
        try self.emit(node)
        try self.append(.jump(start))
        self.program[start] = split(start)
        return
      }
      var splits: [Int] = []
      for _ in minimum..<maximum {
        splits.append(self.program.count)
        try self.append(.jump(0))
        try self.emit(node)
      }
      for start in splits { self.program[start] = split(start) }
    }
  }

  private mutating func emitChoice(_ nodes: ArraySlice<Node>) throws(PatternFault) {
    guard nodes.count > 1, let first = nodes.first else {
      for node in nodes { try self.emit(node) }
      return
    }
    let split = self.program.count
    try self.append(.jump(0))
    try self.emit(first)
    let jump = self.program.count
    try self.append(.jump(0))
    self.program[split] = .split(split + 1, self.program.count)
    try self.emitChoice(nodes.dropFirst())
    self.program[jump] = .jump(self.program.count)
  }
}
