import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Metrics
import MetricsTestKit
import TestSupport
import Testing

@testable import KubernetesClient

@Suite struct RequestTests {
  private let time = ManualTime()
  private let key = ObjectKey(namespace: "n", name: "a")
  private let found = #"{"metadata":{"name":"a","namespace":"n"}}"#

  private func client(
    _ transport: ScriptedTransport, metrics: (any MetricsFactory)? = nil, limit: TokenBucket? = nil,
    credentials: ClientConfiguration.Credentials = .none
  ) -> APIClient {
    APIClient(
      transport: transport,
      configuration: ClientConfiguration(scheme: "https", authority: "api.test:6443", credentials: credentials),
      fieldManager: "umpire-test",
      options: .init(
        metricsFactory: metrics ?? NOOPMetricsHandler.instance, rateLimit: limit, time: self.time.time))
  }

  private func busy(_ code: Int, _ seconds: Int?) -> ScriptedTransport.Answer {
    .body("busy", status: .init(code: code), fields: seconds.map { [.retryAfter: String($0)] } ?? [:])
  }

  @Test func everyRequestSaysWhoAsksAndHasADeadline() async throws {
    let transport = ScriptedTransport { _, _ in .body(self.found) }
    _ = try await self.client(transport).get(ConfigMap.self, self.key)
    let request = try #require(transport.requests.first)
    #expect(request.limits.total == .seconds(30))
    #expect(request.head.headerFields[.userAgent]?.hasPrefix("umpire-test/0.1.0 (linux/") == true)
    #expect(request.head.path == "/api/v1/namespaces/n/configmaps/a")
  }

  @Test func retryAfterIsHonouredForEveryMethod() async throws {
    let transport = ScriptedTransport { _, count in
      count == 1 ? self.busy(429, 2) : count == 2 ? self.busy(503, 3) : .body(self.found, status: .created)
    }
    _ = try await self.client(transport).create(ConfigMap(metadata: ObjectMeta(name: "a", namespace: "n")))
    #expect(transport.requests.count == 3)
    #expect(self.time.waits == [.seconds(2), .seconds(3)])
  }

  @Test func aLongWaitIsLeftToTheCaller() async throws {
    let transport = ScriptedTransport { _, _ in self.busy(429, 60) }
    let error = await #expect(throws: APIError.self) {
      try await self.client(transport).get(ConfigMap.self, self.key)
    }
    #expect(error?.retryAfter == .seconds(60))
    #expect(transport.requests.count == 1)
  }

  @Test func aBrokenReadIsAskedOnceMoreAndAWriteIsNot() async throws {
    let broken = TransportError(.connectionBroken, "gone", progress: .noAnswer)
    let transport = ScriptedTransport { _, _ in .failure(broken) }
    await #expect(throws: APIError.self) { try await self.client(transport).get(ConfigMap.self, self.key) }
    #expect(transport.requests.count == 2)
    await #expect(throws: APIError.self) { try await self.client(transport).delete(ConfigMap.self, self.key) }
    #expect(transport.requests.count == 3)
  }

  @Test func aRefusedTokenIsReadAgain() async throws {
    try await withFolder { folder in
      try write("old", to: folder + "/token")
      let transport = ScriptedTransport { request, _ in
        if request.head.headerFields[.authorization] == "Bearer new" { return .body(self.found) }
        try write("new", to: folder + "/token")
        return .body("", status: .unauthorized)
      }
      let client = self.client(transport, credentials: .tokenFile(folder + "/token"))
      _ = try await client.get(ConfigMap.self, self.key)
      #expect(transport.requests.count == 2)
    }
    let stubborn = ScriptedTransport { _, _ in .body("", status: .unauthorized) }
    let error = await #expect(throws: APIError.self) {
      try await self.client(stubborn, credentials: .token("t")).get(ConfigMap.self, self.key)
    }
    #expect(error?.status?.code == 401)
    #expect(stubborn.requests.count == 1)
  }

  @Test func answersAreCounted() async throws {
    let metrics = TestMetrics()
    let transport = ScriptedTransport { _, count in
      count == 1
        ? .body("", status: .notFound)
        : count == 2 ? .failure(TransportError(.connect, "refused", progress: .nothingSent)) : .body(self.found)
    }
    let client = self.client(transport, metrics: metrics)
    #expect(try await client.find(ConfigMap.self, self.key) == nil)
    await #expect(throws: APIError.self) { try await client.get(ConfigMap.self, self.key) }
    for _ in 0..<2 { _ = try await client.withFieldManager("other").get(ConfigMap.self, self.key) }
    func total(_ code: String) throws -> Int64 {
      let labels = [("code", code), ("method", "GET"), ("host", "api.test:6443")]
      return try metrics.expectCounter("rest_client_requests_total", labels).totalValue
    }
    #expect(try total("404") == 1)
    #expect(try total("<error>") == 1)
    #expect(try total("200") == 2)
    let timer = try metrics.expectTimer(
      "rest_client_request_duration_seconds", [("verb", "GET"), ("host", "api.test:6443")])
    #expect(timer.values.count == 4)
    #expect(metrics.counters(label: "rest_client_requests_total").count == 3)
  }

  @Test func anAnswerThatCannotBeReadIsSaidWithItsPlace() async throws {
    func message(_ answer: String) async throws -> String {
      let transport = ScriptedTransport { _, _ in .body(answer) }
      let error = await #expect(throws: APIError.self) { try await self.client(transport).list(ConfigMap.self) }
      guard case .malformedAnswer = try #require(error).code else { return "\(try #require(error).code)" }
      return try #require(error).message
    }
    let request = "GET /api/v1/configmaps: "
    #expect(
      try await message(#"{"items":[{"metadata":{}},{"metadata":{"labels":{"a":1}}}]}"#)
        == request + "items.[1].metadata.labels.a: expected String, found a number")
    #expect(
      try await message(#"{"items":[{"data":null}]}"#) == request + "items.[0]: there is no field 'metadata'")
    #expect(
      try await message(#"{"items":[{"metadata":{"creationTimestamp":"now"}}]}"#)
        == request + "items.[0].metadata.creationTimestamp: 'now' is not an RFC 3339 time")
    #expect(
      try await message(#"{"items":[{"metadata":{"generation":1.5}}]}"#)
        == request + "items.[0].metadata.generation: the number 1.5 does not fit Int64")
    #expect(try await message(#"{"items":["#) == request + "unexpected end of input at byte 10")
  }

  @Test func aWatchEventThatCannotBeReadIsSaidWithItsPlace() async throws {
    func message(_ frame: String) async throws -> String? {
      let transport = ScriptedTransport { _, _ in .body(frame + "\n") }
      let error = await #expect(throws: APIError.self) {
        try await self.client(transport).withWatch(ConfigMap.self, options: ListOptions(), timeoutSeconds: 1) {
          for try await _ in $0 {}
        }
      }
      return error?.message
    }
    let start = "a watch event cannot be read: "
    #expect(
      try await message(#"{"type":"ADDED","object":{"metadata":[]}}"#)
        == start + "object.metadata: expected Dictionary<String, Any>, found an array")
    #expect(
      try await message(#"{"type":"OTHER","object":{}}"#) == start + "type: 'OTHER' is no type of watch event")
    #expect(try await message(#"{"type""#) == start + "unexpected end of input at byte 7")
  }

  @Test func aRateLimitWaitsOnlyIfAskedFor() async throws {
    let transport = ScriptedTransport { _, _ in .body(self.found) }
    let limited = self.client(transport, limit: TokenBucket(burst: 2, interval: .seconds(1)))
    for _ in 0..<4 { _ = try await limited.get(ConfigMap.self, self.key) }
    #expect(self.time.waits == [.seconds(1), .seconds(1)])
  }
}

@Suite struct RetryRuleTests {
  @Test func aRefusalWithoutATimeBacksOffForReadsOnly() {
    var read = RetryRule(method: .get)
    #expect(read.failed(.refused(code: 503, retryAfter: nil), jitter: 0) == .sendAgain(after: .milliseconds(500)))
    #expect(read.failed(.refused(code: 503, retryAfter: nil), jitter: 0) == .sendAgain(after: .seconds(1)))
    var write = RetryRule(method: .post)
    #expect(write.failed(.refused(code: 503, retryAfter: nil), jitter: 0) == .giveUp)
    #expect(write.failed(.refused(code: 429, retryAfter: nil), jitter: 0) == .sendAgain(after: .milliseconds(500)))
  }

  @Test func triesAndWaitsAreBounded() {
    var many = RetryRule(method: .get)
    for _ in 1..<RetryRule.maximumTries {
      #expect(many.failed(.refused(code: 429, retryAfter: .zero), jitter: 0) == .sendAgain(after: .zero))
    }
    #expect(many.failed(.refused(code: 429, retryAfter: .zero), jitter: 0) == .giveUp)
    var long = RetryRule(method: .get)
    #expect(long.failed(.refused(code: 429, retryAfter: .seconds(15)), jitter: 0) == .sendAgain(after: .seconds(15)))
    #expect(long.failed(.refused(code: 429, retryAfter: .seconds(6)), jitter: 0) == .giveUp)
  }

  @Test(arguments: [400, 401, 403, 404, 409, 410, 422, 500, 502, 504])
  func otherRefusalsAreFinal(code: Int) {
    var rule = RetryRule(method: .get)
    #expect(rule.failed(.refused(code: code, retryAfter: .seconds(1)), jitter: 0) == .giveUp)
  }

  @Test func onlyWhatWasNotSentIsWrittenAgain() {
    let unsent = TransportError(.connectionBroken, "", progress: .nothingSent)
    var write = RetryRule(method: .patch)
    #expect(write.failed(.broken(unsent), jitter: 0) == .sendAgain(after: .zero))
    #expect(write.failed(.broken(unsent), jitter: 0) == .giveUp)
    var unknown = RetryRule(method: .patch)
    #expect(unknown.failed(.broken(TransportError(.connectionBroken, "")), jitter: 0) == .giveUp)
    var late = RetryRule(method: .get)
    #expect(late.failed(.broken(TransportError(.timeout, "", progress: .noAnswer)), jitter: 0) == .giveUp)
  }

  @Test func jitterAddsUpToAQuarter() {
    var rule = RetryRule(method: .get)
    #expect(
      rule.failed(.refused(code: 429, retryAfter: .seconds(4)), jitter: 0.5) == .sendAgain(after: .milliseconds(4_500)))
  }
}

@Suite struct TokenBucketTests {
  @Test func aBurstAndThenARate() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(burst: 3, interval: .seconds(10))
    #expect((0..<5).map { _ in bucket.takeIfAvailable(at: start) } == [true, true, true, false, false])
    #expect(bucket.takeIfAvailable(at: start.advanced(by: .seconds(9))) == false)
    #expect(bucket.takeIfAvailable(at: start.advanced(by: .seconds(10))) == true)
    #expect(bucket.takeIfAvailable(at: start.advanced(by: .seconds(11))) == false)
    #expect(!bucket.isFull(at: start.advanced(by: .seconds(39))))
    #expect(bucket.isFull(at: start.advanced(by: .seconds(40))))
  }

  @Test func whatIsTakenInAdvanceIsWaitedFor() {
    let start = ContinuousClock.now
    var bucket = TokenBucket(burst: 1, interval: .seconds(2))
    #expect((0..<3).map { _ in bucket.take(at: start) } == [.zero, .seconds(2), .seconds(4)])
  }
}
