import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServerSupport

/// A service that is asked to stop goes on until its clients have been told to go elsewhere.
@Suite(.timeLimit(.minutes(1)))
struct StopDelayTests {
  private static let request = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"

  private static func with(
    delay: @escaping @Sendable () async throws -> Void,
    _ body: @Sendable (_ port: Int, _ service: HTTPService, _ group: ServiceGroup) async throws -> Void
  ) async throws {
    let router = HTTPService.router()
    router.addHealthRoutes()
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let service = HTTPService(router, host: "127.0.0.1", port: 0, stopDelay: delay, logger: .silent) { port.yield($1) }
    let group = ServiceGroup(services: [service], logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      defer { tasks.cancelAll() }
      var iterator = ports.makeAsyncIterator()
      try await body(try #require(await iterator.next()), service, group)
    }
  }

  @Test func newAndOldConnectionsAreServedAndThenClosed() async throws {
    try await Self.with(delay: { try await Task.sleep(for: .seconds(3600)) }) { port, service, group in
      let old = try await SocketClient(port: port)
      try await old.send(Self.request)
      #expect(try await !old.receive(until: "ok\n").lowercased().contains("connection: close"))
      #expect(!service.isStopping)
      await group.triggerGracefulShutdown()
      try await eventually("the service is to stop") { service.isStopping }
      for client in [old, try await SocketClient(port: port)] {
        try await client.send(Self.request)
        let answer = try await client.receive(until: "ok\n")
        #expect(answer.contains(" 200 "))
        #expect(answer.lowercased().contains("connection: close\r\n"))
      }
    }
  }

  @Test func thenItStops() async throws {
    try await Self.with(delay: {}) { port, _, group in
      let idle = try await SocketClient(port: port)
      try await idle.send(Self.request)
      _ = try await idle.receive(until: "ok\n")
      await group.triggerGracefulShutdown()
      #expect(try await idle.receiveAll() == "")
      await #expect(throws: SocketFailure.self) { try await SocketClient(port: port) }
    }
  }
}
