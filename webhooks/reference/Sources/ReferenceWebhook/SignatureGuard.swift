import Cryptography
import FoundationEssentials
import HTTPTypes
import ServerSupport
import Synchronization

/// Believes a message only if it is signed by the Standard Webhooks specification, recent, and not one that came before.
package final class SignatureGuard: Sendable {
  private let secrets: SigningSecrets
  private let now: @Sendable () -> Int64
  private let seen = Mutex(SeenMessages())

  /// - Parameters:
  ///   - secrets: of which one must have signed.
  ///   - now: seconds since 1970.
  package init(
    secrets: SigningSecrets, now: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
  ) {
    self.secrets = secrets
    self.now = now
  }

  /// Lets a message pass, once.
  ///
  /// - Parameter fields: the fields of its head; one that stands there twice is malformed.
  /// - Throws: a ``Problem`` of 401.
  func admit(_ fields: HTTPFields, body: [UInt8]) throws(Problem) {
    let now = self.now()
    let signature: WebhookSignature
    do throws(WebhookSignature.Fault) {
      signature = try WebhookSignature(
        id: Self.single(WebhookSignature.Field.id, in: fields),
        timestamp: Self.single(WebhookSignature.Field.timestamp, in: fields),
        signatures: Self.single(WebhookSignature.Field.signature, in: fields))
      try signature.verify(body: body, secrets: self.secrets.current(), now: now)
    } catch {
      throw Self.refusal(error.rawValue)
    }
    // Only what is believed is remembered, so strangers cannot fill the memory.
    let verdict = self.seen.withLock {
      $0.take(id: signature.id, timestamp: signature.timestamp, oldest: now - WebhookSignature.tolerance)
    }
    switch verdict {
    case .new: ()
    case .seen: throw Self.refusal("a message with this id has come before")
    case .tooOld: throw Self.refusal(WebhookSignature.Fault.stale.rawValue)
    }
  }

  private static func single(_ name: String, in fields: HTTPFields) -> String? {
    guard let name = HTTPField.Name(name) else { return nil }
    let values = fields[values: name]
    return values.count == 1 ? values[0] : nil
  }

  private static func refusal(_ detail: String) -> Problem {
    Problem(.unauthorized, detail, headers: [.wwwAuthenticate: "StandardWebhooks"])
  }
}
