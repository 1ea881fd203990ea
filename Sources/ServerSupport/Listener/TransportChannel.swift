import HTTPTransport
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// One connection: HTTP/1.1 over a socket, whose exchanges end when the socket closes.
struct TransportChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value
  let transport: any ClientTransport
  let limits: ServerLimits
  let logger: Logger

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.keepAlive().flatMap { self.http { _, _, _ in }.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async {
    let connection = TransportConnection()
    value.channel.closeFuture.whenComplete { _ in connection.end() }
    let exchange = TransportExchange(
      transport: self.transport, limits: self.limits, connection: connection, logger: self.logger)
    let http = self.http { request, writer, _ in try await exchange.respond(to: request, writer: writer) }
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask {
          await http.handle(value: value, logger: logger)
          connection.end()
        }
        await connection.ended()
        group.cancelAll()
      }
    } onGracefulShutdown: {
      if !self.limits.streamsEndThemselves { connection.stop() }
    }
  }

  private func http(_ responder: @escaping HTTPChannelHandler.Responder) -> HTTP1Channel {
    HTTP1Channel(
      responder: responder,
      configuration: self.limits.channelConfiguration {
        [
          RequestTimeHandler(
            head: TimeAmount(self.limits.idle), body: self.limits.bodyTime.map { TimeAmount($0) }),
          HalfClosureHandler(),
        ]
      })
  }
}

/// Whether a connection's exchanges may go on.
///
/// There is one for each connection, so that an exchange has nothing to register.
final class TransportConnection: Sendable {
  private enum State {
    case serving
    /// A response without an announced length is on its way.
    case streaming
    /// No new stream may begin.
    case stopping
  }

  private let state = Mutex(State.serving)
  private let stream: AsyncStream<Never>
  private let continuation: AsyncStream<Never>.Continuation

  init() {
    (self.stream, self.continuation) = AsyncStream.makeStream(of: Never.self)
  }

  /// Returns once the connection has ended.
  func ended() async {
    for await _ in self.stream {}
  }

  /// The socket has closed: whatever is under way ends.
  func end() {
    self.continuation.finish()
  }

  /// The server stops: a stream ends now, other exchanges may finish.
  func stop() {
    let isStreaming = self.state.withLock { state in
      defer { state = .stopping }
      if case .streaming = state { return true }
      return false
    }
    if isStreaming { self.end() }
  }

  /// A response without an announced length begins.
  func beginStream() {
    let isStopping = self.state.withLock { state in
      if case .stopping = state { return true }
      state = .streaming
      return false
    }
    if isStopping { self.end() }
  }

  /// That response has ended by itself.
  func endStream() {
    self.state.withLock { state in
      if case .streaming = state { state = .serving }
    }
  }
}

/// Closes a connection whose client has closed its own half, after a moment for an answer that is under way.
///
/// Most clients that close their half have gone; only a write could tell, and a silent watch would never write.
final class HalfClosureHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = Any
  static let grace = TimeAmount.seconds(1)

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      context.channel.close(after: Self.grace)
    }
    context.fireUserInboundEventTriggered(event)
  }
}
