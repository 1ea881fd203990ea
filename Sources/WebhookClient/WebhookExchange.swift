import FoundationEssentials
package import HTTPTransport
import HTTPTypes
import KubernetesModel
package import Logging
package import Metrics
import UmpireModel

/// Asks a webhook one question and checks the answer.
///
/// An exchange has one deadline, reads at most 1 MiB, takes no answer but a 200 and follows no redirect. A connection
/// that breaks before any byte of an answer is tried once more within the deadline; nothing else is.
///
/// ```swift
/// let exchange = WebhookExchange(transport: CurlHTTPTransport(), logger: logger)
/// let endpoint = try WebhookEndpoint(webhook.clientConfig, namespace: "games", timeoutSeconds: 15)
/// let answer = try await exchange.ask(WebhookQuestion(request, subject: subject), at: endpoint)
/// ```
package struct WebhookExchange: Sendable {
  private static let responseBytes = 1 << 20
  private let transport: any ClientTransport
  private let resolver: any ServiceAddressResolver
  private let metrics: WebhookMetrics
  private let observer: (any WebhookObserver)?
  private let logger: Logger
  private let userAgent: String

  /// Creates an exchange that asks through `transport` and finds Services through `resolver`.
  package init(
    transport: any ClientTransport, resolver: any ServiceAddressResolver = ClusterServiceAddressResolver(),
    metricsFactory: any MetricsFactory = MetricsSystem.factory, observer: (any WebhookObserver)? = nil, logger: Logger,
    userAgent: String = "umpire/\(Umpire.version)"
  ) {
    self.transport = transport
    self.resolver = resolver
    self.metrics = WebhookMetrics(factory: metricsFactory)
    self.observer = observer
    self.logger = logger
    self.userAgent = userAgent
  }

  /// Asks `question` at `endpoint` and waits for an answer that passes every check.
  ///
  /// - Throws: ``WebhookFailure``.
  package func ask(
    _ question: WebhookQuestion, at endpoint: WebhookEndpoint
  ) async throws(WebhookFailure) -> WebhookAnswer {
    let start = ContinuousClock.now
    self.metrics.begin()
    do throws(WebhookFailure) {
      let response = try await self.response(to: question, at: endpoint, deadline: start.advanced(by: endpoint.timeout))
      let latency = start.duration(to: .now)
      self.metrics.end(question.subject, duration: latency, failure: nil)
      self.log(question, latency, result: "Success")
      let answer = WebhookAnswer(response: response, latency: latency)
      self.tell(question, .success(answer), latency)
      return answer
    } catch {
      let latency = start.duration(to: .now)
      self.metrics.end(question.subject, duration: latency, failure: error.reason)
      self.log(question, latency, result: error.reason.rawValue)
      if error.reason != .cancelled { self.tell(question, .failure(error), latency) }
      throw error
    }
  }

  private func tell(_ question: WebhookQuestion, _ result: Result<WebhookAnswer, WebhookFailure>, _ latency: Duration) {
    self.observer?.webhook(
      question.subject, ended: WebhookOutcome(result, latency: latency, breaker: .closed, time: Date()))
  }

  private func response(
    to question: WebhookQuestion, at endpoint: WebhookEndpoint, deadline: ContinuousClock.Instant
  ) async throws(WebhookFailure) -> ReviewResponse {
    var request = TransportRequest(
      head: try await self.head(for: endpoint), body: try question.encoded(), security: endpoint.security)
    request.limits.responseBytes = Self.responseBytes
    var mayRepeat = true
    while true {
      let remaining = ContinuousClock.now.duration(to: deadline)
      guard remaining > .zero else { throw Self.late(endpoint.timeout) }
      request.limits.total = remaining
      request.limits.connect = min(remaining, request.limits.connect)
      do {
        return try question.decode(try await self.body(of: request))
      } catch let error as TransportError where mayRepeat && Self.brokeBeforeAnAnswer(error) {
        mayRepeat = false
      } catch {
        throw Self.failure(error, timeout: endpoint.timeout)
      }
    }
  }

  /// Sends `request` and reads the body of a 200.
  private func body(of request: TransportRequest) async throws -> [UInt8] {
    try await self.transport.withResponse(to: request) { response in
      let status = response.head.status
      guard status == .ok else {
        guard status.kind != .redirection else {
          throw WebhookFailure(.httpStatus, "the answer is a redirect (\(status.code)), which is not followed")
        }
        throw WebhookFailure(.httpStatus, "status \(status.code)\(try await Self.excerpt(of: response.body))")
      }
      return try await response.body.collect(upTo: request.limits.responseBytes)
    }
  }

  private func head(for endpoint: WebhookEndpoint) async throws(WebhookFailure) -> HTTPRequest {
    let authority: String
    switch endpoint.destination {
    case .authority(let given): authority = given
    case .service(let service):
      let address = try await self.resolver.address(of: service)
      authority = "\(address.host):\(address.port)"
    }
    return HTTPRequest(
      method: .post, scheme: endpoint.isSecure ? "https" : "http", authority: authority, path: endpoint.path,
      headerFields: [.contentType: "application/json", .accept: "application/json", .userAgent: self.userAgent])
  }

  /// The beginning of a body that says why there is no answer.
  private static func excerpt(of body: ResponseBody) async throws -> String {
    var bytes: [UInt8] = []
    for try await chunk in body {
      bytes.append(contentsOf: chunk)
      if bytes.count > 4 * Excerpt.limit { break }
    }
    return bytes.isEmpty ? "" : ": " + Excerpt.of(bytes)
  }

  private static func brokeBeforeAnAnswer(_ error: TransportError) -> Bool {
    error.code == .connectionBroken && (error.progress == .nothingSent || error.progress == .noAnswer)
  }

  /// The message names the configured deadline, not what was left of it: equal failures have equal messages, so that a
  /// status changes only when something has.
  private static func late(_ timeout: Duration) -> WebhookFailure {
    WebhookFailure(.timeout, "no complete answer within \(GoDuration(timeout))")
  }

  private static func failure(_ error: any Error, timeout: Duration) -> WebhookFailure {
    switch error {
    case let failure as WebhookFailure: failure
    case let error as TransportError where error.code == .timeout && error.progress != .nothingSent:
      Self.late(timeout)
    case let error as TransportError: WebhookFailure(error)
    case is CancellationError: WebhookFailure(.cancelled, "the question was withdrawn")
    default: WebhookFailure(.connect, "the exchange failed")
    }
  }

  private func log(_ question: WebhookQuestion, _ latency: Duration, result: String) {
    self.logger.debug(
      "Asked a webhook",
      metadata: [
        "webhook.configuration": "\(question.subject.configuration)", "webhook.name": "\(question.subject.webhook)",
        "webhook.type": "\(question.subject.type.rawValue)", "webhook.result": "\(result)",
        "webhook.latency": "\(latency)", "review.uid": "\(question.request.uid)",
      ])
  }
}
