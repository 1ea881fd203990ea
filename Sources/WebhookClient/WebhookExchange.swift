import FoundationEssentials
package import HTTPTransport
import HTTPTypes
package import KubernetesModel
package import Logging
package import Metrics
import Synchronization
import UmpireModel

/// Asks a webhook one question and checks the answer.
///
/// An exchange has one deadline, reads at most 1 MiB, takes no answer but a 200, follows no redirect and connects to no
/// address behind which a cloud keeps its metadata. A connection that breaks before any byte of an answer is tried once
/// more within the deadline; nothing else is. An endpoint that keeps failing is not asked for a while.
///
/// Copies share what they know of the endpoints, so one exchange serves a whole process.
///
/// ```swift
/// let exchange = WebhookExchange(transport: CurlHTTPTransport(), logger: logger)
/// let endpoint = try WebhookEndpoint(webhook.clientConfig, namespace: "games", timeoutSeconds: 15)
/// let answer = try await exchange.ask(WebhookQuestion(request, subject: subject), at: endpoint)
/// ```
package struct WebhookExchange: Sendable {
  private let transport: any ClientTransport
  private let resolver: any ServiceAddressResolver
  private let metrics: WebhookMetrics
  private let observer: (any WebhookObserver)?
  private let logger: Logger
  private let options: Options
  private let breakers: Breakers
  private let fields: HTTPFields
  /// An answer of this size is read in far less than a millisecond.
  private static let quickBytes = 16 << 10

  /// What seldom differs from one exchange to another.
  package struct Options: Sendable {
    /// What we call ourselves.
    package var userAgent = "umpire/\(Umpire.version)"
    /// Addresses that are not asked, whatever name they hide behind.
    package var refusedRanges = NetworkRange.metadataServices
    /// The most questions to one host and port that are under way at once; the others wait within their deadlines.
    ///
    /// It bounds connections too: over HTTP/1.1 each question has one to itself.
    package var requestsPerEndpoint = 256
    /// When an endpoint is not asked for a while.
    package var breaker = CircuitBreaker.Limits()
    /// The clock.
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// The calendar's time, for whoever is told how a question ended.
    package var timestamp: @Sendable () -> Timestamp = { .now }

    /// Creates options.
    package init() {}

    fileprivate var date: Date {
      Date(timeIntervalSince1970: Double(self.timestamp().microsecondsSinceEpoch) / 1_000_000)
    }
  }

  private final class Breakers: Sendable {
    let table: Mutex<BreakerTable>

    init(_ limits: CircuitBreaker.Limits) { self.table = Mutex(BreakerTable(limits: limits)) }
  }

  /// How a question ended, and what that says about the endpoint.
  private struct Ending {
    var result: Result<ReviewResponse, WebhookFailure>
    var health: CircuitBreaker.Result
  }

  /// Creates an exchange that asks through `transport` and finds Services through `resolver`.
  package init(
    transport: any ClientTransport, resolver: any ServiceAddressResolver = ClusterServiceAddressResolver(),
    metricsFactory: any MetricsFactory = MetricsSystem.factory, observer: (any WebhookObserver)? = nil, logger: Logger,
    options: Options = Options()
  ) {
    self.transport = transport
    self.resolver = resolver
    self.metrics = WebhookMetrics(factory: metricsFactory)
    self.observer = observer
    self.logger = logger
    self.options = options
    self.breakers = Breakers(options.breaker)
    self.fields = WebhookRequest.fields(userAgent: options.userAgent)
  }

  /// Where tasks run best that do little but ask: on the thread that carries the questions, if there is one.
  package var taskExecutor: (any TaskExecutor)? { self.transport.taskExecutor }

  /// Asks `question` at `endpoint` and waits for an answer that passes every check.
  ///
  /// - Throws: ``WebhookFailure``.
  package func ask(
    _ question: WebhookQuestion, at endpoint: WebhookEndpoint
  ) async throws(WebhookFailure) -> WebhookAnswer {
    let start = self.options.now()
    self.metrics.begin()
    let key = BreakerTable.Key(endpoint)
    switch self.breakers.table.withLock({ $0.ask(key, now: start) }) {
    case .refuse:
      let failure = WebhookFailure(.breakerOpen, "the endpoint kept failing and is not asked for a while")
      let state = self.breakers.table.withLock { $0.state(key) }
      return try self.end(question, .failure(failure), since: start, state).get()
    case .ask(let permit):
      let ending = await self.ending(of: question, at: endpoint, deadline: start.advanced(by: endpoint.timeout))
      let now = self.options.now()
      let state = self.breakers.table.withLock { $0.end(key, permit, ending.health, now: now) }
      return try self.end(question, ending.result, since: start, state).get()
    }
  }

  /// Tells everybody who wants to know.
  private func end(
    _ question: WebhookQuestion, _ result: Result<ReviewResponse, WebhookFailure>, since start: ContinuousClock.Instant,
    _ breaker: CircuitBreaker.State
  ) -> Result<WebhookAnswer, WebhookFailure> {
    let latency = start.duration(to: self.options.now())
    let result = result.map { WebhookAnswer(response: $0, latency: latency) }
    var reason: WebhookFailure.Reason?
    if case .failure(let failure) = result { reason = failure.reason }
    self.metrics.end(question.subject, duration: latency, failure: reason, breaker: breaker)
    self.logger.debug(
      "Asked a webhook",
      metadata: [
        "webhook.configuration": "\(question.subject.configuration)", "webhook.name": "\(question.subject.webhook)",
        "webhook.type": "\(question.subject.type.rawValue)", "webhook.result": "\(reason?.rawValue ?? "Success")",
        "webhook.latency": "\(latency)", "review.uid": "\(question.request.uid)",
      ])
    if let observer, reason != .cancelled {
      observer.webhook(
        question.subject, ended: WebhookOutcome(result, latency: latency, breaker: breaker, time: self.options.date))
    }
    return result
  }

  private func ending(
    of question: WebhookQuestion, at endpoint: WebhookEndpoint, deadline: ContinuousClock.Instant
  ) async -> Ending {
    let request: WebhookRequest
    do throws(WebhookFailure) {
      request = WebhookRequest(
        try question.encoded(), to: endpoint, authority: try await self.authority(of: endpoint), fields: self.fields,
        self.options)
    } catch {
      // The endpoint knows nothing of it.
      return Ending(result: .failure(error), health: .nothing)
    }
    var mayRepeat = true
    while true {
      let remaining = self.options.now().duration(to: deadline)
      guard remaining > .zero else { return Self.ending(Self.late(endpoint.timeout)) }
      do {
        let response = try await self.transport.collect(request.attempt(within: remaining))
        guard response.body.count > Self.quickBytes else { return self.ending(of: question, response) }
        // Whoever asks on the transport's thread must not keep others waiting while a long answer is read.
        return await withTaskExecutorPreference(globalConcurrentExecutor) { self.ending(of: question, response) }
      } catch let error as TransportError where mayRepeat && Self.brokeBeforeAnAnswer(error) {
        mayRepeat = false
        self.metrics.retry(question.subject)
      } catch {
        return Self.ending(Self.failure(error, timeout: endpoint.timeout))
      }
    }
  }

  private func authority(of endpoint: WebhookEndpoint) async throws(WebhookFailure) -> String {
    switch endpoint.destination {
    case .authority(let given): return given
    case .service(let service):
      return try await self.resolver.address(of: service).description
    }
  }

  /// Reads an answer.
  private func ending(of question: WebhookQuestion, _ response: CollectedResponse) -> Ending {
    let status = response.head.status
    guard status == .ok else {
      // Whoever says no to a question is there, and well.
      let isIll = status.kind == .serverError || status == .tooManyRequests
      let message =
        status.kind == .redirection
        ? "the answer is a redirect (\(status.code)), which is not followed"
        : "status \(status.code)" + (response.body.isEmpty ? "" : ": " + Excerpt.of(response.body))
      return Ending(
        result: .failure(WebhookFailure(.httpStatus, message)), health: isIll ? .failure : .success)
    }
    do throws(WebhookFailure) {
      return Ending(result: .success(try question.decode(response.body)), health: .success)
    } catch {
      return Self.ending(error)
    }
  }

  /// The ending that a failure leads to which has no status.
  private static func ending(_ failure: WebhookFailure) -> Ending {
    let isOurs = failure.reason == .refused || failure.reason == .cancelled
    return Ending(result: .failure(failure), health: isOurs ? .nothing : .failure)
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
}
