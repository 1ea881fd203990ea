import TestSupport
import Testing

@testable import ReverseProxy

/// Large bodies between a fast sender and a slow reader.
@Suite(.timeLimit(.minutes(5)))
struct ProxyStreamingTests {
  private static let size = 1 << 30
  /// What the kernel's buffers of four sockets may hold, and ours; far below what is sent.
  private static let mostInFlight = 64 << 20
  private static let chunk = [UInt8](repeating: 0x61, count: 1 << 20)

  /// Passes all of a body from one to the other: the sender as fast as it can, the reader only when nothing more fits.
  private static func pass(from sender: PeerSocket, to reader: PeerSocket) async throws {
    var sent = 0
    var read = 0
    // The reader waits until the sender is stuck: what is in flight then is the most that there ever is.
    sent += try await sender.sendUntilStalled(Self.chunk, upTo: Self.size)
    #expect(sent < Self.mostInFlight, "\(sent) bytes went in while nobody read")
    try await withThrowingTaskGroup(of: Int.self) { group in
      let left = Self.size - sent
      group.addTask {
        for _ in 0..<(left / Self.chunk.count) { try await sender.send(Self.chunk) }
        try await sender.send(Array(Self.chunk.prefix(left % Self.chunk.count)))
        return 0
      }
      group.addTask { try await reader.drain(Self.size) }
      for try await count in group { read += count }
    }
    #expect(read == Self.size)
  }

  @Test func aDownloadOfAGibibyteIsNeverGathered() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /"))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.size)\r\n\r\n")
      _ = try await client.receive(until: "\r\n\r\n")
      try await Self.pass(from: game, to: client)
      try await client.send(ProxyFixture.request("GET /next"))
      #expect(try await game.receive(until: "\r\n").hasPrefix("GET /next "))
    }
  }

  @Test func anUploadOfAGibibyteIsNeverGathered() async throws {
    try await withProxy(limits: ProxyLimits(bodyBytes: 0)) { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("POST /", ["Content-Length: \(Self.size)"]))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await Self.pass(from: client, to: game)
      try await game.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      #expect(try await client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test func aPipeIsNeverGatheredEither() async throws {
    try await withProxy { fixture in
      let client = try await fixture.connect()
      try await client.send(ProxyFixture.request("GET /", ["Connection: Upgrade", "Upgrade: raw"]))
      let game = try await fixture.game.accept()
      _ = try await game.receive(until: "\r\n\r\n")
      try await game.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: raw\r\n\r\n")
      _ = try await client.receive(until: "\r\n\r\n")
      try await Self.pass(from: client, to: game)
    }
  }
}
