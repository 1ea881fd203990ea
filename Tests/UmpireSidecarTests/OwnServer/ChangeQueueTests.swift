import Testing

@testable import UmpireSidecar

@Suite struct ChangeQueueTests {
  private func allowed(_ value: Bool) -> ServerChange { SidecarFlag.deleteAllowed.change(to: value) }
  private func label(_ key: String, _ value: String) -> ServerChange { .label(key: key, value: value) }

  @Test func changesAreMadeInTheirOrderAndOneAtATime() {
    var queue = ChangeQueue()
    let begun1 = queue.begin()
    #expect(begun1 == nil)
    let isQueued2 = queue.add(self.label("a", "1"), waiter: 1)
    #expect(isQueued2)
    let isQueued3 = queue.add(self.label("b", "1"), waiter: 2)
    #expect(isQueued3)
    let begun4 = queue.begin()
    #expect(begun4?.change == self.label("a", "1"))
    let begun5 = queue.begin()
    #expect(begun5 == nil)
    let told6 = queue.finish()
    #expect(told6 == [1])
    let begun7 = queue.begin()
    #expect(begun7?.change == self.label("b", "1"))
    let told8 = queue.finish()
    #expect(told8 == [2])
    #expect(queue.isEmpty)
  }

  /// A match that begins while the API server is away takes back the permission that was given before it.
  @Test func aLaterChangeOfTheSameThingReplacesOneThatHasNotBegun() {
    var queue = ChangeQueue()
    let isQueued9 = queue.add(self.allowed(true), waiter: 1)
    #expect(isQueued9)
    let isQueued10 = queue.add(self.label("a", "1"), waiter: 2)
    #expect(isQueued10)
    let isQueued11 = queue.add(self.allowed(false), waiter: 3)
    #expect(isQueued11)
    let begun12 = queue.begin()
    #expect(begun12?.change == self.allowed(false))
    let told13 = queue.finish()
    #expect(told13 == [1, 3])
    let begun14 = queue.begin()
    #expect(begun14?.change == self.label("a", "1"))
  }

  @Test func aLaterChangeWaitsForOneThatHasBegunAndReplacesItOnlyIfItFails() {
    var queue = ChangeQueue()
    let isQueued15 = queue.add(self.allowed(true), waiter: 1)
    #expect(isQueued15)
    _ = queue.begin()
    let isQueued16 = queue.add(self.allowed(false), waiter: 2)
    #expect(isQueued16)
    #expect(queue.concerns(.condition("DeleteAllowed")))
    var failing = queue
    let told17 = queue.finish()
    #expect(told17 == [1])
    let begun18 = queue.begin()
    #expect(begun18?.change == self.allowed(false))
    failing.retry(isRefused: false)
    let begun19 = failing.begin()
    #expect(begun19 == .init(change: self.allowed(false), waiters: [2, 1]))
    let told20 = failing.finish()
    #expect(told20 == [2, 1])
    #expect(failing.isEmpty)
  }

  @Test func whatFailsIsTriedAgainBeforeAllOthersAndItsRefusalsAreCounted() {
    var queue = ChangeQueue()
    let isQueued21 = queue.add(self.label("a", "1"), waiter: 1)
    #expect(isQueued21)
    let isQueued22 = queue.add(self.label("b", "1"), waiter: 2)
    #expect(isQueued22)
    _ = queue.begin()
    queue.retry(isRefused: false)
    let begun23 = queue.begin()
    #expect(begun23 == .init(change: self.label("a", "1"), waiters: [1], refusals: 0))
    queue.retry(isRefused: true)
    let begun24 = queue.begin()
    #expect(begun24 == .init(change: self.label("a", "1"), waiters: [1], refusals: 1))
  }

  @Test func whatNobodyWaitsForIsNotMade() {
    var queue = ChangeQueue()
    let isQueued25 = queue.add(self.allowed(true), waiter: 1)
    #expect(isQueued25)
    let outcome26 = queue.withdraw(1)
    #expect(outcome26 == .withdrawn)
    #expect(queue.isEmpty)
    let outcome27 = queue.withdraw(1)
    #expect(outcome27 == .unknown)

    let isQueued28 = queue.add(self.allowed(true), waiter: 2)
    #expect(isQueued28)
    let isQueued29 = queue.add(self.allowed(true), waiter: 3)
    #expect(isQueued29)
    let outcome30 = queue.withdraw(2)
    #expect(outcome30 == .withdrawn)
    let begun31 = queue.begin()
    #expect(begun31?.waiters == [3])
    let outcome32 = queue.withdraw(3)
    #expect(outcome32 == .abandoned)
    // It is under way, and not taken up again.
    queue.retry(isRefused: false)
    #expect(queue.isEmpty)
  }

  @Test func noMoreWaitThanThereIsRoomFor() {
    var queue = ChangeQueue()
    for waiter in 1...UInt64(ChangeQueue.limit) { _ = queue.add(self.label("\(waiter)", ""), waiter: waiter) }
    let isQueued33 = queue.add(self.allowed(true), waiter: 0)
    #expect(!isQueued33)
    _ = queue.begin()
    let isQueued34 = queue.add(self.allowed(true), waiter: 0)
    #expect(!isQueued34)
    _ = queue.finish()
    let isQueued35 = queue.add(self.allowed(true), waiter: 0)
    #expect(isQueued35)
    let left36 = queue.drain()
    #expect(left36.count == ChangeQueue.limit)
    #expect(queue.isEmpty)
  }
}
