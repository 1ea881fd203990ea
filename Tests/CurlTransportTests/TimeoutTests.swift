import HTTPTransport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TimeoutTests {
  @Test func itPasses() async throws {
    let began = ContinuousClock.now
    try await Timeout.wait(.milliseconds(20))
    #expect(began.duration(to: .now) >= .milliseconds(20))
    try await Timeout.wait(.zero)
  }

  @Test func itIsCutShort() async throws {
    await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<100 { group.addTask { try await Timeout.wait(.seconds(3_600)) } }
      group.cancelAll()
      while let result = await group.nextResult() {
        #expect(throws: CancellationError.self) { try result.get() }
      }
    }
  }

  @Test func whoIsCancelledBeforeDoesNotWait() async {
    await withTaskGroup(of: Void.self) { group in
      group.cancelAll()
      group.addTask {
        await #expect(throws: CancellationError.self) { try await Timeout.wait(.seconds(3_600)) }
      }
    }
  }

  @Test func whatIsToBeDoneAfterwardsIsDoneOnce() async {
    let (calls, call) = AsyncStream.makeStream(of: Int.self)
    let timers = [Timeout.start(.milliseconds(1)) { call.yield(1) }, Timeout.start(.seconds(3_600)) { call.yield(2) }]
    for await number in calls {
      #expect(number == 1)
      break
    }
    for timer in timers { timer.cancel() }
    let last = Timeout.start(.zero) { call.finish() }
    for await number in calls { Issue.record("\(number) came after it was cancelled") }
    last.cancel()
  }

  @Test func aTimerThatIsCancelledLetsGoOfWhatItWasToCall() async throws {
    weak var kept: Kept?
    do {
      let value = Kept()
      kept = value
      Timeout.start(.seconds(3_600)) { _ = value }.cancel()
    }
    try await eventually("it is let go") { kept == nil }
  }

  private final class Kept: Sendable {}
}
