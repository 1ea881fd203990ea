import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization
import Testing

@testable import APIServer

/// Watchers that read slowly or not at all, beside those that keep up.
struct StalledWatchTests {
  private static let maps = EmbeddedAPIServer.configMaps

  /// Reads a watch's event types until `isDone` says so or it ends.
  private func types(
    _ chunks: inout ResponseBody.AsyncIterator, until isDone: ([JSONValue]) -> Bool
  ) async throws -> [JSONValue] {
    var events: [JSONValue] = []
    while !isDone(events), let chunk = try await chunks.next() {
      events += try String(decoding: chunk, as: UTF8.self).split(separator: "\n")
        .map { try JSONValue(parsing: Array($0.utf8)) }
    }
    return events
  }

  @Test func thoseThatStallHoldUpNobodyAndAreEnded() async throws {
    let writes = 300
    let server = try await EmbeddedAPIServer.inMemory { $0.historyEvents = 100 }
    defer { server.close() }
    for index in 0..<70 { try await server.createConfigMap("before-\(index)") }
    let request = TransportRequest(
      head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "\(Self.maps)?watch=1"))
    let progress = Progress()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask {
          try await server.withResponse(to: request) { response in
            var chunks = response.body.makeAsyncIterator()
            // Each has read the first objects when it stalls, or nothing of a list that is longer than one piece.
            let first = try await self.types(&chunks) { !$0.isEmpty }
            #expect(first.allSatisfy { $0["type"] == "ADDED" })
            if number.isMultiple(of: 10) {
              progress.begin()
              await progress.waitUntilWritten()
              let rest = try await self.types(&chunks) { _ in false }
              #expect(rest.count == 1)
              #expect(rest.last?["type"] == "ERROR")
              #expect(rest.last?["object"]?["code"] == 410)
            } else {
              let seen = try await self.types(&chunks) { $0.count == 70 - first.count }
              #expect(seen.count == 70 - first.count)
              progress.begin()
              var last = 0
              // However few changes are kept, a watcher that reads while others write sees the last one.
              while last < writes {
                let events = try await self.types(&chunks) { !$0.isEmpty }
                guard let event = events.last, event["type"] == "MODIFIED" else {
                  Issue.record("a watcher that keeps up was ended: \(events)")
                  return
                }
                last = Int(event["object"]?["data"]?["n"]?.stringValue ?? "") ?? 0
                progress.hasSeen(last, number)
              }
            }
          }
        }
      }
      await progress.waitUntilBegun(200)
      for index in 1...writes {
        let answer = try await server.merge("\(Self.maps)/before-0", ["data": ["n": .string(String(index))]])
        #expect(answer.status == 200)
        // Readers get their turn before the history has moved on past them.
        if index.isMultiple(of: 50) { await progress.waitUntilSeen(index, by: 180) }
      }
      progress.finish()
      try await group.waitForAll()
    }
  }

  @Test func aWatchThatStallsHoldsNoListInMemory() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.historyEvents = 10 }
    defer { server.close() }
    for index in 0..<130 { try await server.createConfigMap("c\(index)") }
    let request = TransportRequest(
      head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "\(Self.maps)?watch=1"))
    try await server.withResponse(to: request) { response in
      var chunks = response.body.makeAsyncIterator()
      let first = try await self.types(&chunks) { !$0.isEmpty }
      #expect(first.count == 64)
      for index in 0..<20 { try await server.createConfigMap("late-\(index)") }
      let rest = try await self.types(&chunks) { _ in false }
      #expect(rest.map { $0["type"] } == ["ERROR"])
      #expect(rest.last?["object"]?["reason"] == "Expired")
    }
  }
}

/// How far the watchers of a test have come.
private final class Progress: Sendable {
  private struct State {
    var begun = 0
    var seen: [Int: Int] = [:]
    var isWritten = false
  }
  private let state = Mutex(State())

  func begin() { self.state.withLock { $0.begun += 1 } }
  func hasSeen(_ count: Int, _ watcher: Int) { self.state.withLock { $0.seen[watcher] = count } }
  func finish() { self.state.withLock { $0.isWritten = true } }

  func waitUntilBegun(_ count: Int) async { await self.wait { $0.begun == count } }
  func waitUntilSeen(_ count: Int, by watchers: Int) async {
    await self.wait { state in state.seen.values.count { $0 >= count } == watchers }
  }
  func waitUntilWritten() async { await self.wait { $0.isWritten } }

  private func wait(_ condition: @Sendable (State) -> Bool) async {
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    while ContinuousClock.now < deadline, !self.state.withLock({ condition($0) }) {
      // Cancelled with the test: the condition is then no longer of interest.
      do { try await Task.sleep(for: .milliseconds(2)) } catch { return }
    }
  }
}
