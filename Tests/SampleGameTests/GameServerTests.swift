import HTTPTransport
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import SampleGame

@Suite(.timeLimit(.minutes(1)))
struct GameServerTests {
  @Test func playsOverSockets() async throws {
    try await withGame { server in
      let ada = try await SocketClient(port: server.port)
      try await ada.send("JOIN ada\n")
      #expect(try await ada.receive(until: "\n") == "WELCOME ada players=1\n")
      let bob = try await SocketClient(port: server.port)
      try await bob.send("JOIN bob\nSTATUS\n")
      #expect(
        try await bob.receive(until: "version=v1\n")
          == "WELCOME bob players=2\nSTATUS players=2 closing=false version=v1\n")
      bob.close()
      try await eventually("the player is in") { server.players == 1 }
      try await ada.send("LEAVE\n")
      #expect(try await ada.receiveAll() == "BYE\n")
      try await eventually("the player is out") { server.players == 0 }
    }
  }

  @Test func hangsUpOnAnEndlessLine() async throws {
    try await withGame { server in
      let client = try await SocketClient(port: server.port)
      try await client.send(String(repeating: "x", count: 200))
      #expect(try await client.receiveAll().hasPrefix("ERROR a line is at most"))
    }
  }

  @Test func saysGoodbyeWhenStopped() async throws {
    let server = try GameServer(listeningOn: "127.0.0.1", port: 0, version: "v1")
    async let running: Void = server.run()
    let client = try await SocketClient(port: server.port)
    try await client.send("JOIN ada\n")
    _ = try await client.receive(until: "\n")
    server.stop()
    #expect(try await client.receiveAll() == "BYE\n")
    await running
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func listensOnBothFamiliesByDefault(address: String) async throws {
    let server = try GameServer(
      listeningOn: try GameConfiguration(environment: [:]).host, port: 0, version: "v1")
    async let running: Void = server.run()
    let client = try await SocketClient(host: address, port: server.port)
    try await client.send("JOIN ada\n")
    #expect(try await client.receive(until: "\n") == "WELCOME ada players=1\n")
    server.stop()
    await running
  }

  @Test func theSidecarsAddressMayBeAnIPv6Address() throws {
    let configuration = try GameConfiguration(environment: ["POD_IP": "fd00::7", "UMPIRE_SIDECAR_PORT": "8081"])
    #expect(configuration.sidecar == "[fd00::7]:8081")
  }

  @Test func namesAnAddressInUse() async throws {
    let server = try GameServer(listeningOn: "127.0.0.1", port: 0, version: "v1")
    let error = #expect(throws: GameServerError.self) {
      try GameServer(listeningOn: "127.0.0.1", port: server.port, version: "v1")
    }
    #expect(error?.description == "cannot listen on 127.0.0.1:\(server.port): Address already in use")
  }

  @Test func permitsDeletionOnceTheMatchIsOver() async throws {
    let sidecar = ScriptedSidecar()
    try await withGame { server in
      let ada = try await SocketClient(port: server.port)
      try await ada.send("JOIN ada\n")
      _ = try await ada.receive(until: "\n")
      let poller = SidecarPoller(
        transport: sidecar, authority: "127.0.0.1:8080", interval: .milliseconds(2), report: { _ in })
      async let polling: Void = poller.run(for: server)
      try await eventually("the sidecar was asked") { sidecar.state.withLock { $0.asked } > 3 }
      sidecar.state.withLock { $0.shutdown = true }
      let late = try await SocketClient(port: server.port)
      try await eventually("the game closes") {
        try await late.send("STATUS\n")
        return try await late.receive(until: "\n").contains("closing=true")
      }
      try await late.send("JOIN late\n")
      #expect(try await late.receive(until: "\n") == "CLOSED\n")
      #expect(sidecar.state.withLock { $0.permissions } == [])
      try await ada.send("LEAVE\n")
      await polling
      // The first two are refused: it goes on until the sidecar has taken one.
      #expect(sidecar.state.withLock { $0.permissions } == Array(repeating: #"{"allowed": true}"#, count: 3))
    }
  }

  private func withGame(_ body: (GameServer) async throws -> Void) async throws {
    let server = try GameServer(listeningOn: "127.0.0.1", port: 0, version: "v1")
    async let running: Void = server.run()
    do {
      try await body(server)
    } catch {
      server.stop()
      throw error
    }
    server.stop()
    await running
  }
}

/// Answers as a sidecar does that is not there at first, and twice refuses the permission.
private final class ScriptedSidecar: ClientTransport {
  struct State {
    var asked = 0
    var shutdown = false
    var permissions: [String] = []
  }
  let state = Mutex(State())

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let (status, text) = try self.state.withLock { state -> (HTTPResponse.Status, String) in
      if request.head.method == .post {
        #expect(request.head.path == "/allow_delete")
        state.permissions.append(String(decoding: request.body, as: UTF8.self))
        return (state.permissions.count < 3 ? .serviceUnavailable : .ok, "{}")
      }
      #expect(request.head.path == "/shutdown?wait=5s&known=false")
      state.asked += 1
      guard state.asked > 2 else { throw TransportError(.connect, "refused") }
      return (.ok, #"{"shutdown":\#(state.shutdown)}"#)
    }
    let sent = Mutex(false)
    return try await handle(
      TransportResponse(
        head: HTTPResponse(status: status),
        body: ResponseBody { sent.withLock { $0.take() } ? nil : Array(text.utf8) }))
  }
}

extension Bool {
  fileprivate mutating func take() -> Bool {
    defer { self = true }
    return self
  }
}
