/// The place of a value inside a JSON value (RFC 6901): `/spec/containers/0/image`.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
  /// The steps from the root, unescaped; empty for the root itself.
  public var tokens: [String]

  /// Creates a pointer from its steps.
  public init(tokens: [String]) { self.tokens = tokens }

  /// Parses the text form: empty, or steps that each begin with `/`.
  ///
  /// Nil for anything else, and for more steps than ``JSONValue/maximumDepth``.
  public init?(_ text: String) {
    guard !text.isEmpty else {
      self.tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var tokens: [String] = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let token = Self.unescaped(part), tokens.count < JSONValue.maximumDepth else { return nil }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  /// The text form.
  public var description: String {
    self.tokens.map { token in
      "/"
        + token.reduce(into: "") { text, character in
          switch character {
          case "~": text += "~0"
          case "/": text += "~1"
          default: text.append(character)
          }
        }
    }.joined()
  }

  /// Whether this place lies inside the other one, or is it.
  public func isInside(_ other: JSONPointer) -> Bool { self.tokens.starts(with: other.tokens) }

  private static func unescaped(_ part: Substring) -> String? {
    guard part.contains("~") else { return String(part) }
    var text = ""
    var isEscaped = false
    for character in part {
      switch (isEscaped, character) {
      case (true, "0"): text.append("~")
      case (true, "1"): text.append("/")
      case (true, _): return nil
      case (false, "~"):
        isEscaped = true
        continue
      case (false, _): text.append(character)
      }
      isEscaped = false
    }
    return isEscaped ? nil : text
  }
}

extension JSONValue {
  /// The value at a place; nil if there is none.
  public subscript(pointer: JSONPointer) -> JSONValue? {
    var value = self
    for token in pointer.tokens {
      switch value {
      case .object(let fields):
        guard let field = fields[token] else { return nil }
        value = field
      case .array(let elements):
        guard let index = Self.index(token), index < elements.count else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }

  /// An array index as RFC 6901 writes it: digits, no leading zero.
  static func index(_ token: String) -> Int? {
    guard token.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), token == "0" || token.utf8.first != 0x30 else {
      return nil
    }
    return Int(token)
  }
}
