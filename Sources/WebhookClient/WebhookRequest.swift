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
  private let body: [UInt8]
  private let endpoint: WebhookEndpoint
  private let authority: String
  private let fields: HTTPFields
  private let options: WebhookExchange.Options

  /// Creates a request to `endpoint`, whose connection goes to `authority`.
  ///
  /// - Parameter fields: see ``fields(userAgent:)``.
  init(
    _ body: [UInt8], to endpoint: WebhookEndpoint, authority: String, fields: HTTPFields,
    _ options: WebhookExchange.Options
  ) {
    self.body = body
    self.endpoint = endpoint
    self.authority = authority
    self.fields = fields
    self.options = options
  }

  /// The fields that all requests have, made once.
  static func fields(userAgent: String) -> HTTPFields {
    [.contentType: "application/json", .accept: "application/json", .userAgent: userAgent]
  }

  /// The next attempt, which may take `remaining`.
  ///
  /// Its `webhook-id` is fresh: a server that refuses replays must not refuse our own second attempt.
  ///
  /// - Throws: ``WebhookFailure`` if it cannot be signed.
  func attempt(within remaining: Duration) throws(WebhookFailure) -> TransportRequest {
    let head = HTTPRequest(
      method: .post, scheme: self.endpoint.isSecure ? "https" : "http", authority: self.authority,
      path: self.endpoint.path, headerFields: try self.attemptFields())
    var request = TransportRequest(head: head, body: self.body, security: self.endpoint.security)
    request.limits.total = remaining
    request.limits.connect = min(remaining, request.limits.connect)
    request.limits.responseBytes = Self.responseBytes
    request.refusedRanges = self.options.refusedRanges
    request.acceptsCompression = true
    request.concurrency = self.options.requestsPerEndpoint
    return request
  }

  private func attemptFields() throws(WebhookFailure) -> HTTPFields {
    var fields = self.fields
    do throws(CryptographyError) {
      let random = try RandomBytes.make(40)
      if let name = Self.traceparent { fields.append(HTTPField(name: name, value: Self.trace(random[..<24]))) }
      guard !self.endpoint.signingSecrets.isEmpty else { return fields }
      let signature = try WebhookSignature(
        signing: self.body, id: "msg_\(Self.hex(random[24...]))",
        timestamp: Int64(Date().timeIntervalSince1970), secrets: self.endpoint.signingSecrets)
      for (name, value) in zip(
        Self.signatureNames, [signature.id, String(signature.timestamp), signature.signatures])
      {
        if let name { fields[name] = value }
      }
      return fields
    } catch {
      throw WebhookFailure(.refused, "the question cannot be signed: \(error.message)")
    }
  }

  /// A trace and the span in it, made of 16 and 8 random bytes, as W3C's Trace Context writes them.
  private static func trace(_ random: ArraySlice<UInt8>) -> String {
    String(unsafeUninitializedCapacity: 55) { text in
      var count = 0
      func append(_ byte: UInt8) {
        text.initializeElement(at: count, to: byte)
        count += 1
      }
      func append(ascii: StaticString) { for index in 0..<ascii.utf8CodeUnitCount { append(ascii.utf8Start[index]) } }
      append(ascii: "00-")
      for (index, byte) in random.enumerated() {
        if index == 16 { append(UInt8(ascii: "-")) }
        append(Self.digit(byte >> 4))
        append(Self.digit(byte & 15))
      }
      append(ascii: "-01")
      return count
    }
  }

  private static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      for (index, byte) in bytes.enumerated() {
        text.initializeElement(at: index * 2, to: Self.digit(byte >> 4))
        text.initializeElement(at: index * 2 + 1, to: Self.digit(byte & 15))
      }
      return bytes.count * 2
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
