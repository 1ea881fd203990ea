import HTTPTypes
import Testing

@testable import SidecarPlugins

struct WebAddressTests {
  @Test(arguments: [
    ("http://a", "http", "a", 80, "/", nil as String?),
    ("HTTPS://A.Example.:8443/b/c?d=e#f", "https", "a.example", 8443, "/b/c", "d=e"),
    ("http://[::1]:80/x", "http", "::1", 80, "/x", nil), ("https://a?q", "https", "a", 443, "/", "q"),
  ])
  func takesURLsApart(text: String, scheme: String, host: String, port: Int, path: String, query: String?) throws {
    let address = try WebAddress(text)
    #expect(address.scheme == scheme)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.path == path)
    #expect(address.query == query)
  }

  @Test(arguments: [
    "", "a", "ftp://a", "http://", "http:///x", "http://u@a", "http://u:p@a/", "http://a:0", "http://a:65536",
    "http://a:",
    "http://a:+1", "http://a b", "http://a/\n", "http://a\\@b", "http://é", "http://[x]", "http://[::1", "http://a,b",
  ])
  func refusesAnythingElse(text: String) {
    #expect(throws: WebAddressFault.self) { try WebAddress(text) }
  }

  @Test(arguments: [
    ("http://cdn/patches/v1/a.pak", true), ("http://cdn:80/patches/a", true), ("http://CDN./patches", true),
    ("http://cdn/p%61tches/a", true), ("http://cdn/patches-other/a", false), ("http://cdn/patchesa", false),
    ("https://cdn/patches/a", false), ("http://cdn:81/patches/a", false), ("http://cdn.evil/patches/a", false),
    ("http://cdn/patches/../secret", false), ("http://cdn/patches/%2e%2e/secret", false), ("http://cdn/", false),
    ("http://cdn/%70atches%2fa", false), ("http://cdn//patches/a", false),
  ])
  func aPrefixEndsAtASegment(text: String, isBelow: Bool) throws {
    for prefix in ["http://cdn/patches", "http://cdn/patches/"] {
      #expect(try WebAddress(text).isBelow(WebAddress(prefix)) == isBelow)
    }
  }
}
