import HTTPTransport
import ServerSupport
import TestSupport
import Testing

@testable import ReverseProxy

/// A game server that fails, and limits that are reached, on real sockets.
@Suite(.timeLimit(.minutes(2)))
struct ProxyFailureTests {
  @Test func aGameThatTakesNoConnectionsIsABadGatewayUntilItIsBack() async throws {
    try await withProxy { fixture in
      fixture.game.close()
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      #expect(try await client.receive(until: "}").hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
      #expect(try fixture.failures("refused") == 1)
      let back = try PeerListener(port: fixture.game.port)
      defer { back.close() }
      try await client.send(ProxyFixture.request("GET /back"))
      #expect(try await back.accept().receive(until: "\r\n").hasPrefix("GET /back "))
    }
  }

  @Test(arguments: [
    "rubbish\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n",
  ])
  func anAnswerThatIsNoneIsABadGateway(answer: String) async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send(answer)
      #expect(try await client.receive(until: "}").hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
      #expect(try fixture.failures("invalid") == 1)
    }
  }

  @Test(arguments: [
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400), ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
    ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("PRI * HTTP/2.0\r\n\r\n", 505),
  ])
  func whatIsNoSoundRequestEndsTheConnection(text: String, status: Int) async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      // A request behind it is not served, whoever sends it.
      try await client.send(text + ProxyFixture.request("GET /hidden"))
      let answer = try await client.receiveAll()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains("Connection: close\r\n"))
      #expect(answer.split(separator: #"{"detail""#).count == 2)
    }
  }

  @Test func badChunksAreNotPassedOn() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(
        ProxyFixture.request("POST /", ["Transfer-Encoding: chunked"], body: "3\r\nabcGET /hidden HTTP/1.1\r\n\r\n"))
      #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 400 "))
      let game = try await fixture.game.accept()
      #expect(try await !game.receiveAll().contains("hidden"))
    }
  }

  @Test func aGameThatDoesNotAnswerIsAGatewayTimeout() async throws {
    try await withProxy(limits: ProxyLimits(response: .milliseconds(50))) { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      #expect(try await client.receive(until: "}").hasPrefix("HTTP/1.1 504 Gateway Timeout\r\n"))
      #expect(try fixture.failures("timeout") == 1)
    }
  }

  @Test func aHeadThatIsTooLargeOrTooSlowIsAnswered() async throws {
    try await withProxy(limits: ProxyLimits(headerBytes: 1000, head: .milliseconds(200))) { fixture in
      let large = try await fixture.connect()
      try await large.send("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 2000))
      #expect(try await large.receiveAll().hasPrefix("HTTP/1.1 431 "))
      let slow = try await fixture.connect()
      try await slow.send("GET / HT")
      #expect(try await slow.receiveAll().hasPrefix("HTTP/1.1 408 "))
      let silent = try await fixture.connect()
      #expect(try await silent.receiveAll().isEmpty)
    }
  }

  @Test(arguments: [["Content-Length: 11"], ["Transfer-Encoding: chunked"]])
  func aBodyThatIsTooLargeIsRefused(lines: [String]) async throws {
    try await withProxy(limits: ProxyLimits(bodyBytes: 10)) { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("POST /", lines, body: "b\r\nhello world\r\n"))
      let answer = try await client.receiveAll()
      #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("Connection: close\r\n"))
      #expect(try fixture.refused("body_too_large") == 1)
    }
  }

  @Test func moreConnectionsThanAllowedAreClosed() async throws {
    var limits = ProxyLimits()
    limits.connections = 1
    try await withProxy(limits: limits) { fixture in
      let first = try await fixture.connect()
      try await eventually("one is open") { fixture.proxy.openConnections == 1 }
      let second = try await fixture.connect()
      #expect(try await second.receiveAll().isEmpty)
      #expect(try fixture.refused("connections") == 1)
      first.close()
      try await eventually("none is open") { fixture.proxy.openConnections == 0 }
      let third = try await fixture.connect()
      try await third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await third.receive(until: "}").hasPrefix("HTTP/1.1 401 "))
    }
  }

  @Test func anIdleConnectionIsClosed() async throws {
    try await withProxy(limits: ProxyLimits(idle: .milliseconds(100))) { fixture in
      let client = try await fixture.connect()
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 401 "))
    }
  }

  @Test func aPortThatIsTakenIsNamed() async throws {
    let taken = try PeerListener()
    defer { taken.close() }
    let proxy = BearerProxy(
      ProxyConfiguration(
        listen: .init(host: "127.0.0.1", port: taken.port), upstream: .init(host: "127.0.0.1", port: 1)),
      tokens: TokenStore(.environmentVariable("NONE"), logger: .silent), logger: .silent)
    let error = await #expect(throws: ListenError.self) { try await proxy.run() }
    #expect(error?.code == .addressInUse)
    #expect(error?.message == "127.0.0.1:\(taken.port) is already in use")
  }
}
