import TestSupport
import Testing

@testable import ReverseProxy

/// Connections that change their protocol.
@Suite(.timeLimit(.minutes(2)))
struct ProxyTunnelTests {
  private static let offer = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhl"]
  private static let change = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

  @Test func bothSidesBecomePipesAndNoByteIsLost() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      // Frames right behind the request's head.
      try await client.send(ProxyFixture.request("GET /ws", Self.offer, body: "\u{1}early"))
      let game = try await fixture.game.accept()
      let head = try await game.receive(until: "\r\n\r\n")
      #expect(head.contains("Upgrade: websocket\r\n") && head.contains("Connection: Upgrade\r\n"))
      #expect(head.contains("Sec-WebSocket-Key: dGhl\r\n") && !head.contains("secret"))
      // And frames right behind the answer's.
      try await game.send(Self.change + "\u{2}first")
      #expect(try await game.receive(count: 6) == "\u{1}early")
      #expect(try await client.receive(count: Self.change.utf8.count + 6) == Self.change + "\u{2}first")
      for number in 0..<50 {
        try await client.send("ping \(number)\r\n")
        #expect(try await game.receive(until: "\n") == "ping \(number)\r\n")
        try await game.send("pong \(number)\r\n")
        #expect(try await client.receive(until: "\n") == "pong \(number)\r\n")
      }
      // The client has said all; the game goes on for a while.
      client.finishSending()
      #expect(try await game.receiveAll().isEmpty)
      try await game.send("last words")
      #expect(try await client.receive(count: 10) == "last words")
      game.close()
      #expect(try await client.receiveAll().isEmpty)
      try await eventually("the connection is gone") { fixture.proxy.openConnections == 0 }
    }
  }

  @Test func theGameMayCloseItsHalfFirst() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /ws", Self.offer))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send(Self.change + "bye")
      game.finishSending()
      #expect(try await client.receiveAll() == Self.change + "bye")
      try await client.send("still here")
      client.finishSending()
      #expect(try await game.receiveAll() == "still here")
    }
  }

  @Test func anOfferThatTheGameDeclinesGoesOnAsHTTP() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /ws", Self.offer) + ProxyFixture.request("GET /next"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      let declined =
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: other\r\nContent-Length: 0\r\nConnection: Upgrade\r\n\r\n"
      try await game.send(declined)
      #expect(try await client.receive(until: "\r\n\r\n") == declined)
      #expect(try await game.receive(until: "\r\n\r\n").hasPrefix("GET /next "))
    }
  }

  @Test(arguments: ["h2c", "HTTP/2.0", "websocket, h2c"])
  func anotherHTTPIsNotOfferedToTheGame(name: String) async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(
        ProxyFixture.request(
          "GET /", ["Connection: Upgrade, HTTP2-Settings", "Upgrade: \(name)", "HTTP2-Settings: AA"]))
      let head = try await fixture.game.accept().receive(until: "\r\n\r\n")
      #expect(!head.contains("Upgrade") && !head.contains("HTTP2"))
    }
  }

  @Test func aSilentPipeIsClosed() async throws {
    try await withProxy(limits: ProxyLimits(idle: .milliseconds(100))) { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /ws", Self.offer))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send(Self.change)
      #expect(try await client.receiveAll() == Self.change)
      #expect(try await game.receiveAll().isEmpty)
    }
  }

  @Test func aTokenInTheQueryIsTakenOut() async throws {
    try await withProxy(queryParameter: "token") { fixture in
      let client = try await fixture.connect()
      let lines = ["GET /ws?a=1&token=secret%2Dtoken&b=2 HTTP/1.1", "Host: a"] + Self.offer
      try await client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
      let game = try await fixture.game.accept()
      #expect(try await game.receive(until: "\r\n") == "GET /ws?a=1&b=2 HTTP/1.1\r\n")
    }
  }
}
