/// Finds the tokens of a JSON text and every fault that it has.
///
/// It goes over the bytes once and does not call itself; what is open lies in the tokens themselves.
struct JSONScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var tokens: [JSONToken] = []
  /// The innermost array or object that is not closed.
  ///
  /// Until it is, its `next` is the one around it.
  private var open = Self.nothing
  private var depth = 0

  private static let nothing = UInt32.max

  private init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    // What objects of Kubernetes mostly need; a large text's array grows with what is found in it.
    self.tokens.reserveCapacity(min(bytes.count / 8 + 4, 1 << 16))
  }

  /// The tokens of one JSON text (RFC 8259), with white space around it and nothing else.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  static func tokens(of bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> [JSONToken] {
    guard bytes.count < Int(Self.nothing) else { throw JSONError(.size, "a text of 4 GiB or more", offset: 0) }
    var scanner = JSONScanner(bytes: bytes)
    try scanner.scan()
    return scanner.tokens
  }

  private mutating func scan() throws(JSONError) {
    repeat { try self.scanValue() } while try self.goesOn()
    self.skipSpace()
    guard self.position == self.bytes.count else { throw self.fault(.trailing, "unexpected data after the value") }
  }

  /// Takes a scalar or the beginning of an array or object.
  private mutating func scanValue() throws(JSONError) {
    while true {
      self.skipSpace()
      switch try self.peek() {
      case UInt8(ascii: "{"):
        try self.enter(.object)
        if try self.peek() == UInt8(ascii: "}") { return self.leave() }
        try self.scanKey()
      case UInt8(ascii: "["):
        try self.enter(.array)
        if try self.peek() == UInt8(ascii: "]") { return self.leave() }
      case UInt8(ascii: "\""): return try self.scanString()
      case UInt8(ascii: "t"): return try self.scanLiteral("true", .true)
      case UInt8(ascii: "f"): return try self.scanLiteral("false", .false)
      case UInt8(ascii: "n"): return try self.scanLiteral("null", .null)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.scanNumber()
      default: throw self.unexpected("the beginning of a value")
      }
    }
  }

  /// Closes what ends behind a value; whether another value must follow.
  private mutating func goesOn() throws(JSONError) -> Bool {
    while self.open != Self.nothing {
      let isObject = self.tokens[Int(self.open)].kind == .object
      self.tokens[Int(self.open)].end += 1
      self.skipSpace()
      switch try self.peek() {
      case UInt8(ascii: ","):
        self.position += 1
        if isObject { try self.scanKey() }
        return true
      case UInt8(ascii: "}") where isObject: self.leave()
      case UInt8(ascii: "]") where !isObject: self.leave()
      default: throw self.unexpected(isObject ? "',' or '}'" : "',' or ']'")
      }
    }
    return false
  }

  private mutating func enter(_ kind: JSONToken.Kind) throws(JSONError) {
    self.depth += 1
    guard self.depth <= JSONValue.maximumDepth else {
      throw self.fault(.depth, "nested more than \(JSONValue.maximumDepth) levels deep")
    }
    let around = self.open
    self.open = UInt32(self.tokens.count)
    self.tokens.append(JSONToken(kind: kind, start: 0, end: 0, next: around))
    self.position += 1
    self.skipSpace()
  }

  private mutating func leave() {
    let around = self.tokens[Int(self.open)].next
    self.tokens[Int(self.open)].next = UInt32(self.tokens.count)
    self.open = around
    self.depth -= 1
    self.position += 1
  }

  private mutating func append(_ kind: JSONToken.Kind, from start: Int) {
    let next = UInt32(self.tokens.count + 1)
    self.tokens.append(JSONToken(kind: kind, start: UInt32(start), end: UInt32(self.position), next: next))
  }

  private mutating func scanKey() throws(JSONError) {
    self.skipSpace()
    guard try self.peek() == UInt8(ascii: "\"") else { throw self.unexpected("an object's key") }
    try self.scanString()
    self.skipSpace()
    guard try self.peek() == UInt8(ascii: ":") else { throw self.unexpected("':'") }
    self.position += 1
  }

  private mutating func scanLiteral(_ text: StaticString, _ kind: JSONToken.Kind) throws(JSONError) {
    let start = self.position
    for index in 0..<text.utf8CodeUnitCount {
      guard try self.peek() == text.utf8Start[index] else { throw self.unexpected("'\(text)'") }
      self.position += 1
    }
    self.append(kind, from: start)
  }

  private mutating func scanNumber() throws(JSONError) {
    let start = self.position
    var kind = JSONToken.Kind.integer
    if self.current == UInt8(ascii: "-") { self.position += 1 }
    if self.current == UInt8(ascii: "0") {
      self.position += 1
    } else {
      try self.skipDigits()
    }
    if self.current == UInt8(ascii: ".") {
      kind = .decimal
      self.position += 1
      try self.skipDigits()
    }
    var hasExponent = false
    if let byte = self.current, byte | 0x20 == UInt8(ascii: "e") {
      kind = .decimal
      hasExponent = true
      self.position += 1
      if self.current == UInt8(ascii: "+") || self.current == UInt8(ascii: "-") { self.position += 1 }
      try self.skipDigits()
    }
    // So few digits without an exponent are never out of range.
    if hasExponent || self.position - start > 300 {
      guard JSONReader.double(UnsafeBufferPointer(rebasing: self.bytes[start..<self.position])) != nil else {
        self.position = start
        throw self.fault(.number, "number out of range")
      }
    }
    self.append(kind, from: start)
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = self.position
    while let byte = self.current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { self.position += 1 }
    guard self.position > start else {
      throw self.position < self.bytes.count
        ? self.fault(.number, "a digit is missing in a number") : self.fault(.endOfInput, "unexpected end of input")
    }
  }

  private mutating func scanString() throws(JSONError) {
    self.position += 1
    let start = self.position
    var kind = JSONToken.Kind.string
    var isASCII = true
    while true {
      isASCII = self.skipPlainBytes() && isASCII
      switch try self.peek() {
      case UInt8(ascii: "\""):
        // An escape is ASCII and stands for whole characters, so that it changes nothing here.
        guard isASCII || JSONReader.isUTF8(UnsafeBufferPointer(rebasing: self.bytes[start..<self.position])) else {
          throw JSONError(.string, "a string that is not UTF-8", offset: start)
        }
        self.append(kind, from: start)
        self.position += 1
        return
      case UInt8(ascii: "\\"):
        kind = .escapedString
        var escape = JSONEscape(bytes: self.bytes, position: self.position)
        _ = try escape.next()
        self.position = escape.position
      default: throw self.fault(.string, "a control character in a string")
      }
    }
  }

  /// Skips what stands for itself in a string; whether all of that is ASCII.
  private mutating func skipPlainBytes() -> Bool {
    var position = self.position
    var all: UInt8 = 0
    while position < self.bytes.count {
      let byte = self.bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
      all |= byte
      position += 1
    }
    self.position = position
    return all < 0x80
  }

  private mutating func skipSpace() {
    while let byte = self.current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { self.position += 1 }
  }

  private var current: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

  private func peek() throws(JSONError) -> UInt8 {
    guard let byte = self.current else { throw self.fault(.endOfInput, "unexpected end of input") }
    return byte
  }

  private func fault(_ code: JSONError.Code, _ message: String) -> JSONError {
    JSONError(code, message, offset: self.position)
  }

  private func unexpected(_ wanted: String) -> JSONError {
    guard let byte = self.current else { return self.fault(.endOfInput, "unexpected end of input") }
    let shown = (0x21..<0x7F).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    return self.fault(.syntax, "invalid character \(shown) looking for \(wanted)")
  }
}
