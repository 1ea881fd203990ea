import Cryptography
package import HTTPTransport
import HTTPTypes
import UmpireModel
package import WebhookClient

/// Sends single messages to an endpoint, well made or not, and tells what came back.
package struct EndpointCaller: Sendable {
  /// An answer that is larger does not count.
  private static let responseBytes = 1 << 20
  /// How old a stale message is: twice what a receiver tolerates.
  private static let staleness = 2 * WebhookSignature.tolerance

  /// Where the messages go, and how they are signed.
  package let endpoint: WebhookEndpoint
  private let transport: any ClientTransport
  private let now: @Sendable () -> Int64
  private let stranger: WebhookSecret
  private let head: HTTPRequest

  /// - Throws: ``WebhookFailure`` if the endpoint is not a URL; ``CryptographyError`` if there is no entropy.
  package init(
    _ endpoint: WebhookEndpoint, transport: any ClientTransport, instruments: ProbeInstruments = ProbeInstruments()
  ) throws {
    guard case .authority(let authority) = endpoint.destination else {
      throw WebhookFailure(.refused, "only a URL can be checked")
    }
    self.endpoint = endpoint
    self.transport = transport
    self.now = instruments.now
    self.stranger = try WebhookSecret(random: 32)
    self.head = HTTPRequest(
      method: .post, scheme: endpoint.isSecure ? "https" : "http", authority: authority, path: endpoint.path,
      headerFields: [
        .contentType: "application/json", .accept: "application/json", .userAgent: "umpire/\(Umpire.version)",
      ])
  }

  /// Whether messages are signed.
  package var isSigned: Bool { !self.endpoint.signingSecrets.isEmpty }

  /// Where tasks run best that do little but send.
  var taskExecutor: (any TaskExecutor)? { self.transport.taskExecutor }

  /// When a message is signed that is sent now, in seconds since 1970.
  package var present: Int64 { self.now() }

  /// Sends a message once, within the endpoint's deadline.
  ///
  /// - Parameter signedAt: nil for now; a message that is sent twice is signed at one time.
  /// - Throws: ``CryptographyError`` if it cannot be signed; `CancellationError`.
  package func send(_ message: ProbeMessage, signedAt: Int64? = nil) async throws -> ProbeAnswer {
    var request = TransportRequest(head: self.head, body: message.body, security: self.endpoint.security)
    request.head.method = message.method
    if message.method == .get { request.head.headerFields[.contentType] = nil }
    for (name, value) in try self.signature(of: message, at: signedAt ?? self.present)?.fields ?? [] {
      if let name = HTTPField.Name(name) { request.head.headerFields[name] = value }
    }
    request.limits.total = self.endpoint.timeout
    request.limits.connect = min(self.endpoint.timeout, request.limits.connect)
    request.limits.responseBytes = Self.responseBytes
    request.concurrency = WebhookExchange.Options().requestsPerEndpoint
    let start = ContinuousClock.now
    do {
      let response = try await self.transport.collect(request)
      return ProbeAnswer(
        .success(.init(status: response.head.status.code, body: response.body)), latency: start.duration(to: .now))
    } catch let error as TransportError {
      return ProbeAnswer(.failure(WebhookFailure(error)), latency: start.duration(to: .now))
    }
  }

  private func signature(
    of message: ProbeMessage, at present: Int64
  ) throws(CryptographyError) -> WebhookSignature? {
    guard self.isSigned else { return nil }
    var (id, timestamp, secrets) = (ReviewRequest.freshUID(), present, self.endpoint.signingSecrets)
    switch message.signing {
    case .right: ()
    case .none: return nil
    case .wrong: secrets = [self.stranger]
    case .stale: timestamp -= Self.staleness
    case .repeated(let repeated): id = repeated
    }
    return try WebhookSignature(signing: message.body, id: id, timestamp: timestamp, secrets: secrets)
  }
}
