extension JSONValue {
  /// Arrays and objects may be nested this deeply, the outermost counted.
  public static let maximumDepth = 200

  /// Parses one JSON text (RFC 8259), with white space around it and nothing else.
  ///
  /// Numbers without fraction and exponent that fit 64 bits become `.integer`, all others `.double`. Of a repeated key
  /// the last value counts.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try JSONDocument(parsing: bytes).value
  }

  /// Parses one JSON text that lies in memory.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    self = try JSONDocument(parsing: bytes).value
  }
}

/// A JSON text's value, and what the value alone cannot say.
public struct JSONDocument: Sendable, Hashable {
  /// The value.
  public var value: JSONValue
  /// Paths of the keys that stood more than once in their object, such as `spec.replicas`; at most 100 of them.
  public var duplicateFields: [String]

  /// Parses one JSON text.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in try JSONDocument(parsing: buffer) }
  }

  /// Parses one JSON text that lies in memory.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: bytes)
    self.value = try parser.parseDocument()
    self.duplicateFields = parser.duplicateFields
  }
}

/// A recursive descent over the bytes; depth is bounded, so that the stack is too.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var depth = 0
  private var path: [String] = []
  private(set) var duplicateFields: [String] = []

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func parseDocument() throws(JSONError) -> JSONValue {
    let value = try self.parseValue()
    self.skipSpace()
    guard self.position == self.bytes.count else { throw self.fault(.trailing, "unexpected data after the value") }
    return value
  }

  private mutating func parseValue() throws(JSONError) -> JSONValue {
    self.skipSpace()
    switch try self.peek() {
    case UInt8(ascii: "{"): return try self.parseObject()
    case UInt8(ascii: "["): return try self.parseArray()
    case UInt8(ascii: "\""): return .string(try self.parseString())
    case UInt8(ascii: "t"): return try self.parseLiteral("true", .bool(true))
    case UInt8(ascii: "f"): return try self.parseLiteral("false", .bool(false))
    case UInt8(ascii: "n"): return try self.parseLiteral("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try self.parseNumber()
    default: throw self.unexpected("the beginning of a value")
    }
  }

  private mutating func parseObject() throws(JSONError) -> JSONValue {
    try self.enter()
    var fields: [String: JSONValue] = [:]
    self.skipSpace()
    if try self.peek() == UInt8(ascii: "}") {
      self.leave()
      return .object(fields)
    }
    while true {
      self.skipSpace()
      guard try self.peek() == UInt8(ascii: "\"") else { throw self.unexpected("an object's key") }
      let key = try self.parseString()
      self.skipSpace()
      guard try self.peek() == UInt8(ascii: ":") else { throw self.unexpected("':'") }
      self.position += 1
      self.path.append(key)
      let value = try self.parseValue()
      if fields.updateValue(value, forKey: key) != nil, self.duplicateFields.count < 100 {
        self.duplicateFields.append(self.fieldPath)
      }
      self.path.removeLast()
      self.skipSpace()
      switch try self.peek() {
      case UInt8(ascii: ","): self.position += 1
      case UInt8(ascii: "}"):
        self.leave()
        return .object(fields)
      default: throw self.unexpected("',' or '}'")
      }
    }
  }

  private mutating func parseArray() throws(JSONError) -> JSONValue {
    try self.enter()
    var elements: [JSONValue] = []
    self.skipSpace()
    if try self.peek() == UInt8(ascii: "]") {
      self.leave()
      return .array(elements)
    }
    while true {
      self.path.append("[\(elements.count)]")
      elements.append(try self.parseValue())
      self.path.removeLast()
      self.skipSpace()
      switch try self.peek() {
      case UInt8(ascii: ","): self.position += 1
      case UInt8(ascii: "]"):
        self.leave()
        return .array(elements)
      default: throw self.unexpected("',' or ']'")
      }
    }
  }

  private mutating func parseLiteral(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for index in 0..<text.utf8CodeUnitCount {
      guard try self.peek() == text.utf8Start[index] else { throw self.unexpected("'\(text)'") }
      self.position += 1
    }
    return value
  }

  private mutating func parseNumber() throws(JSONError) -> JSONValue {
    let start = self.position
    var isInteger = true
    if self.current == UInt8(ascii: "-") { self.position += 1 }
    if self.current == UInt8(ascii: "0") {
      self.position += 1
    } else {
      try self.skipDigits()
    }
    if self.current == UInt8(ascii: ".") {
      isInteger = false
      self.position += 1
      try self.skipDigits()
    }
    if let byte = self.current, byte | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      self.position += 1
      if self.current == UInt8(ascii: "+") || self.current == UInt8(ascii: "-") { self.position += 1 }
      try self.skipDigits()
    }
    let text = String(decoding: UnsafeBufferPointer(rebasing: self.bytes[start..<self.position]), as: UTF8.self)
    if isInteger, let integer = Int64(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      self.position = start
      throw self.fault(.number, "number out of range")
    }
    return .double(double)
  }

  private mutating func skipDigits() throws(JSONError) {
    let start = self.position
    while let byte = self.current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { self.position += 1 }
    guard self.position > start else {
      throw self.position < self.bytes.count
        ? self.fault(.number, "a digit is missing in a number") : self.fault(.endOfInput, "unexpected end of input")
    }
  }

  private mutating func parseString() throws(JSONError) -> String {
    self.position += 1
    let start = self.position
    while let byte = self.current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      self.position += 1
    }
    if self.current == UInt8(ascii: "\"") {
      let text = try self.validated(self.bytes[start..<self.position], at: start)
      self.position += 1
      return text
    }
    return try self.parseEscapedString(from: start)
  }

  private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
    var buffer = Array(self.bytes[start..<self.position])
    while true {
      let byte = try self.peek()
      switch byte {
      case UInt8(ascii: "\""):
        let text = try buffer.withUnsafeBufferPointer { (content) throws(JSONError) in
          try self.validated(content[...], at: start)
        }
        self.position += 1
        return text
      case UInt8(ascii: "\\"):
        self.position += 1
        try self.parseEscape(into: &buffer)
      case 0..<0x20: throw self.fault(.string, "a control character in a string")
      default:
        buffer.append(byte)
        self.position += 1
      }
    }
  }

  private mutating func parseEscape(into buffer: inout [UInt8]) throws(JSONError) {
    let escape = try self.peek()
    self.position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(escape)
    case UInt8(ascii: "b"): buffer.append(0x08)
    case UInt8(ascii: "f"): buffer.append(0x0C)
    case UInt8(ascii: "n"): buffer.append(0x0A)
    case UInt8(ascii: "r"): buffer.append(0x0D)
    case UInt8(ascii: "t"): buffer.append(0x09)
    case UInt8(ascii: "u"):
      let unit = try self.parseHex()
      var scalar = unit
      if (0xD800..<0xDC00).contains(unit), self.current == UInt8(ascii: "\\") {
        self.position += 1
        guard try self.peek() == UInt8(ascii: "u") else { throw self.fault(.string, "half a surrogate pair") }
        self.position += 1
        let low = try self.parseHex()
        guard (0xDC00..<0xE000).contains(low) else { throw self.fault(.string, "half a surrogate pair") }
        scalar = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let character = Unicode.Scalar(scalar) else { throw self.fault(.string, "half a surrogate pair") }
      buffer.append(contentsOf: UTF8.encode(character)!)
    default:
      self.position -= 1
      throw self.fault(.string, "an unknown escape in a string")
    }
  }

  private mutating func parseHex() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      switch try self.peek() {
      case let byte where byte >= 0x30 && byte <= 0x39: value = value << 4 | UInt32(byte - 0x30)
      case let byte where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66: value = value << 4 | UInt32((byte | 0x20) - 0x57)
      default: throw self.fault(.string, "four hexadecimal digits must follow '\\u'")
      }
      self.position += 1
    }
    return value
  }

  private func validated(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, at start: Int) throws(JSONError) -> String {
    guard let text = String(validating: UnsafeBufferPointer(rebasing: bytes), as: UTF8.self) else {
      throw JSONError(.string, "a string that is not UTF-8", offset: start)
    }
    return text
  }

  private mutating func enter() throws(JSONError) {
    self.depth += 1
    guard self.depth <= JSONValue.maximumDepth else {
      throw self.fault(.depth, "nested more than \(JSONValue.maximumDepth) levels deep")
    }
    self.position += 1
  }

  private mutating func leave() {
    self.depth -= 1
    self.position += 1
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

  private var fieldPath: String {
    self.path.reduce(into: "") { text, step in
      text += text.isEmpty || step.hasPrefix("[") ? step : ".\(step)"
    }
  }
}
