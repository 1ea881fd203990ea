import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes the connection of a client that sends its request so slowly that it only holds the connection.
///
/// The idle timeout counts from the last byte, so a byte now and then would do. This counts from where a request may
/// begin: the connection itself, or the end of the response before.
final class RequestTimeHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart

  private let head: TimeAmount
  private let body: TimeAmount?
  private var timer: Scheduled<Void>?
  /// Requests that have come and are not answered.
  private var unanswered = 0

  /// - Parameters:
  ///   - head: until the head is complete, counted from where it may begin.
  ///   - body: until the body is complete, counted from the head; nil for as long as it likes.
  init(head: TimeAmount, body: TimeAmount?) {
    self.head = head
    self.body = body
  }

  func handlerAdded(context: ChannelHandlerContext) { self.start(self.head, context) }

  func handlerRemoved(context: ChannelHandlerContext) { self.timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) {
    self.timer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch self.unwrapInboundIn(data) {
    case .head:
      self.unanswered += 1
      self.start(self.body, context)
    case .body: ()
    case .end: self.start(nil, context)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = self.unwrapOutboundIn(data) {
      self.unanswered -= 1
      if self.unanswered == 0 { self.start(self.head, context) }
    }
    context.write(data, promise: promise)
  }

  private func start(_ time: TimeAmount?, _ context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.timer = time.map { context.channel.close(after: $0) }
  }
}
