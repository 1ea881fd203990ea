import CurlTransport
import HTTPTransport
import HTTPTypes
import ServiceLifecycle
import TestSupport
import Testing

@testable import ServerSupport

@Suite(.timeLimit(.minutes(1)))
struct SecuredListenerTests {
  @Test func servesThoseWhoTrustItsAuthority() async throws {
    let identity = try TestIdentity()
    let transport = ClosureTransport { .text("\($0.head.method) \($0.head.path ?? "") \($0.body.count)") }
    try await withListener(transport, certificate: identity.certificate) { port in
      try await Self.withClient { client in
        let large = [UInt8](repeating: 1, count: 1 << 20)
        for body in [[], large] {
          let answer = try await client.collect(Self.request(port, body: body, trusting: identity.authority))
          #expect(answer.head.status == .ok)
          #expect(String(decoding: answer.body, as: UTF8.self) == "POST /a \(body.count)")
        }
      }
    }
  }

  @Test func isRefusedByThoseWhoDoNot() async throws {
    let identity = try TestIdentity()
    let stranger = try TestIdentity()
    try await withListener(ClosureTransport { _ in .text("secret") }, certificate: identity.certificate) { port in
      try await Self.withClient { client in
        for authority in [nil, stranger.authority] {
          let error = await #expect(throws: TransportError.self) {
            try await client.collect(Self.request(port, body: [], trusting: authority))
          }
          #expect(error?.code == .security)
        }
      }
    }
  }

  @Test func speaksNothingButTLS() async throws {
    let identity = try TestIdentity()
    try await withListener(ClosureTransport { _ in .text("secret") }, certificate: identity.certificate) { port in
      let client = try await SocketClient(port: port)
      try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      let received = try await client.receiveAll()
      #expect(!received.contains("secret") && !received.contains("HTTP/1.1 200"))
    }
  }

  @Test func streamsEachChunkAsItComesAndEndsWhenTheClientLeaves() async throws {
    let identity = try TestIdentity()
    let (chunks, source) = AsyncStream.makeStream(of: String.self)
    let (cancelled, didCancel) = AsyncStream.makeStream(of: Void.self)
    source.onTermination = { _ in didCancel.finish() }
    try await withListener(ClosureTransport { _ in .stream(chunks) }, certificate: identity.certificate) { port in
      try await Self.withClient { client in
        try await client.withResponse(to: Self.request(port, body: [], trusting: identity.authority)) { response in
          var iterator = response.body.makeAsyncIterator()
          for text in ["one", "two"] {
            source.yield(text)
            let chunk = try await iterator.next()
            #expect(chunk == Array(text.utf8))
          }
        }
        for await _ in cancelled {}
      }
    }
  }

  @Test func aServiceAsksClientsForTheirCertificate() async throws {
    let identity = try TestIdentity()
    let stranger = try TestIdentity()
    let router = HTTPService.router()
    router.addHealthRoutes()
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let certificate = ServerCertificate(
      chain: identity.chain, key: identity.key, clientAuthority: identity.authority)
    let service = HTTPService(
      router, host: "127.0.0.1", port: 0, identity: ServerIdentity(certificate), logger: .silent
    ) {
      port.yield($1)
      port.finish()
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      for await port in ports {
        try await Self.withClient { client in
          var request = Self.request(port, body: [], trusting: identity.authority)
          request.head.method = .get
          request.head.path = "/healthz"
          for (presented, isLetIn) in [(identity, true), (stranger, false), (nil, false)] as [(TestIdentity?, Bool)] {
            request.security.clientCertificate = presented?.chain
            request.security.clientKey = presented?.key
            let answer: CollectedResponse?
            do { answer = try await client.collect(request) } catch is TransportError { answer = nil }
            #expect((answer?.head.status == .ok) == isLetIn)
          }
        }
      }
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  @Test func aServiceIsNotStartedWithABadCertificate() async throws {
    let one = try TestIdentity()
    let other = try TestIdentity()
    for certificate in [
      ServerCertificate(chain: one.chain, key: other.key),
      ServerCertificate(chain: one.chain, key: one.key, clientAuthority: Array("garbage".utf8)),
    ] {
      let service = HTTPService(
        HTTPService.router(), host: "127.0.0.1", port: 0, identity: ServerIdentity(certificate), logger: .silent)
      let error = await #expect(throws: ListenError.self) { try await service.run() }
      #expect(error?.code == .certificateUnusable)
    }
  }

  @Test func aKeyOfAnotherCertificateIsRefusedAtTheStart() async throws {
    let one = try TestIdentity()
    let other = try TestIdentity()
    for certificate in [
      ServerCertificate(chain: one.chain, key: other.key), ServerCertificate(chain: [1, 2], key: one.key),
      ServerCertificate(chain: one.chain, key: Array("garbage".utf8)),
    ] {
      let listener = TransportListener(
        serving: ClosureTransport { _ in .text("") }, host: "127.0.0.1", port: 0, certificate: certificate,
        logger: .silent)
      let error = await #expect(throws: ListenError.self) { try await listener.run() }
      #expect(error?.code == .certificateUnusable)
    }
  }

  @Test func aNewCertificateIsShownFromTheNextConnectionOn() async throws {
    let old = try TestIdentity()
    let new = try TestIdentity()
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let listener = TransportListener(
      serving: ClosureTransport { _ in .text("hello") }, host: "127.0.0.1", port: 0, certificate: old.certificate,
      logger: .silent
    ) { port.yield($1) }
    try listener.show(new.certificate)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await listener.run() }
      let number = try #require(await ports.first { _ in true })
      let answer = { (authority: [UInt8]) in
        try await Self.withClient { client in
          _ = try await client.collect(Self.request(number, body: [], trusting: authority))
        }
      }
      try await answer(old.authority)
      #expect(throws: ListenError.self) {
        try listener.show(ServerCertificate(chain: new.chain, key: old.key))
      }
      try await answer(old.authority)
      try listener.show(new.certificate)
      try await answer(new.authority)
      await #expect(throws: TransportError.self) { try await answer(old.authority) }
      group.cancelAll()
      // Ends by cancellation, which is no failure of the test.
      do { try await group.waitForAll() } catch is CancellationError {}
    }
  }

  private static func request(_ port: Int, body: [UInt8], trusting authority: [UInt8]?) -> TransportRequest {
    TransportRequest(
      head: HTTPRequest(method: .post, scheme: "https", authority: "127.0.0.1:\(port)", path: "/a"), body: body,
      security: TransportSecurity(certificateAuthority: authority))
  }

  private static func withClient(_ body: (CurlHTTPTransport) async throws -> Void) async throws {
    let client = CurlHTTPTransport()
    defer { client.shutdown() }
    try await body(client)
  }
}

extension TestIdentity {
  fileprivate var certificate: ServerCertificate { ServerCertificate(chain: self.chain, key: self.key) }
}
