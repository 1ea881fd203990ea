import FoundationEssentials

/// The three fields with which a message is signed by the Standard Webhooks specification, version `v1`.
///
/// What is signed is `id.timestamp.body`, with HMAC-SHA256. While a secret is rotated the message carries a signature
/// by each of two.
package struct WebhookSignature: Sendable, Hashable {
  /// `webhook-id`: unique for each message that is sent.
  package var id: String
  /// `webhook-timestamp`: seconds since 1970.
  package var timestamp: Int64
  /// `webhook-signature`: `v1,` and base64, several separated by a space.
  package var signatures: String

  /// The names of the fields.
  package enum Field {
    package static let id = "webhook-id"
    package static let timestamp = "webhook-timestamp"
    package static let signature = "webhook-signature"
  }

  /// How old, or how far ahead, a message may be; the specification leaves it open, and its libraries take 5 minutes.
  package static let tolerance: Int64 = 300

  /// Why a message is not believed.
  package enum Fault: String, Error, Sendable, Hashable {
    /// A field is missing, too long, or not of its form.
    case malformed = "the signature is missing or malformed"
    /// The message is too old.
    case stale = "the message is too old"
    /// The message is from the future.
    case early = "the message is from the future"
    /// No signature is by a known secret.
    case wrong = "no signature matches"
  }

  /// Takes up the fields of a message that came in.
  ///
  /// - Throws: ``Fault`` `malformed`.
  package init(id: String?, timestamp: String?, signatures: String?) throws(Fault) {
    guard let id, let timestamp, let signatures, (1...256).contains(id.utf8.count), timestamp.utf8.count <= 20,
      let seconds = Int64(timestamp), seconds >= 0, (1...2048).contains(signatures.utf8.count)
    else { throw .malformed }
    self.id = id
    self.timestamp = seconds
    self.signatures = signatures
  }

  /// Signs a message with each of `secrets`.
  ///
  /// - Throws: ``CryptographyError`` if the library fails.
  package init(
    signing body: [UInt8], id: String, timestamp: Int64, secrets: [WebhookSecret]
  ) throws(CryptographyError) {
    self.id = id
    self.timestamp = timestamp
    let message = Self.message(id: id, timestamp: timestamp, body: body)
    var signatures: [String] = []
    for secret in secrets {
      signatures.append("v1," + Data(try HMACSHA256.code(for: message, key: secret.key)).base64EncodedString())
    }
    self.signatures = signatures.joined(separator: " ")
  }

  /// The fields of the message's head, name by name.
  package var fields: [(name: String, value: String)] {
    [
      (Field.id, self.id), (Field.timestamp, String(self.timestamp)), (Field.signature, self.signatures),
    ]
  }

  /// Checks that the message was sent by somebody who knows one of `secrets`, within the tolerance of `now`.
  ///
  /// That it is not the same message again must be seen by remembering ``id`` for as long as the tolerance.
  ///
  /// - Parameter now: Seconds since 1970.
  /// - Throws: ``Fault``.
  package func verify(body: [UInt8], secrets: [WebhookSecret], now: Int64) throws(Fault) {
    guard self.timestamp >= now - Self.tolerance else { throw .stale }
    guard self.timestamp <= now + Self.tolerance else { throw .early }
    let message = Self.message(id: self.id, timestamp: self.timestamp, body: body)
    let given = self.signatures.split(separator: " ").compactMap { word -> [UInt8]? in
      let parts = word.split(separator: ",", maxSplits: 1)
      guard parts.count == 2, parts[0] == "v1", let code = Data(base64Encoded: String(parts[1])) else { return nil }
      return Array(code)
    }
    for secret in secrets {
      // Without a code nothing matches, and the message is refused.
      guard let code = try? HMACSHA256.code(for: message, key: secret.key) else { continue }
      if given.contains(where: { ConstantTime.areEqual($0, code) }) { return }
    }
    throw .wrong
  }

  private static func message(id: String, timestamp: Int64, body: [UInt8]) -> [UInt8] {
    Array("\(id).\(timestamp).".utf8) + body
  }
}
