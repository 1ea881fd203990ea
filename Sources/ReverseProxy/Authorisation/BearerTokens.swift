import Cryptography

/// The tokens of which a client must show one, as codes under a key that nobody knows.
///
/// A token is compared by its code, so that neither its length nor how much of it was right can be learnt from the time
/// it takes, and always with all of them.
struct BearerTokens: Sendable, CustomStringConvertible, CustomReflectable {
  private let key: [UInt8]
  private let codes: [[UInt8]]

  /// - Throws: ``CryptographyError`` if there is no entropy.
  init(_ tokens: [[UInt8]]) throws(CryptographyError) {
    let key = try RandomBytes.make(HMACSHA256.byteCount)
    var codes: [[UInt8]] = []
    for token in tokens {
      let code = try HMACSHA256.code(for: token, key: key)
      if !codes.contains(code) { codes.append(code) }
    }
    self.key = key
    self.codes = codes
  }

  /// How many different ones there are.
  var count: Int { self.codes.count }

  /// Whether this is one of them.
  func contains(_ token: some Collection<UInt8>) -> Bool {
    // A library that cannot hash admits nobody.
    guard let code = try? HMACSHA256.code(for: Array(token), key: self.key) else { return false }
    var isOne = false
    for own in self.codes {
      let isThis = ConstantTime.areEqual(own, code)
      isOne = isOne || isThis
    }
    return isOne
  }

  var description: String { "BearerTokens(\(self.codes.count))" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
