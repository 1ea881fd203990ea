/// A host and a port.
package struct HostPort: Sendable, Hashable, CustomStringConvertible {
  /// A name, an IPv4 address, or an IPv6 address without brackets.
  package var host: String
  /// From 1 to 65535; to listen, also 0 for any that is free.
  package var port: Int

  /// Creates a pair.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// `host:port`, an IPv6 address in brackets, as in the authority of a URL (RFC 3986, section 3.2.2).
  package var description: String { "\(Self.bracketed(self.host)):\(self.port)" }

  /// A host as the authority of a URL holds it: an IPv6 address in brackets, anything else as it is.
  package static func bracketed(_ host: String) -> String {
    host.utf8.contains(UInt8(ascii: ":")) && host.utf8.first != UInt8(ascii: "[") ? "[\(host)]" : host
  }
}
