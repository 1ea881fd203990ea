import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import UmpireController

@Suite struct AutoscalerStatusPlannerTests {
  private static let answer = WebhookAnswer(
    response: ReviewResponse(uid: "u", allowed: true, reason: "busy", scaling: .init(scale: true, desiredReplicas: 5)),
    latency: .milliseconds(3))

  private func autoscaler(_ status: GameAutoscalerStatus? = nil) -> GameAutoscaler {
    var autoscaler = GameAutoscaler(
      metadata: ObjectMeta(name: "arena", namespace: "default"),
      spec: GameAutoscalerSpec(gameName: "arena", policy: .init(webhook: ScalingEndpoint(url: "http://w"))))
    autoscaler.status = status
    return autoscaler
  }

  private func status(
    after answer: Result<WebhookAnswer, WebhookFailure>, before: GameAutoscalerStatus? = nil, current: Int64 = 5,
    desired: Int64 = 5, failures: Int64 = 0, seconds: Int64 = 0, scaleFailure: String? = nil
  ) -> GameAutoscalerStatus {
    AutoscalerStatusPlanner.status(
      of: self.autoscaler(before),
      after: .init(
        current: current, outcome: .init(desired: desired, limit: nil), uid: "u", answer: answer,
        consecutiveFailures: failures, scaleFailure: scaleFailure, now: Fixtures.now.advanced(by: .seconds(seconds))))
  }

  @Test func anAnswerThatChangesNothingIsWrittenOnceAMinute() {
    let first = self.status(after: .success(Self.answer))
    #expect(first.lastReview?.reason == "busy")
    #expect(self.status(after: .success(Self.answer), before: first, seconds: 59) == first)
    #expect(
      self.status(after: .success(Self.answer), before: first, seconds: 60).lastSyncTime
        == Fixtures.now.advanced(by: .seconds(60)))
  }

  @Test func aFailureKeepsTheNumbers() {
    let good = self.status(after: .success(Self.answer), current: 3, desired: 5)
    #expect(good.currentReplicas == 5 && good.desiredReplicas == 5 && good.lastScaleTime == Fixtures.now)
    let bad = self.status(after: .failure(.init(.timeout, "late")), before: good, failures: 1, seconds: 1)
    #expect(bad.currentReplicas == 5 && bad.desiredReplicas == 5 && bad.lastScaleTime == Fixtures.now)
    #expect(bad.conditions?[type: "ScalingActive"]?.reason == "Timeout")
    #expect(bad.consecutiveFailures == 1)
  }

  @Test func aLongRowOfFailuresIsNotAWriteEach() {
    let failure = WebhookFailure(.connect, "refused")
    let third = self.status(after: .failure(failure), failures: 3)
    #expect(third.consecutiveFailures == 3)
    #expect(self.status(after: .failure(failure), before: third, failures: 4, seconds: 30) == third)
    #expect(self.status(after: .failure(failure), before: third, failures: 5, seconds: 60).consecutiveFailures == 5)
    // Before the threshold each one counts, and so does the first answer.
    let second = self.status(after: .failure(failure), failures: 2)
    #expect(self.status(after: .failure(failure), before: second, failures: 3, seconds: 1).consecutiveFailures == 3)
    #expect(self.status(after: .success(Self.answer), before: third, seconds: 1).consecutiveFailures == 0)
  }

  @Test func theCauseStaysWhileAnEndpointIsLeftAlone() {
    let cause = self.status(after: .failure(.init(.tls, "expired")), failures: 5)
    let open = self.status(after: .failure(.init(.breakerOpen, "left alone")), before: cause, failures: 6, seconds: 60)
    #expect(open.conditions?[type: "ScalingActive"]?.reason == "TLS")
    #expect(open.conditions?[type: "ScalingActive"]?.message == "expired")
    #expect(open.lastReview?.reason == "TLS")
    #expect(open.consecutiveFailures == 6)
  }

  @Test func aNumberThatCouldNotBeWrittenIsNotCurrent() {
    let status = self.status(after: .success(Self.answer), current: 3, desired: 5, scaleFailure: "forbidden")
    #expect(status.currentReplicas == 3 && status.desiredReplicas == 5 && status.lastScaleTime == nil)
    #expect(status.conditions?[type: "AbleToScale"]?.message == "forbidden")
  }
}
