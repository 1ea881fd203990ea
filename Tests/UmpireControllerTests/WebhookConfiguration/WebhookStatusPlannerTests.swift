import FoundationEssentials
import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import UmpireController

@Suite struct WebhookStatusPlannerTests {
  private func at(_ seconds: Int64) -> Timestamp { Fixtures.now.advanced(by: .seconds(seconds)) }

  private func webhook(_ name: String, _ caller: Webhook.Caller = .sidecar) -> Webhook {
    var webhook = Webhook(name: name, type: .readiness, clientConfig: WebhookClientConfig(url: "http://w"))
    webhook.caller = caller
    return webhook
  }

  private func configuration(
    _ webhooks: [Webhook], status: WebhookConfigurationStatus? = nil
  ) -> WebhookConfiguration {
    var metadata = ObjectMeta(name: "studio", namespace: "default")
    metadata.generation = 3
    return WebhookConfiguration(metadata: metadata, webhooks: webhooks, status: status)
  }

  private func outcome(_ failure: WebhookFailure?, at seconds: Int64) -> WebhookOutcome {
    let answer = WebhookAnswer(response: ReviewResponse(uid: "u", allowed: true), latency: .milliseconds(7))
    return WebhookOutcome(
      failure.map { .failure($0) } ?? .success(answer), latency: .microseconds(7_400), breaker: .closed,
      time: Date(timeIntervalSince1970: Double(self.at(seconds).secondsSinceEpoch)))
  }

  private func server(_ name: String, _ reason: String, probed seconds: Int64) -> Server {
    var server = Fixtures.server(name)
    var condition = Condition(type: "warm", status: .false, reason: reason, message: "of \(name)")
    condition.lastProbeTime = self.at(seconds)
    server.status?.conditions = [condition]
    return server
  }

  @Test func ourOwnExchangesCount() {
    var record = WebhookRecord()
    record.add(self.outcome(nil, at: 0))
    record.add(self.outcome(.init(.timeout, "no answer within 1s"), at: 5))
    record.add(self.outcome(.init(.timeout, "no answer within 1s"), at: 10))
    record.add(self.outcome(.init(.breakerOpen, "left alone"), at: 15))
    let status = WebhookStatusPlanner.status(
      of: self.configuration([self.webhook("warm", .controller)]), .init(records: ["warm": record]), now: self.at(16))
    let webhook = status.webhooks?.first
    #expect(webhook?.lastSuccessTime == self.at(0) && webhook?.lastFailureTime == self.at(10))
    #expect(webhook?.lastFailureReason == "Timeout" && webhook?.consecutiveFailures == 2)
    #expect(webhook?.latency == GoDuration(.milliseconds(7)) && webhook?.breakerState == "Closed")
    #expect(status.observedGeneration == 3 && status.conditions?.isTrue("Valid") == true)
  }

  @Test func whatTheSidecarsLeaveCounts() {
    let servers = [
      self.server("a", "Allowed", probed: 10), self.server("b", "TLS", probed: 20), self.server("c", "DNS", probed: 5),
      self.server("d", "Denied", probed: 15),
    ]
    let status = WebhookStatusPlanner.status(
      of: self.configuration([self.webhook("warm")]), .init(servers: servers), now: self.at(30))
    #expect(status.webhooks?.first?.lastSuccessTime == self.at(15))
    #expect(status.webhooks?.first?.lastFailureTime == self.at(20))
    #expect(status.webhooks?.first?.lastFailureReason == "TLS")
    #expect(status.webhooks?.first?.lastFailureMessage == "of b")
  }

  @Test func aFaultIsNamedBeforeAnybodyIsAsked() {
    let fault = WebhookFailure(.tls, "the certificate of CN=old expired on 2020-01-01T00:00:00Z")
    let faults = [WebhookFault(webhook: "cold", failure: fault, canBeAsked: false)]
    let configuration = self.configuration([self.webhook("warm"), self.webhook("cold")])
    let status = WebhookStatusPlanner.status(of: configuration, .init(faults: faults), now: self.at(0))
    #expect(status.webhooks?.map(\.lastFailureReason) == [nil, "TLS"])
    #expect(status.conditions?[type: "Valid"]?.status == .false)
    #expect(status.conditions?[type: "Valid"]?.reason == "TLS")
    #expect(status.conditions?[type: "Valid"]?.message == "cold: \(fault.message)")
    #expect(WebhookStatusPlanner.newFailures(in: status, since: nil).map(\.name) == ["cold"])
    // It is found again each time, and that is no news.
    let again = WebhookStatusPlanner.status(
      of: self.configuration(configuration.webhooks, status: status), .init(faults: faults), now: self.at(60))
    #expect(again == status)
  }

  @Test func oneOldCertificateOfSeveralIsTold() {
    let fault = WebhookFailure(.tls, "the certificate of CN=old expired on 2020-01-01T00:00:00Z")
    let status = WebhookStatusPlanner.status(
      of: self.configuration([self.webhook("warm")]),
      .init(faults: [WebhookFault(webhook: "warm", failure: fault, canBeAsked: true)]), now: self.at(0))
    #expect(status.conditions?[type: "Valid"]?.status == .true)
    #expect(status.conditions?[type: "Valid"]?.message == "warm: \(fault.message)")
    #expect(status.webhooks?.first?.lastFailureReason == nil)
  }

  @Test func aWebhookThatIsGoneIsForgotten() {
    let before = WebhookConfigurationStatus(webhooks: [WebhookStatus(name: "gone"), WebhookStatus(name: "warm")])
    let status = WebhookStatusPlanner.status(
      of: self.configuration([self.webhook("warm")], status: before), .init(), now: self.at(0))
    #expect(status.webhooks?.map(\.name) == ["warm"])
  }

  @Test func statusesAreWrittenSeldom() {
    let configuration = self.configuration([self.webhook("warm", .controller)])
    var record = WebhookRecord()
    record.add(self.outcome(nil, at: 0))
    let first = WebhookStatusPlanner.status(of: configuration, .init(records: ["warm": record]), now: self.at(0))
    func time(_ status: WebhookConfigurationStatus, over before: WebhookConfigurationStatus?, now: Int64) -> Timestamp?
    {
      WebhookStatusPlanner.writingTime(of: status, over: before, lastWrite: self.at(0), now: self.at(now))
    }
    #expect(WebhookStatusPlanner.writingTime(of: first, over: nil, lastWrite: nil, now: self.at(0)) == self.at(0))
    #expect(time(first, over: first, now: 100) == nil)
    let empty = WebhookStatusPlanner.status(of: configuration, .init(), now: self.at(0))
    #expect(time(first, over: empty, now: 5) == self.at(10))
    // Another answer changes times only, a failure what they mean.
    record.add(self.outcome(nil, at: 5))
    let later = WebhookStatusPlanner.status(
      of: self.configuration(configuration.webhooks, status: first), .init(records: ["warm": record]), now: self.at(5))
    #expect(time(later, over: first, now: 5) == self.at(60))
    record.add(self.outcome(.init(.connect, "refused"), at: 6))
    let failing = WebhookStatusPlanner.status(
      of: self.configuration(configuration.webhooks, status: first), .init(records: ["warm": record]), now: self.at(6))
    #expect(time(failing, over: first, now: 6) == self.at(10))
    #expect(time(failing, over: first, now: 70) == self.at(70))
  }
}
