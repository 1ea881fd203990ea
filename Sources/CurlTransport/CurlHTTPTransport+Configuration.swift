extension CurlHTTPTransport {
  /// How many connections are kept, for how long, and how much of an answer is held in memory.
  package struct Configuration: Sendable, Hashable {
    /// The most connections to one host at once; nil for no bound, so that long streams never starve short requests.
    package var connectionsPerHost: Int?
    /// The most connections at once; nil for no bound.
    package var connections: Int?
    /// The most connections that are kept open; those beyond it are closed as soon as nothing uses them.
    package var idleConnections: Int
    /// A connection that was idle for longer is closed, whether anything else goes on or not.
    ///
    /// It counts in whole seconds, at least one.
    package var idleConnectionAge: Duration
    /// How long a name's addresses are remembered.
    package var addressAge: Duration
    /// Bytes of one body that may wait for their reader; beyond them the peer is made to wait.
    package var bufferedBytes: Int
    /// The largest head of a response, status lines, fields and trailers together, in bytes.
    package var headBytes: Int

    /// Creates a configuration; the defaults suit a controller.
    package init(
      connectionsPerHost: Int? = nil, connections: Int? = nil, idleConnections: Int = 2048,
      idleConnectionAge: Duration = .seconds(60), addressAge: Duration = .seconds(15)
    ) {
      self.connectionsPerHost = connectionsPerHost
      self.connections = connections
      self.idleConnections = idleConnections
      self.idleConnectionAge = idleConnectionAge
      self.addressAge = addressAge
      self.bufferedBytes = 256 << 10
      self.headBytes = 64 << 10
    }

    /// ``idleConnectionAge`` as libcurl counts it.
    var idleSeconds: Int { max(Int(self.idleConnectionAge.components.seconds), 1) }
  }
}
