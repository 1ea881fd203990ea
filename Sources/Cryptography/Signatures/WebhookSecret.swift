import FoundationEssentials

/// A symmetric secret of the Standard Webhooks specification: `whsec_` and 24 to 64 bytes in base64.
///
/// It describes itself without its bytes, so that it may stand in values that are logged.
package struct WebhookSecret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// What the text of a secret begins with.
  package static let prefix = "whsec_"
  /// How many secrets count at a time: the present one, and one that is taken out of use.
  package static let mostAtOnce = 2
  private static let byteCounts = 24...64

  let key: [UInt8]

  /// - Parameter text: Such as `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
  /// - Throws: ``CryptographyError`` that says what is wrong and holds nothing of the text.
  package init(_ text: some StringProtocol) throws(CryptographyError) {
    guard text.hasPrefix(Self.prefix) else {
      throw CryptographyError(.malformed, "a signing secret begins with \(Self.prefix)")
    }
    guard text.utf8.count <= 128, let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) else {
      throw CryptographyError(.malformed, "what follows \(Self.prefix) in a signing secret is not base64")
    }
    guard Self.byteCounts.contains(key.count) else {
      throw CryptographyError(
        .malformed,
        "a signing secret has \(Self.byteCounts.lowerBound) to \(Self.byteCounts.upperBound) bytes, not \(key.count)")
    }
    self.key = Array(key)
  }

  /// A new secret that nobody knows.
  ///
  /// - Throws: ``CryptographyError`` if there is no entropy.
  package init(random byteCount: Int) throws(CryptographyError) {
    let bytes = try RandomBytes.make(byteCount)
    try self.init(Self.prefix + Data(bytes).base64EncodedString())
  }

  /// Reads one secret, or two that are separated by white space, as a file or a Kubernetes Secret holds them.
  ///
  /// - Throws: ``CryptographyError`` if there is none, there are more than two, or one is malformed.
  package static func parse(_ bytes: [UInt8]) throws(CryptographyError) -> [WebhookSecret] {
    guard bytes.count <= 4096 else { throw CryptographyError(.malformed, "a signing secret is too long") }
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard (1...Self.mostAtOnce).contains(words.count) else {
      throw CryptographyError(
        .malformed, words.isEmpty ? "there is no signing secret" : "there are more than two signing secrets")
    }
    var secrets: [WebhookSecret] = []
    for word in words { secrets.append(try WebhookSecret(word)) }
    return secrets
  }

  package var description: String { "\(Self.prefix)…" }
  package var debugDescription: String { self.description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
