import KubernetesModel
import Testing

@testable import SidecarPlugins

struct PluginLifeTests {
  private let start = ContinuousClock.now
  private let day = Timestamp(secondsSinceEpoch: 1_800_000_000)

  @Test func pausesDoubleUpToAMinuteAndBeginAnewAfterASteadyTime() {
    var life = PluginLife(at: self.day)
    var now = self.start
    var pauses: [PluginLife.OnEnd] = []
    for _ in 0..<9 {
      life.starts(at: self.day, now)
      pauses.append(life.ended("broken", .always, at: self.day, now + .seconds(59)))
      now += .seconds(59)
    }
    #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .restart(after: .seconds($0)) })
    #expect(life.restarts == 8)
    life.starts(at: self.day, now)
    #expect(life.ended("broken", .always, at: self.day, now + .seconds(60)) == .restart(after: .seconds(1)))
  }

  @Test(arguments: [
    (RestartPolicy.always, nil as String?, true), (.always, "broken", true), (.onFailure, nil, false),
    (.onFailure, "broken", true), (.never, nil, false), (.never, "broken", false),
  ])
  func thePolicySaysWhoIsStartedAgain(policy: RestartPolicy, failure: String?, restarts: Bool) {
    var life = PluginLife(at: self.day)
    life.starts(at: self.day, self.start)
    let end = life.ended(failure, policy, at: self.day, self.start)
    #expect((end == .stay) == !restarts)
    #expect(life.state == (failure == nil ? .stopped : .failed))
    #expect(life.isSettled)
  }

  @Test func isSettledOnceReadyAndStaysSoWhenItStartsAgain() {
    var life = PluginLife(at: self.day)
    #expect(life.state == .pending)
    life.starts(at: self.day, self.start)
    #expect(!life.isSettled)
    life.becomesReady(at: self.day.advanced(by: .seconds(3)))
    #expect(life.isSettled)
    #expect(life.since == self.day.advanced(by: .seconds(3)))
    _ = life.ended("x", .always, at: self.day, self.start)
    life.becomesReady(at: self.day)
    #expect(life.state == .failed)
    life.starts(at: self.day, self.start)
    #expect(life.isSettled)
  }
}
