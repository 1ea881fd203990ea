import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct ScalingDecisionTests {
  private func spec(_ change: (inout GameAutoscalerSpec) -> Void = { _ in }) -> GameAutoscalerSpec {
    var spec = GameAutoscalerSpec(gameName: "arena", policy: .init(webhook: ScalingEndpoint(url: "http://w")))
    spec.minReplicas = 2
    spec.maxReplicas = 10
    change(&spec)
    return spec
  }

  private func decide(
    _ spec: GameAutoscalerSpec, current: Int64, _ recommended: Int64?, _ history: [(ago: Int64, Int64)] = []
  ) -> ScalingDecision.Outcome {
    ScalingDecision.decide(
      spec, current: current, recommended: recommended,
      history: history.map { .init(at: Fixtures.now.advanced(by: .seconds(-$0.ago)), replicas: $0.1) },
      now: Fixtures.now)
  }

  @Test func noWishChangesNothingWithinTheBounds() {
    #expect(self.decide(self.spec(), current: 5, nil) == .init(desired: 5, limit: nil))
    #expect(self.decide(self.spec(), current: 0, nil) == .init(desired: 2, limit: .tooFew))
    #expect(self.decide(self.spec(), current: 15, nil) == .init(desired: 10, limit: .tooMany))
  }

  @Test func theBoundsHoldAgainstWindowsAndSteps() {
    let spec = self.spec {
      $0.behavior.scaleUp.maxStep = .integer(1)
      $0.behavior.scaleDown.stabilizationWindow = GoDuration(.seconds(60))
    }
    #expect(self.decide(spec, current: 0, 9) == .init(desired: 2, limit: .tooFew))
    #expect(self.decide(spec, current: 15, 4, [(ago: 5, 15)]) == .init(desired: 10, limit: .tooMany))
  }

  @Test func theBoundsHold() {
    #expect(self.decide(self.spec(), current: 5, 7) == .init(desired: 7, limit: nil))
    #expect(self.decide(self.spec(), current: 5, 0) == .init(desired: 2, limit: .tooFew))
    #expect(self.decide(self.spec(), current: 5, 99) == .init(desired: 10, limit: .tooMany))
  }

  @Test func theStepsHold() {
    let spec = self.spec {
      $0.behavior.scaleUp.maxStep = .integer(2)
      $0.behavior.scaleDown.maxStep = .percent(10)
    }
    #expect(self.decide(spec, current: 5, 9) == .init(desired: 7, limit: .scaleUpStep))
    #expect(self.decide(spec, current: 5, 2) == .init(desired: 4, limit: .scaleDownStep))
    #expect(self.decide(spec, current: 5, 6) == .init(desired: 6, limit: nil))
  }

  @Test func theWindowsHold() {
    let spec = self.spec { $0.behavior.scaleDown.stabilizationWindow = GoDuration(.seconds(60)) }
    #expect(self.decide(spec, current: 8, 3, [(30, 6), (90, 9)]) == .init(desired: 6, limit: .scaleDownWindow))
    #expect(self.decide(spec, current: 8, 3, [(90, 9)]) == .init(desired: 3, limit: nil))
    // A window never turns a wish round.
    #expect(self.decide(spec, current: 5, 3, [(30, 9)]) == .init(desired: 5, limit: .scaleDownWindow))
    let up = self.spec { $0.behavior.scaleUp.stabilizationWindow = GoDuration(.seconds(60)) }
    #expect(self.decide(up, current: 4, 8, [(10, 6)]) == .init(desired: 6, limit: .scaleUpWindow))
  }

  @Test func failuresFallBackOnlyPastTheThreshold() {
    let hold = self.spec()
    #expect(ScalingDecision.fallback(hold, consecutiveFailures: 9) == nil)
    let minimum = self.spec { $0.failurePolicy = .minimum }
    #expect(ScalingDecision.fallback(minimum, consecutiveFailures: 2) == nil)
    #expect(ScalingDecision.fallback(minimum, consecutiveFailures: 3) == 2)
    let endpoints = self.spec { $0.policy.webhook.failurePolicy = .minimum }
    #expect(ScalingDecision.fallback(endpoints, consecutiveFailures: 3) == 2)
    let fallback = self.spec {
      $0.failurePolicy = .fallback
      $0.fallbackReplicas = 50
    }
    #expect(ScalingDecision.fallback(fallback, consecutiveFailures: 3) == 50)
    // As an answer would be, it is bounded.
    #expect(self.decide(fallback, current: 4, 50) == .init(desired: 10, limit: .tooMany))
  }
}
