import HTTPTransport
import Testing

@testable import ServerSupport

@Suite(.timeLimit(.minutes(1)))
struct MemoryReturnTests {
  @Test func itGivesBackNowAndThenUntilItIsCancelled() async {
    let (turns, turn) = AsyncStream.makeStream(of: Void.self)
    let service = MemoryReturn(every: .milliseconds(1), clock: TimeoutClock()) { turn.yield() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await service.run() }
      var count = 0
      for await _ in turns {
        count += 1
        if count == 3 { break }
      }
      group.cancelAll()
    }
  }
}
