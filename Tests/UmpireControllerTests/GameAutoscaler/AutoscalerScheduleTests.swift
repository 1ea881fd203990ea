import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct AutoscalerScheduleTests {
  private let interval: Duration = .seconds(10)

  private func schedule() -> AutoscalerSchedule {
    AutoscalerSchedule(
      uid: "u", current: 8, consecutiveFailures: 0, interval: self.interval, now: Fixtures.now, jitter: 0)
  }

  private func at(_ seconds: Double) -> Timestamp { Fixtures.now.advanced(by: .seconds(seconds)) }

  @Test func theIntervalIsKeptFromStartToStart() {
    var schedule = self.schedule()
    #expect(schedule.isDue(now: self.at(0.2), interval: self.interval) == true)
    #expect(schedule.isDue(now: self.at(9.9), interval: self.interval) == false)
    // A little late does not shift the next one.
    #expect(schedule.isDue(now: self.at(10.5), interval: self.interval) == true)
    #expect(schedule.nextDue == self.at(20))
  }

  @Test func missedQuestionsAreNotMadeUpFor() {
    var schedule = self.schedule()
    #expect(schedule.isDue(now: self.at(0), interval: self.interval) == true)
    #expect(schedule.isDue(now: self.at(57), interval: self.interval) == true)
    #expect(schedule.isDue(now: self.at(58), interval: self.interval) == false)
    #expect(schedule.nextDue == self.at(67))
  }

  @Test func aShorterIntervalTakesEffectAtOnce() {
    var schedule = self.schedule()
    #expect(schedule.isDue(now: self.at(0), interval: .seconds(600)) == true)
    #expect(schedule.isDue(now: self.at(5), interval: self.interval) == false)
    #expect(schedule.isDue(now: self.at(15), interval: self.interval) == true)
  }

  @Test func aWindowGoesOnThroughARestart() {
    var spec = GameAutoscalerSpec(gameName: "arena", policy: .init(webhook: ScalingEndpoint(url: "http://w")))
    spec.behavior.scaleDown.stabilizationWindow = GoDuration(.seconds(60))
    var schedule = self.schedule()
    func desired(_ recommended: Int64, at now: Timestamp) -> Int64 {
      defer { schedule.answered(recommended, spec: spec, now: now) }
      return ScalingDecision.decide(
        spec, current: 8, recommended: recommended, history: schedule.recommendations, now: now
      ).desired
    }
    // What was answered before the start is not known: the number that there is stands for it.
    #expect(desired(3, at: self.at(1)) == 8)
    #expect(desired(4, at: self.at(59)) == 8)
    #expect(desired(3, at: self.at(61)) == 4)
  }

  @Test func whatIsRememberedIsBounded() {
    var spec = GameAutoscalerSpec(gameName: "arena", policy: .init(webhook: ScalingEndpoint(url: "http://w")))
    spec.behavior.scaleUp.stabilizationWindow = GoDuration(.seconds(3600))
    var schedule = self.schedule()
    for second in 0..<2_000 { schedule.answered(1, spec: spec, now: self.at(Double(second))) }
    #expect(schedule.recommendations.count == 1_000)
  }
}

@Suite struct AutoscalerOrderTests {
  private func autoscaler(_ name: String, created seconds: Int64) -> GameAutoscaler {
    var metadata = ObjectMeta(name: name, namespace: "default")
    metadata.creationTimestamp = Timestamp(secondsSinceEpoch: seconds)
    return GameAutoscaler(
      metadata: metadata, spec: GameAutoscalerSpec(gameName: "arena", policy: .init(webhook: ScalingEndpoint())))
  }

  @Test func theOldestScales() {
    let (first, second, third) = (
      self.autoscaler("z", created: 1), self.autoscaler("a", created: 2), self.autoscaler("b", created: 2)
    )
    let all = [third, second, first]
    #expect(AutoscalerOrder.predecessor(of: first, among: all) == nil)
    #expect(AutoscalerOrder.predecessor(of: second, among: all) == "z")
    #expect(AutoscalerOrder.predecessor(of: third, among: [second, third]) == "a")
    #expect(AutoscalerOrder.predecessor(of: second, among: []) == nil)
  }

  @Test func oneThatGoesMakesRoom() {
    var first = self.autoscaler("z", created: 1)
    first.metadata.deletionTimestamp = Fixtures.now
    let second = self.autoscaler("a", created: 2)
    #expect(AutoscalerOrder.predecessor(of: second, among: [first, second]) == nil)
  }
}
