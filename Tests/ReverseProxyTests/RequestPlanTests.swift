import HTTPTypes
import Testing

@testable import ReverseProxy

/// What is let through of a request's framing, and what is not.
struct RequestPlanTests {
  private static func plan(_ text: String) throws -> RequestPlan {
    try RequestPlan(RequestHead(parsing: Array(text.replacing("\n", with: "\r\n").utf8)))
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\nHost: a\n\n", BodyLength.none, true), ("GET / HTTP/1.0\n\n", .none, false),
    ("GET / HTTP/1.1\nHost:\nConnection: close\n\n", .none, false),
    ("POST / HTTP/1.1\nHost: a:1\nContent-Length: 0\n\n", .counted(0), true),
    ("POST / HTTP/1.1\nHost: [::1]:80\nContent-Length: \t 12 \n\n", .counted(12), true),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: Chunked\n\n", .chunked, true),
    ("OPTIONS * HTTP/1.1\nHost: a\n\n", .none, true), ("GET http://A/b HTTP/1.1\nHost: a\n\n", .none, true),
    ("GET / HTTP/1.1\nHost: a\nExpect: 100-Continue\n\n", .none, true),
  ])
  func aSoundRequestIsTaken(text: String, body: BodyLength, keepsAlive: Bool) throws {
    let plan = try Self.plan(text)
    #expect(plan.body == body)
    #expect(plan.keepsAlive == keepsAlive)
  }

  @Test(arguments: [
    "GET / HTTP/1.1\n\n", "GET / HTTP/1.1\nHost: a\nHost: a\n\n", "GET / HTTP/1.1\nHost: a/b\n\n",
    "GET / HTTP/1.1\nHost: a, b\n\n", "GET / HTTP/1.1\nHost: a@b\n\n",
    "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nTransfer-Encoding: chunked\n\n",
    "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 1\n\n",
    "POST / HTTP/1.1\nHost: a\nContent-Length: 1, 1\n\n", "POST / HTTP/1.1\nHost: a\nContent-Length: +1\n\n",
    "POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\n", "POST / HTTP/1.1\nHost: a\nContent-Length:\n\n",
    "POST / HTTP/1.1\nHost: a\nContent-Length: 0x1\n\n", "POST / HTTP/1.1\nHost: a\nContent-Length: 1 2\n\n",
    "POST / HTTP/1.1\nHost: a\nContent-Length: 9999999999999999999\n\n",
    "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n",
    "POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked\n\n",
    "GET http://b/ HTTP/1.1\nHost: a\n\n", "GET https://a/ HTTP/1.1\nHost: a\n\n", "GET * HTTP/1.1\nHost: a\n\n",
    "GET a HTTP/1.1\nHost: a\n\n",
  ])
  func whatCouldBeReadInTwoWaysIsABadRequest(text: String) throws {
    let refusal = #expect(throws: Refusal.self) { try Self.plan(text) }
    #expect(refusal?.status == .badRequest)
  }

  @Test(arguments: [
    ("CONNECT a:1 HTTP/1.1\nHost: a:1\n\n", 501), ("TRACE / HTTP/1.1\nHost: a\n\n", 501),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n", 501),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n", 501),
    ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding:\n\n", 501),
    ("POST / HTTP/1.1\nHost: a\nExpect: a miracle\n\n", 417),
  ])
  func whatIsNotDoneIsSaid(text: String, status: Int) throws {
    let refusal = #expect(throws: Refusal.self) { try Self.plan(text) }
    #expect(refusal?.status.code == status)
  }

  @Test(arguments: [
    "GET / HTTP/1.1\nHost : a\n\n", "GET / HTTP/1.1\nHost: a\n folded\n\n", "GET / HTTP/1.1\n Host: a\n\n",
    "GET / HTTP/1.1\nHost\n\n", "GET / HTTP/1.1\n: a\n\n", "GET / HTTP/1.1\nA b: c\n\n", "GET  / HTTP/1.1\n\n",
    "GET / HTTP/1.1 \n\n", "GET /\n\n", "\nGET / HTTP/1.1\n\n", "GET / HTTP/1.2\n\n", "GET / HTTP/2.0\n\n",
    "GET / http/1.1\n\n", "G(T / HTTP/1.1\n\n", "GET /\u{e9} HTTP/1.1\n\n", "GET /#a HTTP/1.1\n\n",
    " GET / HTTP/1.1\n\n",
    "GET / HTTP/1.1\nTransfer\u{e9}: a\n\n", "GET / HTTP/01.1\n\n",
  ])
  func aHeadThatDepartsFromTheGrammarIsNone(text: String) {
    #expect(throws: MessageError.self) { try RequestHead(parsing: Array(text.replacing("\n", with: "\r\n").utf8)) }
  }

  @Test(arguments: [
    ("Upgrade: websocket\nConnection: keep-alive, UPGRADE", "websocket" as String?), ("Upgrade: websocket", nil),
    ("Connection: upgrade", nil), ("Upgrade: h2c\nConnection: upgrade", nil),
    ("Upgrade: websocket\nConnection: upgrade\nContent-Length: 3", nil),
    ("Upgrade: a\nUpgrade: b\nConnection: upgrade", "a, b"),
  ])
  func anUpgradeIsOfferedOnlyWhereItCanBeTaken(lines: String, upgrade: String?) throws {
    #expect(try Self.plan("GET / HTTP/1.1\nHost: a\n\(lines)\n\n").upgrade == upgrade)
  }

  @Test func aTargetWithAHostLosesIt() throws {
    #expect(try Self.plan("GET http://a:80/b?c HTTP/1.1\nHost: A:80\n\n").target == "/b?c")
    #expect(try Self.plan("GET HTTP://a?c HTTP/1.1\nHost: a\n\n").target == "/?c")
    #expect(try Self.plan("GET //b/c HTTP/1.1\nHost: a\n\n").target == "//b/c")
  }
}
