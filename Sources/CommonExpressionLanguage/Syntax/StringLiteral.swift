/// The contents of a string or bytes literal while it is read.
struct StringLiteral {
  private static let simple: [Unicode.Scalar: Unicode.Scalar] = [
    "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}", "\\": "\\", "?": "?",
    "\"": "\"", "'": "'", "`": "`",
  ]

  let isBytes: Bool
  private var text = String.UnicodeScalarView()
  private var bytes: [UInt8] = []

  init(isBytes: Bool) { self.isBytes = isBytes }

  var token: Token.Kind { self.isBytes ? .bytes(self.bytes) : .string(String(self.text)) }

  mutating func append(_ scalar: Unicode.Scalar) {
    if self.isBytes { self.bytes += Array(String(scalar).utf8) } else { self.text.append(scalar) }
  }

  /// Appends what an escape sequence means.
  ///
  /// - Parameter rest: what follows the backslash.
  /// - Returns: how many code points belong to the sequence; nil if it is none.
  mutating func appendEscape(_ rest: ArraySlice<Unicode.Scalar>) -> Int? {
    guard let first = rest.first else { return nil }
    if let scalar = Self.simple[first] {
      self.append(scalar)
      return 1
    }
    switch first {
    case "x", "X": return self.appendNumber(rest.dropFirst(), digits: 2, radix: 16, isByte: true).map { $0 + 1 }
    case "u" where !self.isBytes: return self.appendNumber(rest.dropFirst(), digits: 4, radix: 16).map { $0 + 1 }
    case "U" where !self.isBytes: return self.appendNumber(rest.dropFirst(), digits: 8, radix: 16).map { $0 + 1 }
    case "0"..."3": return self.appendNumber(rest, digits: 3, radix: 8, isByte: true)
    default: return nil
    }
  }

  private mutating func appendNumber(
    _ rest: ArraySlice<Unicode.Scalar>, digits: Int, radix: Int, isByte: Bool = false
  ) -> Int? {
    let text = String(String.UnicodeScalarView(rest.prefix(digits)))
    guard text.utf8.count == digits, text.first != "+", text.first != "-", let value = UInt32(text, radix: radix) else {
      return nil
    }
    if self.isBytes, isByte {
      self.bytes.append(UInt8(truncatingIfNeeded: value))
    } else {
      guard let scalar = Unicode.Scalar(value) else { return nil }
      self.append(scalar)
    }
    return digits
  }
}
