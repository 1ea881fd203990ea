import HTTPTransport
import Synchronization
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookCheck

@Suite(.timeLimit(.minutes(1)))
struct LoadRunTests {
  private func run(
    _ plan: LoadRun.Plan, _ endpoint: StudioEndpoint
  ) async throws -> (LoadReport, ScriptedTransport) {
    let transport = ScriptedTransport { request, _ in endpoint.answer(request) }
    let report = try await LoadRun(
      plan, caller: try CheckFixture.caller(transport), factory: ReviewFactory()
    ).run()
    return (report, transport)
  }

  @Test func sendsAsManyAsItIsTold() async throws {
    let (report, transport) = try await self.run(.init(type: .scaling, reviews: 500, parallel: 16), StudioEndpoint())
    #expect(report.count == 500 && report.failureCount == 0 && transport.requests.count == 500)
    #expect(Set(transport.requests.map(\.body)).count == 500)
    #expect(report.latencies == report.latencies.sorted())
    #expect(EndpointCheck.judgeDeadline(report) != .skipped(""))
  }

  @Test func neverHasMoreInFlightThanItMay() async throws {
    let inFlight = Mutex((now: 0, most: 0))
    let endpoint = StudioEndpoint()
    let transport = ScriptedTransport { request, _ in
      inFlight.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      for _ in 0..<20 { await Task.yield() }
      inFlight.withLock { $0.now -= 1 }
      return endpoint.answer(request)
    }
    let plan = LoadRun.Plan(type: .readiness, reviews: 200, parallel: 5)
    let report = try await LoadRun(
      plan, caller: try CheckFixture.caller(transport), factory: ReviewFactory()
    ).run()
    #expect(report.failureCount == 0)
    #expect((2...5).contains(inFlight.withLock { $0.most }))
  }

  @Test func stopsWhereNothingSucceeds() async throws {
    var plan = LoadRun.Plan(type: .scaling, reviews: 10_000, parallel: 4)
    plan.failureLimit = 20
    let (report, transport) = try await self.run(plan, StudioEndpoint(types: []))
    #expect((20...24).contains(report.failureCount) && report.latencies.isEmpty)
    #expect(transport.requests.count == report.failureCount)
    #expect(report.failures == [.httpStatus: report.failureCount])
    #expect(report.firstFailure?.message.contains("status 404") == true)
  }

  @Test func boundsItsPlan() {
    let plan = LoadRun.Plan(type: .scaling, reviews: .max, parallel: .max)
    #expect(plan.reviews == LoadRun.mostReviews && plan.parallel == LoadRun.mostParallel)
    #expect(LoadRun.Plan(type: .scaling, reviews: 3, parallel: 64).parallel == 3)
    #expect(
      LoadRun.Plan(type: .scaling, reviews: -1, parallel: 0) == LoadRun.Plan(type: .scaling, reviews: 1, parallel: 1))
  }

  @Test func tellsItsFigures() {
    let report = LoadReport(
      type: .scaling, parallel: 8, latencies: (1...200).map { .microseconds($0 * 100) }, failures: [.timeout: 2],
      firstFailure: WebhookFailure(.timeout, "late"), elapsed: .seconds(2), processorTime: .milliseconds(101),
      connectionsOpened: 8)
    #expect(report.percentile(50) == .milliseconds(10))
    #expect(report.percentile(99) == .microseconds(19_800))
    #expect(report.percentile(100) == .milliseconds(20))
    #expect(
      report.text == """
        reviews      202 ScalingWebhook, 8 in flight, 2 failed
        rate         101 reviews a second
        latency      p50 10.0 ms, p99 19.8 ms, longest 20.0 ms
        client CPU   500 µs a review
        connections  8 opened
        failed       2 with Timeout
        first        Timeout: late

        """)
    var none = report
    none.latencies = []
    #expect(none.percentile(99) == .zero)
  }
}
