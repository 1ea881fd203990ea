import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// The connection over which a request has come: who is at its other end, and when it closes.
final class ServiceConnection: Sendable {
  /// The connection of the request that this task answers.
  @TaskLocal static var current: ServiceConnection?

  let peer: Peer
  /// Whether the service is to stop.
  let stop: ServiceStop

  private struct State {
    var isClosed = false
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var last: UInt64 = 0
  }

  private let state = Mutex(State())

  init(peer: Peer, stop: ServiceStop) {
    self.peer = peer
    self.stop = stop
  }

  /// The connection has closed, or its client's half.
  func close() {
    let waiting = self.state.withLock { state in
      state.isClosed = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Returns when the connection has closed, or the task is cancelled.
  func closed() async {
    let number: UInt64 = self.state.withLock { state in
      state.last += 1
      return state.last
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = self.state.withLock { state in
          guard !state.isClosed, !Task.isCancelled else { return true }
          state.waiting[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      self.state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
  }
}

/// Lets the requests of a connection know of it.
struct ConnectionChannel: ServerChildChannel {
  let responder: HTTPChannelHandler.Responder
  let limits: ServerLimits
  let stop: ServiceStop

  struct Value: ServerChildChannelValue {
    let base: HTTP1Channel.Value
    let connection: ServiceConnection
    var channel: any Channel { self.base.channel }
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    let connection = ServiceConnection(peer: Peer(channel), stop: self.stop)
    channel.closeFuture.whenComplete { _ in connection.close() }
    return self.http(connection).setup(channel: channel, logger: logger).map { Value(base: $0, connection: connection) }
  }

  func handle(value: Value, logger: Logger) async {
    await ServiceConnection.$current.withValue(value.connection) {
      await self.http(value.connection).handle(value: value.base, logger: logger)
    }
  }

  private func http(_ connection: ServiceConnection) -> HTTP1Channel {
    HTTP1Channel(
      responder: self.responder,
      configuration: self.limits.channelConfiguration {
        [
          RequestTimeHandler(
            head: TimeAmount(self.limits.idle), body: self.limits.bodyTime.map { TimeAmount($0) }),
          DepartureHandler(connection: connection),
        ]
      })
  }
}

/// Notices a client that has closed its own half: it may have gone, or wait for an answer that is under way.
private final class DepartureHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny
  private let connection: ServiceConnection

  init(connection: ServiceConnection) { self.connection = connection }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { self.connection.close() }
    context.fireUserInboundEventTriggered(event)
  }
}
