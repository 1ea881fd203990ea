package import HTTPTransport

/// How the proxy is set up.
package struct ProxyConfiguration: Sendable, Hashable {
  /// Where clients connect to.
  package var listen: HostPort
  /// The game's own port.
  package var upstream: HostPort
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
    listen: HostPort, upstream: HostPort, realm: String = "game", queryParameter: String? = nil,
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
