import Cryptography
import FoundationEssentials
import HTTPTransport
import HTTPTypes

/// What is sent to an endpoint: the same for each attempt, but for the fields that make an attempt known.
struct WebhookRequest {
  private static let responseBytes = 1 << 20
  private static let signatureNames = [
    WebhookSignature.Field.id, WebhookSignature.Field.timestamp, WebhookSignature.Field.signature,
  ].map { HTTPField.Name($0) }
  private static let traceparent = HTTPField.Name("traceparent")
  private let secrets: [WebhookSecret]
  private var request: TransportRequest

  /// Creates a request to `endpoint`, whose connection goes to `authority`.
  init(_ body: [UInt8], to endpoint: WebhookEndpoint, authority: String, _ options: WebhookExchange.Options) {
    self.secrets = endpoint.signingSecrets
    let head = HTTPRequest(
      method: .post, scheme: endpoint.isSecure ? "https" : "http", authority: authority, path: endpoint.path,
      headerFields: [.contentType: "application/json", .accept: "application/json", .userAgent: options.userAgent])
    self.request = TransportRequest(head: head, body: body, security: endpoint.security)
    self.request.limits.responseBytes = Self.responseBytes
    self.request.refusedRanges = options.refusedRanges
    self.request.acceptsCompression = true
    self.request.concurrency = options.requestsPerEndpoint
  }

  /// The next attempt, which may take `remaining`.
  ///
  /// Its `webhook-id` is fresh: a server that refuses replays must not refuse our own second attempt.
  ///
  /// - Throws: ``WebhookFailure`` if it cannot be signed.
  func attempt(within remaining: Duration) throws(WebhookFailure) -> TransportRequest {
    var attempt = self.request
    attempt.limits.total = remaining
    attempt.limits.connect = min(remaining, attempt.limits.connect)
    do throws(CryptographyError) {
      let random = try RandomBytes.make(40)
      if let name = Self.traceparent {
        attempt.head.headerFields[name] = "00-\(Self.hex(random[..<16]))-\(Self.hex(random[16..<24]))-01"
      }
      guard !self.secrets.isEmpty else { return attempt }
      let signature = try WebhookSignature(
        signing: attempt.body, id: "msg_\(Self.hex(random[24...]))",
        timestamp: Int64(Date().timeIntervalSince1970), secrets: self.secrets)
      for (name, value) in zip(
        Self.signatureNames, [signature.id, String(signature.timestamp), signature.signatures])
      {
        if let name { attempt.head.headerFields[name] = value }
      }
    } catch {
      throw WebhookFailure(.refused, "the question cannot be signed: \(error.message)")
    }
    return attempt
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[index * 2] = digits[Int(byte >> 4)]
        buffer[index * 2 + 1] = digits[Int(byte & 15)]
      }
      return bytes.count * 2
    }
  }
}
