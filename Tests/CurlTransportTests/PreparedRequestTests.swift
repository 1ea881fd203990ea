import HTTPTransport
import HTTPTypes
import Testing

@testable import CurlTransport

struct PreparedRequestTests {
  @Test(
    arguments: [
      (nil, "host", "/"), ("ftp", "host", "/"), ("file", "host", "/etc/passwd"), ("http", nil, "/"), ("http", "", "/"),
      ("http", "user@host", "/"), ("http", "host/path", "/"), ("http", "host:0", "/"), ("http", "host:65536", "/"),
      ("http", "host:", "/"), ("http", "ho st", "/"), ("http", "::1", "/"), ("http", "host", "relative"),
      ("http", "host", "/a b"), ("http", "host", "/a#b"), ("http", "host", "/é"), ("http", "host", ""),
    ] as [(String?, String?, String)])
  func refusesWhatIsNotARequest(scheme: String?, authority: String?, path: String) {
    let head = HTTPRequest(method: .get, scheme: scheme, authority: authority, path: path)
    #expect {
      try PreparedRequest(TransportRequest(head: head))
    } throws: { error in
      (error as? TransportError)?.code == .invalidRequest && (error as? TransportError)?.isSafeToRetry == true
    }
  }

  @Test func takesTheAuthorityApart() throws {
    func target(_ scheme: String, _ authority: String) throws -> PreparedRequest.Target {
      try PreparedRequest.Target(HTTPRequest(method: .get, scheme: scheme, authority: authority, path: "/x"))
    }
    let plain = try target("http", "host")
    #expect(plain.host == "host" && plain.port == 80 && !plain.isSecure)
    let secure = try target("https", "a.b-c.example:6443")
    #expect(secure.host == "a.b-c.example" && secure.port == 6443 && secure.isSecure)
    let address = try target("https", "[fd00::1]:8443")
    #expect(address.host == "[fd00::1]" && address.port == 8443)
    let portless = try target("https", "[::1]")
    #expect(portless.host == "[::1]" && portless.port == 443)
  }

  @Test func serverNameIsCheckedInsteadOfTheHost() throws {
    var request = TransportRequest(
      head: HTTPRequest(method: .get, scheme: "https", authority: "10.0.0.1:6443", path: "/version"))
    request.security.serverName = "kubernetes"
    let prepared = try PreparedRequest(request)
    #expect(prepared.url == "https://kubernetes:6443/version")
    #expect(prepared.connectTo == "::10.0.0.1:6443")
    #expect(String(decoding: prepared.headerLines.bytes, as: UTF8.self).contains("Host: 10.0.0.1:6443\0"))
  }

  @Test func streamsHaveAConnectionToThemselves() throws {
    var request = TransportRequest(head: HTTPRequest(method: .get, scheme: "https", authority: "host", path: "/"))
    #expect(try PreparedRequest(request).shape.version == .twoOverTLS)
    request.limits.total = nil
    #expect(try PreparedRequest(request).shape.version == .one)
  }

  @Test func onlyIdempotentBodiesAreRepeatable() throws {
    func upload(_ method: HTTPRequest.Method, _ body: [UInt8]) throws -> PreparedRequest.Upload {
      let head = HTTPRequest(method: method, scheme: "http", authority: "host", path: "/")
      return try PreparedRequest(TransportRequest(head: head, body: body)).shape.upload
    }
    #expect(try upload(.get, []) == .none)
    #expect(try upload(.head, []) == .noneAndNoAnswer)
    #expect(try upload(.delete, [1]) == .repeatable)
    #expect(try upload(.put, []) == .repeatable)
    #expect(try upload(.post, [1]) == .once)
    #expect(try upload(.patch, [1]) == .once)
  }

  @Test func durationsBecomeMilliseconds() {
    #expect(Duration.zero.milliseconds == 1)
    #expect(Duration.seconds(-1).milliseconds == 1)
    #expect(Duration.microseconds(1).milliseconds == 1)
    #expect(Duration.microseconds(1001).milliseconds == 2)
    #expect(Duration.seconds(5).milliseconds == 5000)
    #expect(Duration.seconds(Int64.max).milliseconds == Int(Int32.max))
  }
}
