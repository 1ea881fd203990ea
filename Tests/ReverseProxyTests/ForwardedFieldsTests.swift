import HTTPTypes
import NIOCore
import Testing

@testable import ReverseProxy

struct ForwardedFieldsTests {
  private static func upstream(_ lines: [String], trusts: Bool = false) throws -> [String] {
    let text = (["GET / HTTP/1.1", "Host: a"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    let head = try RequestHead(parsing: Array(text.utf8))
    let fields = ForwardedFields.upstream(
      .init(head: head, plan: try RequestPlan(head), peer: "10.0.0.7", trustsForwarded: trusts))
    return fields.map { "\($0.name.rawName): \($0.value)" }
  }

  private static let own = ["X-Forwarded-For: 10.0.0.7", "X-Forwarded-Host: a", "X-Forwarded-Proto: http"]

  @Test(arguments: [
    (["A: b", "a: c"], ["A: b", "a: c"]), (["Connection: X, close", "X: 1", "Y: 2"], ["Y: 2"]),
    (["Keep-Alive: 1", "Proxy-Connection: a", "Proxy-Authorization: Basic x", "Authorization: Bearer y"], []),
    (["Trailer: X"], []), (["Connection: Host, Content-Type", "Content-Type: b"], ["Content-Type: b"]),
    (["X-Forwarded-Host: evil", "X-Forwarded-Proto: https", "X_Forwarded_For: 1.1.1.1"], []),
    (["Forwarded: for=1.1.1.1", "X-Real-IP: 1.1.1.1", "x-real_ip: 2"], []), (["Transfer_Encoding: chunked"], []),
    (["Content_Length: 7"], []), (["Cookie: a=b", "Accept: */*"], ["Cookie: a=b", "Accept: */*"]),
    (["Connection: Upgrade", "Upgrade: h2c"], []),
  ])
  func onlyWhatConcernsTheGameIsPassedOn(lines: [String], kept: [String]) throws {
    #expect(try Self.upstream(lines) == ["Host: a"] + kept + Self.own)
  }

  @Test func theTransferIsFramedAnew() throws {
    #expect(try Self.upstream(["Content-Length: 007"]) == ["Host: a"] + Self.own + ["Content-Length: 7"])
    let chunked = try Self.upstream([
      "Transfer-Encoding: CHUNKED", "Trailer: X", "TE: gzip;q=0, trailers", "Connection: TE",
    ])
    #expect(
      chunked == ["Host: a", "Trailer: X"] + Self.own + [
        "Transfer-Encoding: chunked", "TE: trailers", "Connection: TE",
      ])
  }

  @Test func whereARequestComesFromIsAddedToOrReplaced() throws {
    let lines = ["X-Forwarded-For: 1.1.1.1, 2.2.2.2", "X-Forwarded-For: 3.3.3.3", "Forwarded: for=1.1.1.1"]
    #expect(try Self.upstream(lines) == ["Host: a"] + Self.own)
    #expect(
      try Self.upstream(lines, trusts: true) == [
        "Host: a", "Forwarded: for=1.1.1.1", "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3, 10.0.0.7",
      ] + Self.own.dropFirst())
  }

  @Test func bytesOfAValueStayAsTheyAre() throws {
    let head = try RequestHead(
      parsing: Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xe9, 0xff] + Array("\r\n\r\n".utf8))
    let fields = ForwardedFields.upstream(
      .init(head: head, plan: try RequestPlan(head), peer: "b", trustsForwarded: false))
    let written = MessageWriter.request("GET", "/", fields)
    #expect(Array(written.readableBytesView).contains(0xe9) && Array(written.readableBytesView).contains(0xff))
  }

  @Test(arguments: [
    (["Keep-Alive: 5", "Connection: X", "X: 1", "Y: 2", "Upgrade: a"], 200, ["Y: 2"]),
    (["Content-Length: 5"], 204, []), (["Content-Length: 5"], 304, ["Content-Length: 5"]),
    (["Proxy-Authenticate: Basic", "Set-Cookie: a", "Set-Cookie: b"], 407, ["Set-Cookie: a", "Set-Cookie: b"]),
    (["Upgrade: a", "Connection: upgrade"], 426, ["Upgrade: a", "Connection: Upgrade"]),
  ])
  func theClientGetsWhatConcernsIt(lines: [String], status: Int, kept: [String]) throws {
    let text = (["HTTP/1.1 \(status) B"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    let head = try ResponseHead(parsing: Array(text.utf8))
    let fields = ForwardedFields.client(head, encoder: .plain, closes: false)
    #expect(fields.map { "\($0.name.rawName): \($0.value)" } == kept)
  }
}
