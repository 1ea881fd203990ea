import HTTPTypes

/// Whether a request may pass.
enum Admission: Sendable, Hashable {
  /// With the target as it is passed on, without the token.
  case admitted(target: String)
  /// No token was shown.
  case missing
  /// What was shown is no token of ours.
  case invalid
  /// It was shown twice, or in two ways.
  case ambiguous
}

/// Decides by the token that a request shows.
struct AdmissionRule: Sendable {
  /// The name of the query item that may hold it; nil for none.
  var queryParameter: String?

  /// - Parameters:
  ///   - target: in origin form.
  ///   - isValid: whether a token is one of ours.
  func decide(_ fields: HTTPFields, target: String, isValid: (ArraySlice<UInt8>) -> Bool) -> Admission {
    let authorizations = fields[values: .authorization]
    guard authorizations.count <= 1 else { return .ambiguous }
    let query = self.queryParameter.map { QueryToken.take($0, from: target) }
    let shown = query?.values ?? []
    guard shown.count + authorizations.count <= 1 else { return .ambiguous }
    let rest = query?.rest ?? target
    if let authorization = authorizations.first {
      guard let token = Self.bearer(authorization), isValid(token) else { return .invalid }
      return .admitted(target: rest)
    }
    guard let token = shown.first else { return .missing }
    guard let token, TokenList.isToken(token), isValid(token[...]) else { return .invalid }
    return .admitted(target: rest)
  }

  /// The token of `Bearer TOKEN`; nil for other schemes.
  private static func bearer(_ value: String) -> ArraySlice<UInt8>? {
    let bytes = Array(value.utf8)
    guard value.prefix(7).lowercased() == "bearer ", bytes.count > 7 else { return nil }
    let token = bytes[7...].drop { $0 == UInt8(ascii: " ") }
    return TokenList.isToken(token) ? token : nil
  }
}

/// A token in a query, for those who cannot send fields: browsers' WebSockets.
enum QueryToken {
  /// Takes every item of that name out of a target.
  ///
  /// - Returns: their decoded values, nil for one with a broken escape, and the target without them.
  static func take(_ name: String, from target: String) -> (values: [[UInt8]?], rest: String) {
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return ([], target) }
    let query = target[target.utf8.index(after: mark)...]
    var values: [[UInt8]?] = []
    var kept: [Substring] = []
    for item in query.split(separator: "&", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      // An item whose name is written with escapes is the same item.
      guard let key = parts.first, Self.decoded(key) == Array(name.utf8) else {
        kept.append(item)
        continue
      }
      values.append(parts.count == 2 ? Self.decoded(parts[1]) : [])
    }
    guard !values.isEmpty else { return ([], target) }
    let rest = kept.joined(separator: "&")
    return (values, rest.isEmpty ? String(target[..<mark]) : "\(target[..<mark])?\(rest)")
  }

  private static func decoded(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let value = UInt8(Substring(digits), radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}
