import MetricsTestKit
import TestSupport
import Testing

@testable import ReverseProxy

/// The proxy on real sockets: a client and a game server that the tests play.
@Suite(.timeLimit(.minutes(2)))
struct ProxyTests {
  @Test func aRequestWithTheTokenIsPassedOnWithoutIt() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /match?id=1", ["X-Own: a", "Connection: X-Gone", "X-Gone: b"]))
      let game = try await fixture.game.accept()
      #expect(
        try await game.receive(until: "\r\n\r\n") == """
          GET /match?id=1 HTTP/1.1\r
          Host: game.example\r
          X-Own: a\r
          X-Forwarded-For: 127.0.0.1\r
          X-Forwarded-Host: game.example\r
          X-Forwarded-Proto: http\r
          \r\n
          """)
      try await game.send("HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX-Answer: c\r\nKeep-Alive: timeout=5\r\n\r\nhello")
      #expect(
        try await client.receive(until: "hello")
          == "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nX-Answer: c\r\n\r\nhello")
    }
  }

  @Test func aRequestWithoutTheTokenNeverReachesTheGame() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      let missing = try await client.receive(until: "}")
      #expect(missing.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
      #expect(missing.contains("WWW-Authenticate: Bearer realm=\"arena\"\r\n"))
      #expect(
        missing.hasSuffix(
          #"{"detail":"this server wants a bearer token","status":401,"title":"Unauthorized","type":"about:blank"}"#))
      try await client.send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer secret-toke\r\n\r\n")
      #expect(try await client.receive(until: "}").contains(#"realm="arena", error="invalid_token""#))
      // A body that nobody may send ends the connection.
      try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
      let closed = try await client.receiveAll()
      #expect(closed.hasPrefix("HTTP/1.1 401") && closed.contains("Connection: close\r\n"))
      // The game gets the first connection only now.
      let other = try await fixture.connect()
      try await other.send(ProxyFixture.request("GET /first"))
      #expect(try await fixture.game.accept().receive(until: "\r\n").hasPrefix("GET /first "))
      #expect(try fixture.refused("unauthorized") == 3)
      #expect(try fixture.metrics.expectCounter("umpire_proxy_requests_total", [("status", "4xx")]).totalValue == 3)
    }
  }

  @Test func connectionsAreKeptOnBothSidesAndPipelinedRequestsAnsweredInOrder() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      let requests = (1...3).map { ProxyFixture.request("GET /\($0)") }
      try await client.send(requests.joined())
      let game = try await fixture.game.accept()
      for number in 1...3 {
        #expect(try await game.receive(until: "\r\n\r\n").hasPrefix("GET /\(number) "))
        try await game.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
      }
      let answer = { (number: Int) in "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)" }
      #expect(try await client.receive(until: answer(3)) == (1...3).map(answer).joined())
    }
  }

  @Test func aChunkedBodyGoesBothWaysWithItsTrailers() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(
        ProxyFixture.request("POST /", ["Transfer-Encoding: chunked", "Trailer: X-Sum"], body: "3;ext=1\r\nabc\r\n"))
      let game = try await fixture.game.accept()
      let head = try await game.receive(until: "\r\n\r\n")
      #expect(head.contains("Transfer-Encoding: chunked\r\n") && head.contains("Trailer: X-Sum\r\n"))
      #expect(try await game.receive(until: "abc\r\n") == "3\r\nabc\r\n")
      try await client.send("0\r\nX-Sum: 1\r\nAuthorization: Bearer x\r\n\r\n")
      #expect(try await game.receive(until: "\r\n\r\n") == "0\r\nX-Sum: 1\r\n\r\n")
      try await game.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n")
      #expect(try await client.receive(until: "de\r\n").hasSuffix("\r\n\r\n2\r\nde\r\n"))
      try await game.send("0\r\nX-Sum: 2\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n") == "0\r\nX-Sum: 2\r\n\r\n")
    }
  }

  @Test func answersWithoutABodyLeaveTheConnectionUsable() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("HEAD /a"))
      let game = try await fixture.game.accept()
      for (method, answer, seen) in [
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "Content-Length: 900\r\n\r\n"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204 No Content\r\n\r\n"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 70\r\n\r\n", "Content-Length: 70\r\n\r\n"),
        (
          "GET", "HTTP/1.1 103 Early Hints\r\nLink: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
          "Content-Length: 0\r\n\r\n"
        ),
      ] {
        _ = try await game.receive(until: "\r\n\r\n")
        try await game.send(answer)
        #expect(try await client.receive(until: seen) == answer)
        try await client.send(ProxyFixture.request("\(method) /next"))
      }
      #expect(try await game.receive(until: "\r\n\r\n").hasPrefix("GET /next"))
    }
  }

  @Test func anAnswerThatEndsWithTheConnectionIsChunkedForTheClient() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send("HTTP/1.0 200 OK\r\n\r\nabc")
      #expect(
        try await client.receive(until: "abc\r\n")
          == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
      game.close()
      #expect(try await client.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
      try await client.send(ProxyFixture.request("GET /again"))
      #expect(try await fixture.game.accept().receive(until: "\r\n").hasPrefix("GET /again "))
    }
  }

  @Test func aClientOfHTTP10GetsAPlainBodyAndTheEnd() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send("GET / HTTP/1.0\r\nAuthorization: bearer another\r\n\r\n")
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
      )
      #expect(try await client.receiveAll() == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")
    }
  }

  @Test func theGameSaysWhetherABodyMayCome() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("PUT /", ["Expect: 100-continue", "Content-Length: 3"]))
      let game = try await fixture.game.accept()
      #expect(try await game.receive(until: "\r\n\r\n").contains("Expect: 100-continue\r\n"))
      try await game.send("HTTP/1.1 100 Continue\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      try await client.send("abc")
      #expect(try await game.receive(count: 3) == "abc")
      try await game.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 201"))
    }
  }

  @Test func anAnswerBeforeTheRequestsEndReachesTheClient() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("POST /", ["Content-Length: 1000000"], body: "some"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "some")
      try await game.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
      let answer = try await client.receiveAll()
      #expect(answer == "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
      #expect(try await game.receiveAll().isEmpty)
    }
  }

  @Test func aClientThatLeavesEndsTheGamesConnectionAndTheOtherWayRound() async throws {
    try await withProxy { fixture in
      let leaver = try await fixture.connect()
      try await leaver.send(ProxyFixture.request("GET /"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      leaver.reset()
      #expect(try await game.receiveAll().isEmpty)

      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      let other = try await fixture.game.accept()
      _ = try await other.receive(until: "\r\n\r\n")
      try await other.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
      _ = try await client.receive(until: "half")
      other.close()
      #expect(try await client.receiveAll().isEmpty)
      #expect(try fixture.failures("closed") == 1)
    }
  }

  @Test func aRequestOnAConnectionThatHasJustDiedIsSentAgain() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /1"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
      _ = try await client.receive(until: "\r\n\r\na")
      try await client.send(ProxyFixture.request("GET /2"))
      _ = try await game.receive(until: "\r\n\r\n")
      game.reset()
      let second = try await fixture.game.accept()
      #expect(try await second.receive(until: "\r\n\r\n").hasPrefix("GET /2 "))
      // On a fresh connection it is not repeated.
      second.close()
      #expect(try await client.receive(until: "}").hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
      // And what may not be done twice never is.
      try await client.send(ProxyFixture.request("GET /3"))
      let third = try await fixture.game.accept()
      _ = try await third.receive(until: "\r\n\r\n")
      try await third.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc")
      _ = try await client.receive(until: "\r\n\r\nc")
      try await client.send(ProxyFixture.request("POST /4", ["Content-Length: 0"]))
      _ = try await third.receive(until: "\r\n\r\n")
      third.reset()
      #expect(try await client.receive(until: "}").hasPrefix("HTTP/1.1 502 Bad Gateway\r\n"))
    }
  }
}
