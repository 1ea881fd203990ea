import Testing

@testable import KubernetesRuntime

@Suite struct WorkQueueStateTests {
  typealias State = WorkQueue<String, ContinuousClock>.State
  private let start = ContinuousClock.now
  private let backoff = Backoff(base: .seconds(1), maximum: .seconds(8))

  private func at(_ seconds: Int) -> ContinuousClock.Instant { self.start.advanced(by: .seconds(seconds)) }

  @Test func aKeyIsDeliveredOnce() {
    var state = State()
    state.add("a", due: self.at(0), now: self.at(0))
    state.add("a", due: self.at(0), now: self.at(0))
    #expect(state.depth == 1)
    #expect(state.next(now: self.at(0)) == .deliver("a"))
    #expect(state.next(now: self.at(0)) == .waitForWork)
  }

  @Test func aKeyAddedWhileProcessingIsDeliveredAgain() {
    var state = State()
    state.add("a", due: self.at(0), now: self.at(0))
    #expect(state.next(now: self.at(0)) == .deliver("a"))
    state.add("a", due: self.at(0), now: self.at(0))
    #expect(state.next(now: self.at(0)) == .waitForWork)
    state.finish("a", outcome: .done, backoff: self.backoff, now: self.at(1))
    #expect(state.next(now: self.at(1)) == .deliver("a"))
    state.finish("a", outcome: .done, backoff: self.backoff, now: self.at(1))
    #expect(state.next(now: self.at(1)) == .waitForWork)
  }

  @Test func theEarlierDueTimeWins() {
    var state = State()
    state.add("a", due: self.at(10), now: self.at(0))
    state.add("a", due: self.at(5), now: self.at(0))
    state.add("a", due: self.at(20), now: self.at(0))
    #expect(state.next(now: self.at(0)) == .waitUntil(self.at(5)))
    #expect(state.next(now: self.at(5)) == .deliver("a"))
    state.finish("a", outcome: .done, backoff: self.backoff, now: self.at(5))
    #expect(state.next(now: self.at(30)) == .waitForWork)
  }

  @Test func aWaitingKeyCanBeWantedNow() {
    var state = State()
    state.add("a", due: self.at(10), now: self.at(0))
    state.add("a", due: self.at(0), now: self.at(0))
    #expect(state.next(now: self.at(0)) == .deliver("a"))
    state.finish("a", outcome: .done, backoff: self.backoff, now: self.at(0))
    #expect(state.next(now: self.at(11)) == .waitForWork)
  }

  @Test func failuresBackOffAndSuccessForgets() {
    var state = State()
    var now = 0
    state.add("a", due: self.at(0), now: self.at(0))
    for delay in [1, 2, 4, 8, 8] {
      #expect(state.next(now: self.at(now)) == .deliver("a"))
      state.finish("a", outcome: .failed(minimum: nil), backoff: self.backoff, now: self.at(now))
      #expect(state.next(now: self.at(now)) == .waitUntil(self.at(now + delay)))
      now += delay
    }
    #expect(state.next(now: self.at(now)) == .deliver("a"))
    state.finish("a", outcome: .requeue(after: .seconds(2)), backoff: self.backoff, now: self.at(now))
    #expect(state.next(now: self.at(now)) == .waitUntil(self.at(now + 2)))
    #expect(state.next(now: self.at(now + 2)) == .deliver("a"))
    state.finish("a", outcome: .failed(minimum: .seconds(5)), backoff: self.backoff, now: self.at(now + 2))
    #expect(state.next(now: self.at(now + 2)) == .waitUntil(self.at(now + 7)))
  }

  @Test func aFixedPeriodNeverGrows() {
    var state = State()
    state.add("a", due: self.at(0), now: self.at(0))
    for round in 0..<100 {
      #expect(state.next(now: self.at(round * 2)) == .deliver("a"))
      state.finish("a", outcome: .requeue(after: .seconds(2)), backoff: self.backoff, now: self.at(round * 2))
    }
  }

  @Test func keysKeepTheirOrder() {
    var state = State()
    for key in ["a", "b", "c"] { state.add(key, due: self.at(0), now: self.at(0)) }
    #expect(state.next(now: self.at(0)) == .deliver("a"))
    #expect(state.next(now: self.at(0)) == .deliver("b"))
    #expect(state.next(now: self.at(0)) == .deliver("c"))
  }
}

@Suite struct AsyncSignalTests {
  @Test func aNudgeIsKept() async {
    let signal = AsyncSignal()
    signal.notify()
    signal.notify()
    await signal.wait()
    // The second nudge was one with the first.
    await signal.wait(until: .now.advanced(by: .milliseconds(20)), clock: ContinuousClock())
  }

  @Test func cancellationEndsTheWaitAndLosesNothing() async {
    let signal = AsyncSignal()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await signal.wait() }
      group.cancelAll()
      await group.waitForAll()
    }
    signal.notify()
    await signal.wait()
  }
}
