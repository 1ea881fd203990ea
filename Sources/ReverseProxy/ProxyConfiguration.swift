/// How the proxy is set up.
package struct ProxyConfiguration: Sendable, Hashable {
  /// A host and a port.
  package struct Address: Sendable, Hashable, CustomStringConvertible {
    /// An address or a name.
    package var host: String
    /// From 1 to 65535; to listen, also 0 for any that is free.
    package var port: Int

    /// Creates an address.
    package init(host: String, port: Int) {
      self.host = host
      self.port = port
    }

    /// `host:port`, an IPv6 address in brackets.
    package var description: String {
      self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
  }

  /// Where clients connect to.
  package var listen: Address
  /// The game's own port.
  package var upstream: Address
  /// The realm that a client without a token is told: visible ASCII and spaces, without quotes and backslashes.
  package var realm: String
  /// The name of the query item that may hold a token, for browsers' WebSockets; nil for none.
  package var queryParameter: String?
  /// Whether what clients say of where a request comes from is passed on: another proxy stands in front.
  package var trustsForwarded: Bool
  /// What is accepted.
  package var limits: ProxyLimits

  /// Creates a configuration.
  package init(
    listen: Address, upstream: Address, realm: String = "game", queryParameter: String? = nil,
    trustsForwarded: Bool = false, limits: ProxyLimits = ProxyLimits()
  ) {
    self.listen = listen
    self.upstream = upstream
    self.realm = realm
    self.queryParameter = queryParameter
    self.trustsForwarded = trustsForwarded
    self.limits = limits
  }
}
