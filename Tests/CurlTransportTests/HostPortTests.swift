import HTTPTransport
import Testing

@Suite struct HostPortTests {
  @Test(
    arguments: [
      ("studio.example", 8000, "studio.example:8000"), ("127.0.0.1", 0, "127.0.0.1:0"), ("::1", 80, "[::1]:80"),
      ("fd00::a", 65_535, "[fd00::a]:65535"), ("[fd00::a]", 1, "[fd00::a]:1"), ("*", 8080, "*:8080"),
    ] as [(String, Int, String)])
  func iPv6AddressesAreBracketed(host: String, port: Int, text: String) {
    #expect("\(HostPort(host: host, port: port))" == text)
  }
}
