import TestSupport
import Testing

@testable import UmpireSidecar

@Suite(.timeLimit(.minutes(1)))
struct BroadcastTests {
  @Test func everyReaderHearsTheNewestAtOnceAndWhatComes() async {
    let broadcast = Broadcast<Int>()
    var early = broadcast.stream().makeAsyncIterator()
    broadcast.send(1)
    #expect(await early.next() == 1)
    var late = broadcast.stream().makeAsyncIterator()
    #expect(await late.next() == 1)
    broadcast.send(2)
    #expect(await early.next() == 2)
    #expect(await late.next() == 2)
  }

  @Test func whoIsSlowMissesWhatIsBetweenAndNeverTheLast() async {
    let broadcast = Broadcast(0)
    var reader = broadcast.stream().makeAsyncIterator()
    for value in 1...1_000 { broadcast.send(value) }
    #expect(await reader.next() == 1_000)
  }

  @Test func nothingIsLeftOfAReaderThatHasGone() async throws {
    let broadcast = Broadcast(0)
    do {
      let stream = broadcast.stream()
      #expect(broadcast.readers == 1)
      for await _ in stream { break }
    }
    try await eventually("it is forgotten") { broadcast.readers == 0 }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in broadcast.stream() {} }
      try await eventually("it reads") { broadcast.readers == 1 }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(broadcast.readers == 0)
  }

  @Test func theEndIsTheEndForAll() async {
    let broadcast = Broadcast(1)
    var reader = broadcast.stream().makeAsyncIterator()
    broadcast.finish()
    broadcast.send(2)
    #expect(await reader.next() == 1)
    #expect(await reader.next() == nil)
    var late = broadcast.stream().makeAsyncIterator()
    #expect(await late.next() == 1)
    #expect(await late.next() == nil)
    #expect(broadcast.readers == 0)
  }
}
