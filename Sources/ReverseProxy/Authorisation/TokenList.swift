/// Reads lists of bearer tokens.
enum TokenList {
  /// The most that a file of tokens may hold, in bytes.
  static let maximumBytes = 64 << 10

  /// The tokens of a file: one a line, with comments behind `#` at the start of a line, and empty lines.
  ///
  /// - Throws: ``TokenError`` naming the line, never what stands in it.
  static func lines(_ bytes: [UInt8], of name: String) throws(TokenError) -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    let lines = bytes.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "\n") }
    for (number, line) in lines.enumerated() {
      let token = Self.trimmed(line)
      guard !token.isEmpty, token.first != UInt8(ascii: "#") else { continue }
      guard Self.isToken(token) else {
        throw TokenError(code: .malformed, message: "\(name): line \(number + 1) is no bearer token")
      }
      tokens.append(Array(token))
    }
    guard !tokens.isEmpty else { throw TokenError(code: .none, message: "\(name): there is no token") }
    return tokens
  }

  /// The tokens of a variable, with commas between them.
  ///
  /// - Throws: ``TokenError``, never with what stands in it.
  static func commaSeparated(_ text: String, of name: String) throws(TokenError) -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    for (index, part) in Array(text.utf8).split(separator: UInt8(ascii: ",")).enumerated() {
      let token = Self.trimmed(part)
      guard !token.isEmpty else { continue }
      guard Self.isToken(token) else {
        throw TokenError(code: .malformed, message: "\(name): entry \(index + 1) is no bearer token")
      }
      tokens.append(Array(token))
    }
    guard !tokens.isEmpty else { throw TokenError(code: .none, message: "\(name): there is no token") }
    return tokens
  }

  /// Whether this can stand in an Authorization field (RFC 6750): another could never be presented.
  static func isToken(_ bytes: some BidirectionalCollection<UInt8>) -> Bool {
    let bare = bytes.reversed().drop { $0 == UInt8(ascii: "=") }
    return !bare.isEmpty
      && bare.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~+/".utf8.contains(byte)
        }
      }
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { FieldLines.isBlank($0) || $0 == UInt8(ascii: "\r") }
    while let last = bytes.last, FieldLines.isBlank(last) || last == UInt8(ascii: "\r") { bytes.removeLast() }
    return bytes
  }
}

/// Why there are no tokens.
package struct TokenError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  package var code: Code
  /// One sentence for a person, without anything of a token.
  package var message: String

  /// The message.
  package var description: String { self.message }

  /// The kind of failure; new kinds may be added.
  package struct Code: Sendable, Hashable {
    private enum Kind { case unreadable, malformed, none }
    private let kind: Kind

    /// The file or the variable is not there, cannot be read, or is too large.
    package static let unreadable = Code(kind: .unreadable)
    /// An entry is no bearer token.
    package static let malformed = Code(kind: .malformed)
    /// There is not one token in it.
    package static let none = Code(kind: .none)
  }
}
