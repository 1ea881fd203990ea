/// What the proxy accepts from clients and from the upstream server, before it gives up on them.
package struct ProxyLimits: Sendable, Hashable {
  /// The largest head of a request, in bytes; more is answered with 431.
  package var headerBytes: Int
  /// The largest body of a request, in bytes; more is answered with 413, and 0 is no limit.
  package var bodyBytes: Int
  /// Time in which a request's head must come; more is answered with 408.
  package var head: Duration
  /// Time without a byte from either side after which a connection is closed.
  package var idle: Duration
  /// Time in which the upstream server must take a connection.
  package var connect: Duration
  /// Time from the end of a request to the head of its response.
  package var response: Duration
  /// Clients' connections that are served at once; further ones are closed.
  package var connections: Int
  /// Time that exchanges may take to end once the proxy is asked to stop.
  package var drain: Duration

  /// Creates limits.
  package init(
    headerBytes: Int = 16 << 10, bodyBytes: Int = 10 << 20, head: Duration = .seconds(10),
    idle: Duration = .seconds(60), connect: Duration = .seconds(2), response: Duration = .seconds(30)
  ) {
    self.headerBytes = headerBytes
    self.bodyBytes = bodyBytes
    self.head = head
    self.idle = idle
    self.connect = connect
    self.response = response
    self.connections = 1024
    self.drain = .seconds(2)
  }
}
