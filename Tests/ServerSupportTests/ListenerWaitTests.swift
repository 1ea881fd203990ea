import HTTPTransport
import Hummingbird
import Logging
import ServiceLifecycle
import Testing

@testable import ServerSupport

@Suite(.timeLimit(.minutes(1)))
struct ListenerWaitTests {
  /// A server on an address that no other test uses.
  private static func server(_ port: Int) -> HostPort { HostPort(host: "127.83.0.1", port: port) }

  /// Runs servers until `body` returns.
  private func serving(_ ports: [Int], _ body: @Sendable () async throws -> Void) async throws {
    let services = ports.map { port in
      let server = Self.server(port)
      return HTTPService(HTTPService.router(), host: server.host, port: server.port, logger: .silent)
    }
    let group = ServiceGroup(services: services, logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      defer { tasks.cancelAll() }
      try await body()
    }
  }

  @Test func itEndsOnceTheLastServerListens() async throws {
    // Of several addresses of one server one is enough.
    let wait = ListenerWait(
      for: [[Self.server(1), Self.server(4001)], [Self.server(4002)]], limit: .seconds(50))
    let (results, result) = AsyncStream.makeStream(of: [ListenerWait.Addresses].self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { result.yield(try await wait.run()) }
      try await self.serving([4001]) {
        try await self.serving([4002]) {
          let missing = await results.first { _ in true }
          #expect(missing == [])
        }
      }
    }
  }

  @Test func whoDoesNotListenInTimeIsNamed() async throws {
    let wait = ListenerWait(
      for: [[Self.server(4003)], [Self.server(1), Self.server(2)]], limit: .milliseconds(200))
    try await self.serving([4003]) {
      let there = try await ListenerWait(for: [[Self.server(4003)]], limit: .seconds(50)).run()
      #expect(there == [])
      let missing = try await wait.run()
      #expect(missing == [[Self.server(1), Self.server(2)]])
    }
  }

  @Test func aWaitCanBeCancelled() async throws {
    let wait = ListenerWait(for: [[Self.server(1)]], limit: .seconds(1_000))
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: CancellationError.self) { _ = try await wait.run() }
      }
      group.cancelAll()
    }
  }
}
