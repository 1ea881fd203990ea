import HTTPTransport
import HTTPTypes
import KubernetesModel
import Metrics
import MetricsTestKit
import TestSupport
import Testing
import UmpireModel

@testable import WebhookClient

struct WebhookExchangeTests {
  @Test func asksAndUnderstands() async throws {
    let transport = ScriptedTransport { _, _ in
      .body(Fixture.answer(#""allowed":true,"reason":"crowd","scaling":{"scale":true,"desiredReplicas":5}"#))
    }
    let answer = try await Fixture.exchange(transport).ask(Fixture.scaling(), at: try Fixture.endpoint())
    #expect(
      answer.response
        == ReviewResponse(
          uid: Fixture.uid, allowed: true, reason: "crowd", scaling: ScalingResponse(scale: true, desiredReplicas: 5)))
    #expect(answer.latency >= .zero)

    let request = try #require(transport.requests.first)
    #expect(transport.requests.count == 1)
    #expect(request.head.method == .post)
    #expect(request.head.scheme == "http")
    #expect(request.head.authority == "decider.games.svc:8000")
    #expect(request.head.path == "/ask")
    #expect(request.head.headerFields[.contentType] == "application/json")
    #expect(request.head.headerFields[.userAgent]?.hasPrefix("umpire/") == true)
    #expect(request.limits.responseBytes == 1 << 20)
    #expect(try #require(request.limits.total) <= .seconds(15))
  }

  @Test func aResolverMayKnowBetter() async throws {
    struct Local: ServiceAddressResolver {
      func address(of service: ServiceIdentity) async throws(WebhookFailure) -> HostPort {
        guard service.name == "decider" else { throw WebhookFailure(.dns, "no such service") }
        return HostPort(host: "127.0.0.9", port: 4000)
      }
    }
    let transport = ScriptedTransport { _, _ in .body(Fixture.answer(#""allowed":true"#)) }
    let exchange = Fixture.exchange(transport, resolver: Local())
    _ = try await exchange.ask(Fixture.question(.readiness), at: try Fixture.endpoint())
    #expect(transport.requests.first?.head.authority == "127.0.0.9:4000")
    let other = try WebhookEndpoint(
      WebhookClientConfig(service: ServiceReference(name: "other")), namespace: "games", timeoutSeconds: 1)
    await #expect(throws: WebhookFailure(.dns, "no such service")) {
      try await exchange.ask(Fixture.question(.readiness), at: other)
    }
    #expect(transport.requests.count == 1)
  }

  @Test(arguments: [
    (TransportError.Code.nameResolution, WebhookFailure.Reason.dns), (.connect, .connect), (.security, .tls),
    (.timeout, .timeout), (.connectionBroken, .connect), (.tooLarge, .tooLarge), (.malformedResponse, .badReview),
    (.refused, .refused), (.invalidRequest, .refused), (.closed, .cancelled),
  ])
  func failuresOfTheTransportKeepTheirKind(
    _ code: TransportError.Code, _ reason: WebhookFailure.Reason
  ) async throws {
    let error = TransportError(code, "as\nit\u{7}was", progress: .answerBegun)
    let failure = try await failure(of: Fixture.question(.readiness), answered: .failure(error))
    #expect(failure?.reason == reason)
    #expect(failure?.message == (reason == .timeout ? "no complete answer within 15s" : "as it was"))
  }

  @Test(arguments: [201, 204, 400, 404, 500, 503])
  func onlyA200Counts(_ status: Int) async throws {
    let body = String(repeating: "é\n", count: 10_000)
    let answer = ScriptedTransport.Answer.body(body, status: .init(code: status))
    let failure = try await failure(of: Fixture.question(.readiness), answered: answer)
    #expect(failure?.reason == .httpStatus)
    #expect(failure?.message.hasPrefix("status \(status): é é") == true)
    #expect(try #require(failure?.message.count) < 220)
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func redirectsAreRefused(_ status: Int) async throws {
    let transport = ScriptedTransport { _, _ in
      .body("", status: .init(code: status), fields: [.location: "http://elsewhere/"])
    }
    await #expect(
      throws: WebhookFailure(.httpStatus, "the answer is a redirect (\(status)), which is not followed")
    ) {
      try await Fixture.exchange(transport).ask(Fixture.question(.readiness), at: try Fixture.endpoint())
    }
    #expect(transport.requests.count == 1)
  }

  @Test func atMostAMebibyteIsRead() async throws {
    let chunk = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 16)
    let failure = try await failure(
      of: Fixture.question(.readiness), answered: .chunks(Array(repeating: chunk, count: 17)))
    #expect(failure?.reason == .tooLarge)
  }

  @Test(arguments: [TransportError.Progress.nothingSent, .noAnswer])
  func aBrokenConnectionIsTriedOnceMore(_ progress: TransportError.Progress) async throws {
    let transport = ScriptedTransport { _, count in
      count == 1
        ? .failure(TransportError(.connectionBroken, "gone", progress: progress))
        : .body(Fixture.answer(#""allowed":false"#))
    }
    let answer = try await Fixture.exchange(transport).ask(Fixture.question(.deletable), at: try Fixture.endpoint())
    #expect(!answer.response.allowed)
    #expect(transport.requests.count == 2)
    #expect(transport.requests[0].body == transport.requests[1].body)
  }

  @Test func aConnectionThatBreaksTwiceIsAFailure() async throws {
    let transport = ScriptedTransport { _, _ in
      .failure(TransportError(.connectionBroken, "gone", progress: .noAnswer))
    }
    await #expect(throws: WebhookFailure(.connect, "gone")) {
      try await Fixture.exchange(transport).ask(Fixture.question(.deletable), at: try Fixture.endpoint())
    }
    #expect(transport.requests.count == 2)
  }

  @Test(arguments: [
    TransportError(.timeout, "late", progress: .noAnswer), TransportError(.timeout, "late", progress: .nothingSent),
    TransportError(.connectionBroken, "half", progress: .answerBegun),
    TransportError(.connect, "refused", progress: .nothingSent),
  ])
  func nothingElseIsTriedAgain(_ error: TransportError) async throws {
    let transport = ScriptedTransport { _, _ in .failure(error) }
    await #expect(throws: WebhookFailure.self) {
      try await Fixture.exchange(transport).ask(Fixture.question(.deletable), at: try Fixture.endpoint())
    }
    #expect(transport.requests.count == 1)
  }

  @Test func anAnswerThatBreaksOffIsAFailure() async throws {
    var answer = ScriptedTransport.Answer.body(#"{"response":"#)
    answer.failure = TransportError(.connectionBroken, "half", progress: .answerBegun)
    let failure = try await failure(of: Fixture.question(.readiness), answered: answer)
    #expect(failure == WebhookFailure(.connect, "half"))
  }

  @Test func cancellationIsToldApart() async throws {
    let transport = ScriptedTransport { _, _ in throw CancellationError() }
    await #expect(throws: WebhookFailure(.cancelled, "the question was withdrawn")) {
      try await Fixture.exchange(transport).ask(Fixture.question(.readiness), at: try Fixture.endpoint())
    }
  }

  @Test func exchangesAreCounted() async throws {
    let metrics = TestMetrics()
    let transport = ScriptedTransport { _, count in
      count < 3 ? .body(Fixture.answer(#""allowed":true"#)) : .body("", status: .notFound)
    }
    let exchange = Fixture.exchange(transport, metricsFactory: metrics)
    for _ in 0..<2 { _ = try await exchange.ask(Fixture.question(.readiness), at: try Fixture.endpoint()) }
    await #expect(throws: WebhookFailure.self) {
      try await exchange.ask(Fixture.question(.readiness), at: try Fixture.endpoint())
    }
    let dimensions = [("configuration", "games/hooks"), ("webhook", "match-over"), ("type", "ReadinessWebhook")]
    let total = "umpire_webhook_requests_total"
    #expect(try metrics.expectCounter(total, dimensions + [("result", "Success")]).totalValue == 2)
    #expect(try metrics.expectCounter(total, dimensions + [("result", "HTTPStatus")]).totalValue == 1)
    #expect(try metrics.expectTimer("umpire_webhook_request_duration_seconds", dimensions).values.count == 3)
    #expect(try metrics.expectMeter("umpire_webhook_requests_in_flight").lastValue == 0)
  }
}
