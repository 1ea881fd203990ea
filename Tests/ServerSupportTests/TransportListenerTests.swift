import HTTPTransport
import HTTPTypes
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ServerSupport

@Suite(.timeLimit(.minutes(1)))
struct TransportListenerTests {
  @Test func passesRequestAndResponseThrough() async throws {
    let transport = ClosureTransport { request in
      let text =
        "\(request.head.method) \(request.head.path ?? "") \(request.body.count) "
        + (request.head.headerFields[.accept] ?? "none")
      return .text(text)
    }
    try await withListener(transport) { port in
      let client = try await SocketClient(port: port)
      try await client.send("POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\nContent-Length: 5\r\n\r\nhello")
      let response = try await client.receive(until: "plain")
      #expect(response.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(response.lowercased().contains("content-length: 26\r\n"))
      #expect(response.hasSuffix("\r\n\r\nPOST /a/b?c=d 5 text/plain"))
    }
  }

  @Test func keepsTheConnectionForFurtherRequests() async throws {
    let transport = ClosureTransport { .text($0.head.path ?? "") }
    try await withListener(transport) { port in
      let client = try await SocketClient(port: port)
      for path in ["/first", "/second", "/third"] {
        try await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.receive(until: "\r\n\r\n\(path)").hasSuffix(path))
      }
      try await client.send("HEAD /fourth HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(try await client.receiveAll().hasSuffix("\r\n\r\n"))
    }
  }

  @Test func streamsEachChunkAsItComes() async throws {
    let (chunks, source) = AsyncStream.makeStream(of: String.self)
    try await withListener(ClosureTransport { _ in .stream(chunks) }) { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n").lowercased().contains("transfer-encoding: chunked"))
      for text in ["one", "second", "a third"] {
        source.yield(text)
        #expect(try await client.receive(until: text).contains(text))
      }
      source.finish()
      #expect(try await client.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
      try await client.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test(arguments: [false, true])
  func cancelsTheExchangeWhenTheClientGoesAway(closingOneHalfOnly: Bool) async throws {
    let (chunks, source) = AsyncStream.makeStream(of: String.self)
    let (cancelled, didCancel) = AsyncStream.makeStream(of: Void.self)
    source.onTermination = { _ in didCancel.finish() }
    try await withListener(ClosureTransport { _ in .stream(chunks) }) { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = try await client.receive(until: "\r\n\r\n")
      if closingOneHalfOnly { try client.finishSending() } else { client.close() }
      for await _ in cancelled {}
    }
  }

  @Test func refusesLargeBodiesAnnouncedOrNot() async throws {
    let asked = Mutex(0)
    let transport = ClosureTransport { _ in
      asked.withLock { $0 += 1 }
      return .text("ok")
    }
    try await withListener(transport, limits: ServerLimits(bodyBytes: 10)) { port in
      let announced = try await SocketClient(port: port)
      try await announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n12345678901")
      let refusal = try await announced.receive(until: "10 bytes\"")
      #expect(refusal.hasPrefix("HTTP/1.1 413"))
      #expect(refusal.lowercased().contains("content-type: application/problem+json"))

      let chunked = try await SocketClient(port: port)
      try await chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      try await chunked.send("6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n")
      #expect(try await chunked.receive(until: "10 bytes").hasPrefix("HTTP/1.1 413"))
    }
    #expect(asked.withLock { $0 } == 0)
  }

  @Test func invitesABodyThatIsWaitingForPermission() async throws {
    try await withListener(ClosureTransport { .text("got \($0.body.count)") }) { port in
      let client = try await SocketClient(port: port)
      try await client.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
      try await client.send("body")
      #expect(try await client.receive(until: "got 4").hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test func namesAFailureOfTheTransport() async throws {
    let transport = ClosureTransport { _ in throw TransportError(.timeout, "too slow") }
    try await withListener(transport) { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      let response = try await client.receive(until: "}")
      #expect(response.hasPrefix("HTTP/1.1 504"))
      #expect(response.contains(#""detail":"too slow""#))
    }
  }

  @Test func breaksOffARespondThatFailsHalfway() async throws {
    let transport = ClosureTransport { _ in
      let sent = Mutex(false)
      return TransportResponse(
        head: HTTPResponse(status: .ok),
        body: ResponseBody {
          if sent.withLock({ $0 }) { throw TransportError(.connectionBroken, "gone") }
          sent.withLock { $0 = true }
          return Array("half".utf8)
        })
    }
    try await withListener(transport) { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      let response = try await client.receiveAll()
      #expect(response.contains("half"))
      #expect(!response.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test func answersNonsenseWithBadRequest() async throws {
    try await withListener(ClosureTransport { _ in .text("ok") }) { port in
      let client = try await SocketClient(port: port)
      try await client.send("nonsense\r\n\r\n")
      #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 400"))
    }
  }

  @Test func closesAConnectionThatStaysSilent() async throws {
    let limits = ServerLimits(idle: .milliseconds(50))
    try await withListener(ClosureTransport { _ in .text("ok") }, limits: limits) { port in
      let client = try await SocketClient(port: port)
      #expect(try await client.receiveAll() == "")
    }
  }

  @Test func reportsAPortInUse() async throws {
    try await withListener(ClosureTransport { _ in .text("ok") }) { port in
      let second = TransportListener(
        serving: ClosureTransport { _ in .text("ok") }, host: "127.0.0.1", port: port, logger: .silent)
      let error = await #expect(throws: ListenError.self) { try await second.run() }
      #expect(error?.code == .addressInUse)
      #expect(error?.message == "127.0.0.1:\(port) is already in use")
    }
  }

  @Test func reportsAnAddressThatIsNotOurs() async throws {
    let listener = TransportListener(
      serving: ClosureTransport { _ in .text("ok") }, host: "192.0.2.1", port: 0, logger: .silent)
    let error = await #expect(throws: ListenError.self) { try await listener.run() }
    #expect(error?.code == .addressNotAvailable)
  }

  @Test func gracefulShutdownEndsStreamsAndReturns() async throws {
    let (chunks, source) = AsyncStream.makeStream(of: String.self)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let listener = TransportListener(
      serving: ClosureTransport { _ in .stream(chunks) }, host: "127.0.0.1", port: 0, logger: .silent
    ) { port.yield($1) }
    let services = ServiceGroup(services: [listener], logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await services.run() }
      var iterator = ports.makeAsyncIterator()
      let client = try await SocketClient(port: try #require(await iterator.next()))
      try await client.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
      source.yield("event")
      #expect(try await client.receive(until: "event").contains("event"))
      await services.triggerGracefulShutdown()
      let rest = try await client.receiveAll()
      #expect(!rest.hasSuffix("0\r\n\r\n"))
      try await group.waitForAll()
    }
  }
}
