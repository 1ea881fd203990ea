import Testing

@testable import ProcessNode

struct RestartBackoffTests {
  @Test func theFirstRestartIsImmediateAndTheOthersDouble() {
    var backoff = RestartBackoff(RestartBackoff.Limits())
    let waits = (0..<8).map { _ in backoff.next(afterRunning: .seconds(1)) }
    #expect(waits == [0, 10, 20, 40, 80, 160, 300, 300].map { .seconds($0) })
  }

  @Test func aLongRunIsForgiven() {
    var backoff = RestartBackoff(RestartBackoff.Limits())
    _ = backoff.next(afterRunning: .zero)
    _ = backoff.next(afterRunning: .zero)
    #expect(backoff.next(afterRunning: .seconds(600)) == .zero)
    #expect(backoff.next(afterRunning: .seconds(599)) == .seconds(10))
  }

  @Test func anAttemptThatFailedAlwaysWaits() {
    var backoff = RestartBackoff(RestartBackoff.Limits())
    #expect(backoff.nextAttempt() == .seconds(10))
    #expect(backoff.nextAttempt() == .seconds(20))
    #expect(backoff.steadyPause == .seconds(10))
  }

  @Test func manyFailuresStayWithinTheBounds() {
    var backoff = RestartBackoff(RestartBackoff.Limits())
    for _ in 0..<1_000 { _ = backoff.next(afterRunning: .zero) }
    #expect(backoff.next(afterRunning: .zero) == .seconds(300))
  }
}
