import CurlTransport
import HTTPTransport
import Metrics
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import WebhookClient

/// The whole client against servers that misbehave.
@Suite(.timeLimit(.minutes(2)))
struct HostileServerTests {
  /// A way to misbehave, and what a question meets.
  private struct Way: Sendable {
    var name: String
    var isSecure = false
    var reason: WebhookFailure.Reason?

    init(_ name: String, isSecure: Bool = false, _ reason: WebhookFailure.Reason?) {
      self.name = name
      self.isSecure = isSecure
      self.reason = reason
    }
  }

  private static let ways = [
    Way("never_accepts", .timeout), Way("silent", .timeout), Way("trickle", .timeout),
    Way("reset_in_mid_answer", .connect), Way("endless_body", .tooLarge), Way("endless_headers", .tooLarge),
    Way("gzip_bomb", .tooLarge), Way("damaged_gzip", .badReview), Way("wrong_uid", .uidMismatch),
    Way("null_response", .badReview), Way("no_response", .badReview), Way("wrong_types", .badReview),
    Way("deeply_nested", .badReview), Way("server_errors", .httpStatus), Way("redirect_loop", .httpStatus),
    Way("not_http", .badReview), Way("expired", isSecure: true, .tls), Way("wrong_host", isSecure: true, .tls),
    Way("self_signed", isSecure: true, .tls), Way("old_tls", isSecure: true, .tls),
    Way("goaway_in_mid_stream", isSecure: true, .connect), Way("goaway_before_the_answer", isSecure: true, nil),
    Way("closes_idle", nil), Way("compressed", nil), Way("one_answer_each", nil),
  ]

  private func ask(_ exchange: WebhookExchange, _ endpoint: WebhookEndpoint) async -> (WebhookFailure?, Duration) {
    let start = ContinuousClock.now
    do throws(WebhookFailure) {
      _ = try await exchange.ask(Fixture.question(.readiness), at: endpoint)
      return (nil, start.duration(to: .now))
    } catch {
      return (error, start.duration(to: .now))
    }
  }

  private func with<Result: Sendable>(
    _ names: [String], metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance,
    _ body: @Sendable (HostileServer, CurlHTTPTransport, WebhookExchange) async throws -> Result
  ) async throws -> Result {
    try await HostileServer.run(names + ["statistics"]) { server in
      let transport = CurlHTTPTransport(metricsFactory: NOOPMetricsHandler.instance)
      defer { transport.shutdown() }
      return try await body(server, transport, Fixture.exchange(transport, metricsFactory: metricsFactory))
    }
  }

  @Test func everyWayHasItsReasonAndHarmsNobodyElse() async throws {
    // Of its own process, so that it is busy with nothing else.
    try await HostileServer.run(["healthy"]) { well in
      try await self.with(Self.ways.map(\.name)) { server, transport, exchange in
        let healthy = try well.endpoint("healthy")
        var before: [Duration] = []
        for _ in 0..<100 {
          let (failure, latency) = await self.ask(exchange, healthy)
          #expect(failure == nil)
          before.append(latency)
        }
        let opened = transport.statistics.connectionsOpened

        let isOver = Mutex(false)
        async let during: [Duration] = {
          var latencies: [Duration] = []
          while !isOver.withLock({ $0 }) || latencies.count < 100 {
            let (failure, latency) = await self.ask(exchange, healthy)
            #expect(failure == nil)
            latencies.append(latency)
          }
          return latencies
        }()
        let endings = try await withThrowingTaskGroup(of: (String, WebhookFailure?, Duration).self) { group in
          for way in Self.ways {
            // Only those that never answer are to meet their deadline, however busy the machine is.
            let endpoint = try server.endpoint(
              way.name, isSecure: way.isSecure, timeoutSeconds: way.reason == .timeout ? 1 : 30)
            group.addTask {
              var last: (WebhookFailure?, Duration) = (nil, .zero)
              // More than once: what one answer leaves behind must not harm the next.
              for _ in 0..<3 {
                last = await self.ask(exchange, endpoint)
                #expect(last.0?.reason == way.reason, "\(way.name): \(last.0?.message ?? "an answer")")
              }
              return (way.name, last.0, last.1)
            }
          }
          var endings: [(String, WebhookFailure?, Duration)] = []
          for try await ending in group { endings.append(ending) }
          return endings
        }
        isOver.withLock { $0 = true }
        let latencies = await during

        for (name, failure, latency) in endings.sorted(by: { $0.0 < $1.0 }) {
          print("\(name): \(failure?.description ?? "Success") (\(latency.milliseconds) ms)")
          #expect(failure?.reason != .timeout || latency >= .seconds(1), "\(name)")
        }
        print("healthy, alone: \(Self.summary(before)); beside them: \(Self.summary(latencies))")
        let counts = try await server.counts(transport)
        #expect(counts["redirect_loop.requests"] == 3)
        #expect(counts["server_errors.requests"] == 3)
        // The healthy endpoint kept its one connection, and what failed left none behind.
        #expect(opened == 1)
        let kept = Set(["healthy", "statistics"] + Self.ways.map(\.name)).count
        #expect(transport.statistics.connectionsOpen <= kept)
      }
    }
  }

  private static func summary(_ latencies: [Duration]) -> String {
    let sorted = latencies.sorted()
    guard let last = sorted.last else { return "nothing" }
    let (median, high) = (sorted[sorted.count / 2], sorted[sorted.count * 99 / 100])
    return "\(sorted.count) answers, p50 \(median.milliseconds) ms, p99 \(high.milliseconds) ms, "
      + "most \(last.milliseconds) ms"
  }

  @Test func manyQuestionsShareOneConnection() async throws {
    try await self.with(["multiplexed"]) { server, transport, exchange in
      let endpoint = try server.endpoint("multiplexed", isSecure: true)
      // The server answers only when twenty are there at once.
      await withTaskGroup(of: WebhookFailure?.self) { group in
        for _ in 0..<60 { group.addTask { await self.ask(exchange, endpoint).0 } }
        for await failure in group { #expect(failure == nil) }
      }
      #expect(try await server.counts(transport)["multiplexed.connections"] == 1)
    }
  }

  @Test func sessionsAreResumed() async throws {
    try await self.with(["resumed"]) { server, transport, exchange in
      let endpoint = try server.endpoint("resumed", isSecure: true)
      for _ in 0..<6 { #expect(await self.ask(exchange, endpoint).0 == nil) }
      let counts = try await server.counts(transport)
      #expect(counts["resumed.full"] == 1)
      #expect(counts["resumed.resumed"] == 5)
    }
  }

  /// A new connection each time an authority was configured, never closed, was what filled others' tables.
  @Test func aBundleDoesNotCostAConnectionEach() async throws {
    try await self.with(["secure"]) { server, transport, exchange in
      for _ in 0..<50 {
        let (failure, _) = await self.ask(exchange, try server.endpoint("secure", isSecure: true))
        #expect(failure == nil)
      }
      #expect(transport.statistics.connectionsOpened == 1)
      #expect(transport.statistics.connectionsOpen == 1)
    }
  }

  /// One client for all endpoints whose authority was exchanged before each question was what mixed others' up.
  @Test func oneEndpointsAuthorityIsNeverAnothers() async throws {
    try await HostileServer.run([]) { stranger in
      try await self.with(["secure"]) { server, _, exchange in
        let trusted = try server.endpoint("secure", isSecure: true)
        var wrong = trusted
        wrong.security.certificateAuthority = stranger.authority
        let untrusted = wrong
        for _ in 0..<4 {
          await withTaskGroup(of: (Bool, WebhookFailure?).self) { group in
            for _ in 0..<20 { group.addTask { (true, await self.ask(exchange, trusted).0) } }
            for _ in 0..<4 { group.addTask { (false, await self.ask(exchange, untrusted).0) } }
            for await (isTrusted, failure) in group {
              #expect(isTrusted ? failure == nil : failure?.reason == .tls || failure?.reason == .breakerOpen)
            }
          }
        }
        #expect(await self.ask(exchange, untrusted).0?.reason == .breakerOpen)
        #expect(await self.ask(exchange, trusted).0 == nil)
      }
    }
  }

  @Test func connectionsThatBreakAreMetWithOneMoreAttempt() async throws {
    let metrics = TestMetrics()
    try await self.with(["closes_idle"], metricsFactory: metrics) { server, transport, exchange in
      let endpoint = try server.endpoint("closes_idle")
      for _ in 0..<10 { #expect(await self.ask(exchange, endpoint).0 == nil) }
      // Each question but the first found a connection that the server dropped when the question came.
      #expect(try await server.counts(transport)["closes_idle.dropped"] == 9)
      let dimensions = [("configuration", "games/hooks"), ("webhook", "match-over"), ("type", "ReadinessWebhook")]
      #expect(try metrics.expectCounter("umpire_webhook_retries_total", dimensions).totalValue == 9)
    }
  }
}

extension Duration {
  fileprivate var milliseconds: String {
    let (seconds, attoseconds) = self.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    return "\(microseconds / 1000).\(microseconds % 1000 / 100)"
  }
}
