/// The reason for rejecting a token, in the words of kube-apiserver; contains no part of the token.
struct TokenFault: Error, Sendable, Hashable, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }

  /// The server did not issue the token.
  static let foreign = TokenFault("invalid bearer token")
  static let forged = TokenFault("go-jose/go-jose: error in cryptographic primitive")
  static let expired = TokenFault("service account token has expired")
  static let early = TokenFault("service account token is not valid yet")
  /// The bound object no longer exists.
  static let invalidated = TokenFault("service account token has been invalidated")

  static func audiences(_ given: [String], wanted: [String]) -> TokenFault {
    func list(_ texts: [String]) -> String { "[" + texts.map { "\"\($0)\"" }.joined(separator: " ") + "]" }
    return TokenFault("token audiences \(list(given)) is invalid for the target audiences \(list(wanted))")
  }
}
