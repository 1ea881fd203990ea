import CurlTransport
import HTTPTransport
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import ServerSupport

@Suite(.timeLimit(.minutes(1)))
struct DedicatedStreamsTests {
  @Test(arguments: [false, true])
  func aStreamComesPieceByPieceAndEnds(isSecured: Bool) async throws {
    let identity = isSecured ? try TestIdentity() : nil
    let streams = TestStreams()
    try await withListener(streams, certificate: identity.map { ServerCertificate(chain: $0.chain, key: $0.key) }) {
      port in
      let client = CurlHTTPTransport()
      defer { client.shutdown() }
      let request = Self.request("/watch?a=b", port, identity)
      try await client.withResponse(to: request) { response in
        #expect(response.head.headerFields[.contentType] == "text/plain")
        var chunks = response.body.makeAsyncIterator()
        for text in ["one", "two"] {
          streams.sink?.send(Array(text.utf8))
          let chunk = try await chunks.next()
          #expect(chunk == Array(text.utf8))
        }
        streams.sink?.end()
        streams.sink?.send(Array("late".utf8))
        let end = try await chunks.next()
        #expect(end == nil)
      }
      #expect(streams.left == 1)
      let other = try await client.collect(Self.request("/watches", port, identity))
      #expect(String(decoding: other.body, as: UTF8.self) == "GET /watches")
    }
    #expect(streams.left == 1)
  }

  @Test func aClientThatLeavesIsToldOfOnce() async throws {
    let streams = TestStreams()
    try await withListener(streams) { port in
      for isHalf in [false, true] {
        let client = try await SocketClient(port: port)
        try await client.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try await client.receive(until: "\r\n\r\n")
        let left = streams.left
        if isHalf { try client.finishSending() } else { client.close() }
        try await eventually("it has left") { streams.left == left + 1 }
        streams.sink?.send([1])
        streams.sink?.end()
        if isHalf { _ = try await client.receiveAll() }
      }
    }
    #expect(streams.left == 2)
  }

  @Test func whatIsRefusedIsAnsweredWhole() async throws {
    let streams = TestStreams(refusing: true)
    try await withListener(streams) { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
      let answer = try await client.receiveAll()
      #expect(answer.hasPrefix("HTTP/1.1 429 "))
      #expect(answer.lowercased().contains("content-length: 8\r\n"))
      #expect(answer.lowercased().contains("connection: close\r\n"))
      #expect(answer.hasSuffix("\r\n\r\ntoo many"))
    }
    #expect(streams.left == 0)
  }

  private static func request(_ path: String, _ port: Int, _ identity: TestIdentity?) -> TransportRequest {
    TransportRequest(
      head: HTTPRequest(
        method: .get, scheme: identity == nil ? "http" : "https", authority: "127.0.0.1:\(port)", path: path),
      security: TransportSecurity(certificateAuthority: identity?.authority))
  }
}

/// Says what it was asked, except for streams.
private final class TestStreams: DedicatedStreams {
  private struct State {
    var sink: StreamSink?
    var left = 0
  }

  private let state = Mutex(State())
  private let refusing: Bool

  init(refusing: Bool = false) { self.refusing = refusing }

  /// Where the last stream takes what is sent.
  var sink: StreamSink? { self.state.withLock { $0.sink } }
  /// How many have left.
  var left: Int { self.state.withLock { $0.left } }

  let streamBeginnings = ["GET /watch ", "GET /watch?"]

  func openStream(to sink: StreamSink) -> StreamOpening {
    guard !self.refusing else { return .refused(HTTPResponse(status: .tooManyRequests), body: Array("too many".utf8)) }
    self.state.withLock { $0.sink = sink }
    return .opened(HTTPResponse(status: .ok, headerFields: [.contentType: "text/plain"])) {
      self.state.withLock { $0.left += 1 }
    }
  }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    try await handle(.text("\(request.head.method) \(request.head.path ?? "")"))
  }
}
