import Hummingbird
import HummingbirdCore
import NIOCore

/// What a server accepts from a client before it turns it away.
package struct ServerLimits: Sendable, Hashable {
  /// The largest request body, in bytes; one that is larger is answered with 413.
  package var bodyBytes: Int
  /// How long a client may take to send a body; nil for as long as it sends at all.
  package var bodyTime: Duration?
  /// The largest sum of all header fields of a request, in bytes.
  package var headerBytes: Int
  /// The largest number of header fields of a request.
  package var headerCount: Int
  /// Time without a byte after which a connection is closed, unless a response is on its way on it.
  ///
  /// The head of a request may take no longer either, however many bytes come meanwhile.
  package var idle: Duration
  /// Connections that are served at once; further ones wait in the backlog.
  package var connections: Int
  /// Time that responses which have begun may take to end once the server is asked to stop.
  package var drain: Duration
  /// Whether responses without an announced length end by themselves once a ``TransportListener`` is asked to stop; else
  /// they are broken off at once, as they may last for hours.
  package var streamsEndThemselves = false

  /// Creates limits; the defaults suit a Kubernetes API: bodies of 3 MiB and some slack.
  package init(
    bodyBytes: Int = (3 << 20) + (64 << 10), bodyTime: Duration? = nil, headerBytes: Int = 64 << 10,
    headerCount: Int = 128,
    idle: Duration = .seconds(120), connections: Int = 4096, drain: Duration = .seconds(3)
  ) {
    self.bodyBytes = bodyBytes
    self.bodyTime = bodyTime
    self.headerBytes = headerBytes
    self.headerCount = headerCount
    self.idle = idle
    self.connections = connections
    self.drain = drain
  }

  /// Limits for servers of small JSON bodies: 64 KiB each.
  package static let small = ServerLimits(
    bodyBytes: 64 << 10, bodyTime: .seconds(30), headerBytes: 32 << 10, connections: 512)
}

extension ServerLimits {
  /// The limits as the HTTP/1 pipeline takes them; `handlers` is called once for each connection.
  func channelConfiguration(
    handlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] }
  ) -> HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      additionalChannelHandlers: handlers(),
      idleTimeout: TimeAmount(self.idle),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: self.headerBytes, maxHeaderListSize: self.headerBytes,
        maxHeaderFieldCount: self.headerCount))
  }
}
