import HTTPTransport
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
}
