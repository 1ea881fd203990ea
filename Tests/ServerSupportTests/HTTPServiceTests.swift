import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Metrics
import Observability
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServerSupport

@Suite(.timeLimit(.minutes(1)))
struct HTTPServiceTests {
  private func service(
    _ add: (Router<HTTPService.Context>) -> Void, methods: [String: [HTTPRequest.Method]] = [:]
  ) -> HTTPService {
    let router = HTTPService.router(methods: methods)
    add(router)
    return HTTPService(router, host: "127.0.0.1", port: 0, logger: .silent)
  }

  @Test func answersHealth() async throws {
    let service = self.service { router in router.addHealthRoutes { "no leader yet" } }
    try await service.application.test(.router) { client in
      for path in ["/livez", "/healthz"] {
        let response = try await client.execute(uri: path, method: .get)
        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == "ok\n")
      }
      let response = try await client.execute(uri: "/readyz", method: .get)
      #expect(response.status == .serviceUnavailable)
      #expect(response.headers[.contentType] == "application/problem+json")
      #expect(
        String(buffer: response.body)
          == #"{"detail":"no leader yet","status":503,"title":"Service Unavailable","type":"about:blank"}"#)
    }
  }

  @Test func answersMetrics() async throws {
    let registry = MetricsRegistry()
    Counter(label: "c", factory: registry).increment()
    let service = self.service { $0.addMetricsRoute(registry) }
    try await service.application.test(.router) { client in
      let response = try await client.execute(uri: "/metrics", method: .get)
      #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(String(buffer: response.body).contains("\nc 1\n") || String(buffer: response.body).hasPrefix("# TYPE c"))
    }
  }

  @Test func turnsErrorsIntoProblems() async throws {
    struct Secret: Error {}
    let service = self.service(
      { router in
        router.get("broken") { _, _ -> String in throw Secret() }
        router.get("refused") { _, _ -> String in throw Problem(.conflict, "twice") }
        router.post("body") { request, _ in String(try await request.bytes(upTo: 4).count) }
      }, methods: ["/body": [.post]])
    try await service.application.test(.router) { client in
      let broken = try await client.execute(uri: "/broken", method: .get)
      #expect(broken.status == .internalServerError)
      #expect(!String(buffer: broken.body).contains("Secret"))
      #expect(try await client.execute(uri: "/refused", method: .get).status == .conflict)
      let unknown = try await client.execute(uri: "/nowhere", method: .get)
      #expect(unknown.status == .notFound)
      #expect(unknown.headers[.contentType] == "application/problem+json")
      let method = try await client.execute(uri: "/body", method: .put)
      #expect(method.status == .methodNotAllowed)
      #expect(method.headers[.allow] == "POST")
      #expect(try await client.execute(uri: "/body", method: .post, body: ByteBuffer(string: "1234")).status == .ok)
      let large = try await client.execute(uri: "/body", method: .post, body: ByteBuffer(string: "12345"))
      #expect(large.status == .contentTooLarge)
    }
  }

  @Test func servesOnASocketUntilStopped() async throws {
    let router = HTTPService.router()
    router.addHealthRoutes()
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let service = HTTPService(router, host: "127.0.0.1", port: 0, logger: .silent) { port.yield($1) }
    let group = ServiceGroup(services: [service], logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let client = try await SocketClient(port: port)
      try await client.send("HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
      let text = try await client.receive(until: "ok\n")
      #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
      let second = HTTPService(HTTPService.router(), host: "127.0.0.1", port: port, logger: .silent)
      let error = await #expect(throws: ListenError.self) { try await second.run() }
      #expect(error?.code == .addressInUse)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }
}

@Suite(.timeLimit(.minutes(1)))
struct SlowClientTests {
  /// Runs a service that gives a head 300 ms and a body 300 ms.
  private func withService(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    let router = HTTPService.router()
    router.addHealthRoutes()
    router.post("body") { request, _ in
      _ = try await request.bytes(upTo: 64)
      return Response.text("done\n")
    }
    router.get("slow") { _, _ in
      await Self.pause()
      return Response.text("slow\n")
    }
    let limits = ServerLimits(bodyTime: .milliseconds(300), idle: .milliseconds(300))
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let service = HTTPService(router, host: "127.0.0.1", port: 0, limits: limits, logger: .silent) { port.yield($1) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await service.run() }
      var iterator = ports.makeAsyncIterator()
      try await body(try #require(await iterator.next()))
      tasks.cancelAll()
      // It ends as it was told to.
      try? await tasks.waitForAll()
    }
  }

  /// Longer than a head or a body may take.
  private static func pause() async {
    // Cancellation ends the pause.
    try? await Task.sleep(for: .milliseconds(900))
  }

  /// Sends a byte now and then, until the server has enough of it.
  private func drip(_ text: String, to port: Int) async throws -> Int {
    let client = try await SocketClient(port: port)
    var sent = 0
    for byte in text {
      do {
        try await client.send(String(byte))
      } catch is SocketFailure {
        return sent
      }
      sent += 1
      try await Task.sleep(for: .milliseconds(50))
    }
    return sent
  }

  @Test func aHeadThatTakesTooLongEndsTheConnection() async throws {
    try await self.withService { port in
      let head = "GET /livez HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: 400))\r\n\r\n"
      let sent = try await self.drip(head, to: port)
      #expect(sent < 400)
    }
  }

  @Test func aBodyThatTakesTooLongEndsTheConnection() async throws {
    try await self.withService { port in
      let client = try await SocketClient(port: port)
      try await client.send("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\nabc")
      #expect(try await client.receiveAll().contains("done") == false)
    }
  }

  @Test func anAnswerMayTakeItsTimeAlsoToRequestsThatComeTogether() async throws {
    try await self.withService { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await client.receive(until: "slow\n").contains("ok\n"))
    }
  }
}

extension String {
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    self.split(separator: separator, omittingEmptySubsequences: false)
  }
}
