/// The escapes in a string, one after the other.
struct JSONEscape {
  let bytes: UnsafeBufferPointer<UInt8>
  /// Where the next backslash stands.
  var position: Int

  /// The character that the escape stands for; ``position`` is behind it afterwards.
  ///
  /// - Throws: ``JSONError`` if it is none, or half a surrogate pair.
  mutating func next() throws(JSONError) -> Unicode.Scalar {
    self.position += 1
    let escape = try self.peek()
    self.position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(escape)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try self.scalar()
    default:
      self.position -= 1
      throw self.fault("an unknown escape in a string")
    }
  }

  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let unit = try self.hexadecimal()
    var value = unit
    if (0xD800..<0xDC00).contains(unit), self.position < self.bytes.count,
      self.bytes[self.position] == UInt8(ascii: "\\")
    {
      self.position += 1
      guard try self.peek() == UInt8(ascii: "u") else { throw self.fault("half a surrogate pair") }
      self.position += 1
      let low = try self.hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw self.fault("half a surrogate pair") }
      value = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw self.fault("half a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      switch try self.peek() {
      case let byte where byte >= 0x30 && byte <= 0x39: value = value << 4 | UInt32(byte - 0x30)
      case let byte where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x66: value = value << 4 | UInt32((byte | 0x20) - 0x57)
      default: throw self.fault("four hexadecimal digits must follow '\\u'")
      }
      self.position += 1
    }
    return value
  }

  private func peek() throws(JSONError) -> UInt8 {
    guard self.position < self.bytes.count else {
      throw JSONError(.endOfInput, "unexpected end of input", offset: self.position)
    }
    return self.bytes[self.position]
  }

  private func fault(_ message: String) -> JSONError { JSONError(.string, message, offset: self.position) }
}
