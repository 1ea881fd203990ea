import CurlTransport
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TaskExecutorTests {
  private static let keep: @Sendable (Connection) -> Void = { connection in
    while connection.readRequest() != nil { connection.respond(body: "ok") }
  }

  private static func threadName() throws -> String {
    let name = try Data(contentsOf: URL(filePath: "/proc/thread-self/comm"))
    return String(decoding: name, as: UTF8.self).filter { !$0.isNewline }
  }

  @Test func whoAsksOnTheTransportsThreadIsAnsweredThere() async throws {
    try await ScriptedServer.run(Self.keep) { server in
      try await withTransport { transport in
        try await withTaskExecutorPreference(transport.taskExecutor) {
          for _ in 0..<3 {
            let body = try await transport.collect(.to(server.authority)).body
            #expect(body == Array("ok".utf8))
            #expect(try Self.threadName() == "transfers")
          }
        }
        #expect(try Self.threadName() != "transfers")
      }
    }
  }

  @Test func manyAskThereAtOnce() async throws {
    try await ScriptedServer.run(Self.keep) { server in
      try await withTransport { transport in
        try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<50 {
            group.addTask(executorPreference: transport.taskExecutor) {
              var answers = 0
              for _ in 0..<20 {
                answers += try await transport.collect(.to(server.authority)).head.status == .ok ? 1 : 0
              }
              return answers
            }
          }
          var answers = 0
          for try await some in group { answers += some }
          #expect(answers == 1000)
        }
      }
    }
  }

  /// Sleepers and others that wait for something else than an answer do not keep the thread.
  @Test func othersGoOnWhileATaskWaits() async throws {
    try await ScriptedServer.run(Self.keep) { server in
      try await withTransport { transport in
        _ = try await transport.collect(.to(server.authority))
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask(executorPreference: transport.taskExecutor) {
            for await _ in stream { break }
          }
          group.addTask(executorPreference: transport.taskExecutor) {
            for _ in 0..<10 { _ = try await transport.collect(.to(server.authority)) }
            continuation.yield()
          }
          try await group.waitForAll()
        }
      }
    }
  }

  /// Nobody may wait for a thread that is not there yet, or no longer.
  @Test func tasksRunThoughThereIsNoThread() async throws {
    let transport = CurlHTTPTransport()
    let before = try await withTaskExecutorPreference(transport.taskExecutor) { try Self.threadName() }
    #expect(before != "transfers")
    try await ScriptedServer.run(Self.keep) { server in
      _ = try await transport.collect(.to(server.authority))
    }
    let steps = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<100 {
        group.addTask(executorPreference: transport.taskExecutor) {
          for _ in 0..<10 { await Task.yield() }
          return 10
        }
      }
      transport.shutdown()
      return await group.reduce(0, +)
    }
    #expect(steps == 1000)
    let error = await withTaskExecutorPreference(transport.taskExecutor) {
      await transportError { _ = try await transport.collect(.to("127.0.0.1:1")) }
    }
    #expect(error?.code == .closed)
  }
}
