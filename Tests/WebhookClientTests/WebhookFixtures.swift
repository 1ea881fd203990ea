import HTTPTransport
import Logging
import Metrics
import TestSupport
import Testing
import UmpireModel

@testable import WebhookClient

/// Questions and endpoints that the tests share.
enum Fixture {
  static let uid = "0b1e9e58-0000-4000-8000-000000000001"

  static func scaling(_ dialect: ScalingDialect = .webhookReview) -> WebhookQuestion {
    var request = ReviewRequest(uid: Self.uid, name: "arena", namespace: "games", type: .scaling)
    request.scaling = ScalingRequest(
      gameName: "arena", currentReplicas: 3, readyReplicas: 2, minReplicas: 1, maxReplicas: 10)
    return WebhookQuestion(
      request, subject: .init(configuration: "games/arena", webhook: "scale", type: .scaling), dialect: dialect,
      allocatedReplicas: 1)
  }

  static func question(_ type: WebhookType) -> WebhookQuestion {
    WebhookQuestion(
      ReviewRequest(uid: Self.uid, name: "arena-1", namespace: "games", type: type),
      subject: .init(configuration: "games/hooks", webhook: "match-over", type: type))
  }

  static func endpoint() throws(WebhookFailure) -> WebhookEndpoint {
    try WebhookEndpoint(
      WebhookClientConfig(service: ServiceReference(name: "decider", path: "ask")), namespace: "games",
      timeoutSeconds: 15)
  }

  static func exchange(
    _ transport: any ClientTransport, resolver: any ServiceAddressResolver = ClusterServiceAddressResolver(),
    metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance, observer: (any WebhookObserver)? = nil,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
  ) -> WebhookExchange {
    var options = WebhookExchange.Options()
    options.now = now
    return WebhookExchange(
      transport: transport, resolver: resolver, metricsFactory: metricsFactory, observer: observer,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), options: options)
  }

  /// An answer to `Fixture`'s questions with these fields in its response.
  static func answer(_ fields: String) -> String {
    #"{"request":{},"response":{"uid":"\#(Self.uid)",\#(fields)}}"#
  }
}

/// The failure that asking leads to; an answer is recorded as an issue.
func failure(
  of question: WebhookQuestion, answered answer: ScriptedTransport.Answer,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws -> WebhookFailure? {
  let transport = ScriptedTransport { _, _ in answer }
  do throws(WebhookFailure) {
    let answer = try await Fixture.exchange(transport).ask(question, at: try Fixture.endpoint())
    Issue.record("answered: \(answer)", sourceLocation: sourceLocation)
  } catch {
    return error
  }
  return nil
}
