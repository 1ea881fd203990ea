/// What the SDK accepts from clients before it turns them away.
package struct SDKLimits: Sendable, Hashable {
  /// The largest message over gRPC, and the largest body over HTTP, in bytes.
  package var requestBytes = 64 << 10
  /// How long a client may take to send it.
  package var requestTime: Duration = .seconds(10)
  /// How long a change may take over HTTP; over gRPC a client sets its own deadline.
  package var storeTime: Duration = .seconds(30)
  /// The largest sum of all header fields of a request over HTTP, in bytes.
  package var headerBytes = 16 << 10
  /// The largest number of header fields of a request over HTTP.
  package var headerCount = 64
  /// Connections that are served at once, of each kind.
  package var connections = 2_000
  /// Calls at once on one connection over gRPC, watches included.
  package var streams = 2_000
  /// Calls at once, of both kinds together, watches included.
  package var calls = 8_000
  /// Watches at once, of both kinds together.
  package var watchers = 4_000
  /// Time after which a connection is closed on which no call is under way.
  package var idle: Duration = .seconds(600)
  /// Time that calls may take to end once the sidecar is asked to stop.
  package var drain: Duration = .milliseconds(1_500)

  /// Creates limits that suit the games of one Pod.
  package init() {}
}
