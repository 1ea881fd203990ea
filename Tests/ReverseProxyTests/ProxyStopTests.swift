import HTTPTransport
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ReverseProxy

/// How the proxy ends.
@Suite(.timeLimit(.minutes(2)))
struct ProxyStopTests {
  @Test func exchangesEndAndNothingElseGoesOn() async throws {
    try await withProxy { fixture in
      let idle = try await fixture.connect()
      try await idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try await idle.receive(until: "}")

      let busy = try await fixture.connect()
      try await busy.send(ProxyFixture.request("GET /busy"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")

      let tunnel = try await fixture.connect()
      try await tunnel.send(ProxyFixture.request("GET /", ["Connection: Upgrade", "Upgrade: raw"]))
      let other = try await fixture.game.accept()
      _ = try await other.receive(until: "\r\n\r\n")
      try await other.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n")
      _ = try await tunnel.receive(until: "\r\n\r\n")

      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await fixture.proxy.drain(within: .seconds(60)) }
        #expect(try await idle.receiveAll().isEmpty)
        #expect(try await tunnel.receiveAll().isEmpty)
        #expect(try await other.receiveAll().isEmpty)
        await #expect(throws: PeerFailure.self) { try await fixture.connect() }
        try await game.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
        #expect(try await busy.receiveAll() == "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone")
        busy.close()
        try await group.waitForAll()
      }
      #expect(fixture.proxy.openConnections == 0)
    }
  }

  @Test func whatDoesNotEndInTimeIsCut() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      await fixture.proxy.drain(within: .milliseconds(20))
      #expect(try await client.receiveAll().isEmpty)
      #expect(try await game.receiveAll().isEmpty)
    }
  }

  @Test func aGracefulShutdownEndsTheService() async throws {
    let tokens = TokenStore(.environmentVariable("T"), environment: ["T": "t"], logger: .silent)
    try tokens.load()
    let (addresses, address) = AsyncStream.makeStream(of: HostPort.self)
    let proxy = BearerProxy(
      ProxyConfiguration(listen: .init(host: "127.0.0.1", port: 0), upstream: .init(host: "127.0.0.1", port: 1)),
      tokens: tokens, logger: .silent
    ) { address.yield($0) }
    let group = ServiceGroup(services: [tokens, proxy], logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var iterator = addresses.makeAsyncIterator()
      let port = try #require(await iterator.next()).port
      let client = try await PeerSocket.connect(port: port)
      await group.triggerGracefulShutdown()
      #expect(try await client.receiveAll().isEmpty)
      try await tasks.waitForAll()
    }
    #expect(proxy.listeningAddress == nil)
  }
}
