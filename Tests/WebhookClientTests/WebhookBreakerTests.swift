import FoundationEssentials
import HTTPTransport
import HTTPTypes
import Metrics
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import WebhookClient

/// A clock that goes only when it is told to.
private final class ManualClock: Sendable {
  private let time = Mutex(ContinuousClock.now)

  var now: ContinuousClock.Instant { self.time.withLock { $0 } }
  func advance(_ duration: Duration) { self.time.withLock { $0 = $0.advanced(by: duration) } }
}

private final class Notebook: WebhookObserver {
  let outcomes = Mutex<[WebhookOutcome]>([])

  func webhook(_ subject: WebhookQuestion.Subject, ended: WebhookOutcome) {
    self.outcomes.withLock { $0.append(ended) }
  }
}

struct WebhookBreakerTests {
  private let clock = ManualClock()

  private func reason(
    _ exchange: WebhookExchange, path: String = "ask"
  ) async throws -> WebhookFailure.Reason? {
    let endpoint = try WebhookEndpoint(
      WebhookClientConfig(url: "http://host/\(path)"), namespace: "games", timeoutSeconds: 5)
    do throws(WebhookFailure) {
      _ = try await exchange.ask(Fixture.question(.readiness), at: endpoint)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func anEndpointThatKeepsFailingIsNotAsked() async throws {
    let isWell = Mutex(false)
    let transport = ScriptedTransport { request, _ in
      isWell.withLock { $0 } || request.head.path == "/other"
        ? .body(Fixture.answer(#""allowed":true"#)) : .body("", status: .internalServerError)
    }
    let metrics = TestMetrics()
    let notebook = Notebook()
    let clock = self.clock
    let exchange = Fixture.exchange(transport, metricsFactory: metrics, observer: notebook) { clock.now }
    for _ in 0..<5 { #expect(try await self.reason(exchange) == .httpStatus) }
    #expect(notebook.outcomes.withLock { $0.map(\.breaker) } == [.closed, .closed, .closed, .closed, .open])
    for _ in 0..<3 { #expect(try await self.reason(exchange) == .breakerOpen) }
    #expect(transport.requests.count == 5)
    // Others are asked, on the same host too.
    #expect(try await self.reason(exchange, path: "other") == nil)

    self.clock.advance(.seconds(10))
    #expect(try await self.reason(exchange) == .httpStatus)
    #expect(try await self.reason(exchange) == .breakerOpen)
    self.clock.advance(.seconds(19))
    #expect(try await self.reason(exchange) == .breakerOpen)
    isWell.withLock { $0 = true }
    self.clock.advance(.seconds(1))
    #expect(try await self.reason(exchange) == nil)
    #expect(try await self.reason(exchange) == nil)
    #expect(notebook.outcomes.withLock { $0.last?.breaker } == .closed)
    #expect(notebook.outcomes.withLock { $0.count } == 14)

    let dimensions = [("configuration", "games/hooks"), ("webhook", "match-over"), ("type", "ReadinessWebhook")]
    let total = "umpire_webhook_requests_total"
    #expect(try metrics.expectCounter(total, dimensions + [("result", "BreakerOpen")]).totalValue == 5)
    #expect(try metrics.expectCounter(total, dimensions + [("result", "HTTPStatus")]).totalValue == 6)
    let states = try metrics.expectGauge("umpire_webhook_breaker_state", dimensions).values
    #expect(states == [0, 0, 0, 0, 2, 2, 2, 2, 0, 2, 2, 2, 0, 0])
  }

  @Test(arguments: [
    (ScriptedTransport.Answer.body("", status: .tooManyRequests), true), (.body("", status: .badGateway), true),
    (.body("null"), true), (.body(#"{"response":{"uid":"x","allowed":true}}"#), true),
    (.failure(TransportError(.timeout, "late", progress: .noAnswer)), true),
    (.failure(TransportError(.nameResolution, "who", progress: .nothingSent)), true),
    (.failure(TransportError(.security, "who", progress: .nothingSent)), true),
    (.failure(TransportError(.connect, "closed", progress: .nothingSent)), true),
    (.failure(TransportError(.tooLarge, "long", progress: .answerBegun)), true),
    (.failure(TransportError(.refused, "no", progress: .nothingSent)), false),
    (.body("", status: .notFound), false), (.body("", status: .movedPermanently), false),
  ])
  func onlyTheEndpointsOwnFailuresCount(_ answer: ScriptedTransport.Answer, _ counts: Bool) async throws {
    let transport = ScriptedTransport { _, _ in answer }
    let clock = self.clock
    let exchange = Fixture.exchange(transport) { clock.now }
    for _ in 0..<8 { #expect(try await self.reason(exchange) != nil) }
    #expect(transport.requests.count == (counts ? 5 : 8))
  }

  @Test func withdrawnQuestionsAreNobodysFault() async throws {
    let notebook = Notebook()
    let transport = ScriptedTransport { _, _ in throw CancellationError() }
    let exchange = Fixture.exchange(transport, observer: notebook)
    for _ in 0..<8 { #expect(try await self.reason(exchange) == .cancelled) }
    #expect(transport.requests.count == 8)
    #expect(notebook.outcomes.withLock { $0.isEmpty })
  }

  @Test func aServiceThatIsNotThereYetIsLookedUpEachTime() async throws {
    struct Nowhere: ServiceAddressResolver {
      func address(of service: ServiceIdentity) async throws(WebhookFailure) -> HostPort {
        throw WebhookFailure(.connect, "no ready Pod")
      }
    }
    let transport = ScriptedTransport { _, _ in .body("") }
    let exchange = Fixture.exchange(transport, resolver: Nowhere())
    for _ in 0..<8 {
      await #expect(throws: WebhookFailure(.connect, "no ready Pod")) {
        try await exchange.ask(Fixture.question(.readiness), at: try Fixture.endpoint())
      }
    }
  }

  @Test func theTableIsBounded() throws {
    let keys = try (0..<10).map { number in
      BreakerTable.Key(
        try WebhookEndpoint(
          WebhookClientConfig(url: "http://host/\(number)"), namespace: "games", timeoutSeconds: 5))
    }
    var table = BreakerTable(limits: .init(failures: 1), capacity: 3, memory: .seconds(60))
    let start = ContinuousClock.now
    func fail(_ number: Int, at seconds: Int) {
      let now = start.advanced(by: .seconds(seconds))
      guard case .ask(let permit) = table.ask(keys[number], now: now) else { return }
      #expect(table.end(keys[number], permit, .failure, now: now) == .open)
    }
    for number in 0..<3 { fail(number, at: number) }
    #expect(table.count == 3)
    fail(3, at: 3)
    #expect(table.count == 3)
    #expect(table.state(keys[0]) == .closed)
    #expect(table.state(keys[1]) == .open)
    // After a minute all but the last are forgotten.
    fail(4, at: 62)
    #expect(table.count == 2)
    #expect(table.state(keys[3]) == .open)
    // An endpoint that has never failed is not kept at all.
    guard case .ask(let permit) = table.ask(keys[9], now: start) else { return }
    #expect(table.end(keys[9], permit, .success, now: start) == .closed)
    #expect(table.count == 2)
  }
}
