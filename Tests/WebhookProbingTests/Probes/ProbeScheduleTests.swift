import Testing

@testable import WebhookProbing

@Suite struct ProbeScheduleTests {
  private let start = ContinuousClock.now

  @Test func theGridNeverShifts() {
    var schedule = ProbeSchedule(first: self.start, periodSeconds: 7)
    var source: UInt64 = 1
    var now = self.start
    for _ in 0..<1_000 {
      source = source &* 6_364_136_223_846_793_005 &+ 1
      now = max(now, schedule.due).advanced(by: .nanoseconds(Int64(source >> 30)))
      schedule.pass(now)
      #expect(schedule.due > now)
      #expect(now.duration(to: schedule.due) <= .seconds(7))
      let (seconds, attoseconds) = self.start.duration(to: schedule.due).components
      #expect(seconds % 7 == 0 && attoseconds == 0)
    }
  }

  @Test func passingNothingChangesNothing() {
    var schedule = ProbeSchedule(first: self.start.advanced(by: .seconds(3)), periodSeconds: 7)
    schedule.pass(self.start)
    #expect(schedule.due == self.start.advanced(by: .seconds(3)))
  }

  @Test(arguments: [(0, 1), (-5, 1), (5, 5), (1 << 40, 86_400)])
  func periodsAreBounded(seconds: Int64, expected: Int64) {
    #expect(ProbeSchedule.period(seconds) == .seconds(expected))
  }

  /// Ten thousand Servers: no second has much more than its share of them.
  @Test func similarUidsSpreadEvenly() {
    var buckets = [Int](repeating: 0, count: 10)
    for number in 0..<10_000 {
      let share = ProbeSpread.share(of: "0b1e9e58-0000-4000-8000-\(String(number + 1_000_000))")
      #expect((0..<1).contains(share))
      buckets[Int(share * 10)] += 1
    }
    #expect(buckets.allSatisfy { (850...1_150).contains($0) }, "\(buckets)")
    #expect(ProbeSpread.share(of: "a") == ProbeSpread.share(of: "a"))
  }

  @Test func newServersNeedNotWaitLong() {
    func delay(_ period: Int64, isStarting: Bool, hasAnswer: Bool) -> Duration {
      ProbeSpread.delay(.seconds(period), share: 0.5, isStarting: isStarting, hasAnswer: hasAnswer)
    }
    #expect(delay(60, isStarting: false, hasAnswer: false) == .milliseconds(500))
    #expect(delay(60, isStarting: true, hasAnswer: true) == .seconds(30))
    #expect(delay(60, isStarting: true, hasAnswer: false) == .seconds(5))
    #expect(delay(5, isStarting: true, hasAnswer: false) == .milliseconds(2_500))
  }
}
