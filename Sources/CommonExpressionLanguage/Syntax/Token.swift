/// A token of an expression.
struct Token: Sendable {
  /// What a token is.
  enum Kind: Sendable, Hashable {
    case identifier(String)
    /// Digits with an optional `0x` before them, without the sign.
    case int(String)
    case uint(String)
    case double(String)
    case string(String)
    case bytes([UInt8])
    /// An operator, a bracket, or one of `true`, `false`, `null` and `in`.
    case symbol(String)
    case end
  }

  var kind: Kind
  /// Code points from the start of the expression.
  var offset: Int
  /// As it is written.
  var text: String
}
