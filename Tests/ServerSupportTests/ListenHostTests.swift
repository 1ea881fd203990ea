import HTTPTransport
import Hummingbird
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServerSupport

/// Servers listen on both families by default.
@Suite(.timeLimit(.minutes(1)))
struct ListenHostTests {
  @Test func everyAddressIsThatOfBothFamiliesWhereTheKernelHasThem() {
    #expect(ListenHost.bindAddress(of: "*", hasDualStack: true) == "::")
    #expect(ListenHost.bindAddress(of: "*", hasDualStack: false) == "0.0.0.0")
    for host in ["0.0.0.0", "::", "127.0.0.1", "::1", "localhost"] {
      #expect(ListenHost.bindAddress(of: host, hasDualStack: true) == host)
      #expect(ListenHost.bindAddress(of: host, hasDualStack: false) == host)
    }
  }

  @Test(.enabled(if: ListenHost.hasDualStack), arguments: ["127.0.0.1", "::1"])
  func aServiceAnswersOverBothFamilies(address: String) async throws {
    let router = HTTPService.router()
    router.get("peer") { _, context in "\(context.peer.address ?? "none") \(context.peer.isSameHost)\n" }
    let (ports, port) = AsyncStream.makeStream(of: (String, Int).self)
    let service = HTTPService(router, host: "*", port: 0, logger: .silent) { port.yield(($0, $1)) }
    try await Self.run(service) {
      var iterator = ports.makeAsyncIterator()
      let (host, port) = try #require(await iterator.next())
      #expect("\(HostPort(host: host, port: port))" == "[::]:\(port)")
      let client = try await SocketClient(host: address, port: port)
      try await client.send("GET /peer HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await client.receive(until: "true\n").hasSuffix("\r\n\r\n\(address) true\n"))
    }
  }

  @Test(.enabled(if: ListenHost.hasDualStack), arguments: ["127.0.0.1", "::1"])
  func aTransportIsServedOverBothFamilies(address: String) async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let listener = TransportListener(
      serving: ClosureTransport { _ in .text("here\n") }, host: "*", port: 0, logger: .silent
    ) { port.yield($1) }
    try await Self.run(listener) {
      var iterator = ports.makeAsyncIterator()
      let client = try await SocketClient(host: address, port: try #require(await iterator.next()))
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await client.receive(until: "here\n").contains(" 200 "))
    }
  }

  @Test(.enabled(if: ListenHost.hasDualStack))
  func aTakenIPv6PortIsNamedInBrackets() async throws {
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let first = HTTPService(HTTPService.router(), host: "::1", port: 0, logger: .silent) { port.yield($1) }
    try await Self.run(first) {
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let second = HTTPService(HTTPService.router(), host: "::1", port: port, logger: .silent)
      let error = await #expect(throws: ListenError.self) { try await second.run() }
      #expect(error?.message == "[::1]:\(port) is already in use")
    }
  }

  @Test func aPeerThatCameToBothFamiliesHasItsOwnAddress() {
    #expect(Peer(address: "::ffff:192.0.2.1", local: "::ffff:192.0.2.9") == Peer(address: "192.0.2.1", local: nil))
    #expect(Peer(address: "::FFFF:192.0.2.9", local: "::ffff:192.0.2.9").isSameHost)
    #expect(Peer(address: "::ffff:127.0.0.1", local: "::ffff:192.0.2.9").isSameHost)
    #expect(Peer(address: "::1", local: "fd00::9").isSameHost)
    #expect(Peer(address: "fd00::9", local: "fd00::9").isSameHost)
    // Neither a gateway's form of a loopback address nor a name that begins like one is loopback.
    for stranger in ["64:ff9b::7f00:1", "::127.0.0.1", "fd00::1", "::ffff:0:127.0.0.1"] {
      #expect(!Peer(address: stranger, local: "fd00::9").isSameHost)
    }
  }

  /// Runs `body` beside a service, and stops it afterwards.
  private static func run(_ service: any Service, _ body: @Sendable () async throws -> Void) async throws {
    let group = ServiceGroup(services: [service], logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      defer { tasks.cancelAll() }
      try await body()
    }
  }
}
