import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Answers one request for a stream, the only one of its connection, on the event loop alone.
///
/// ```
/// asked ──the request is whole──▶ open ──the stream ends, or is refused──▶ leaving ──▶ closed
/// ```
/// A client that reads slowly misses what was sent in between, and never the last.
final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum State {
    case asked(HTTPRequestHead?)
    case open(onLeave: @Sendable () -> Void)
    case leaving
  }

  /// How long a client may take to read what was written before the end, be it ours or its own.
  private static let grace = TimeAmount.seconds(1)

  private let streams: any DedicatedStreams
  /// How long a client may take to send its request.
  private let patience: TimeAmount
  private var state = State.asked(nil)
  private var timer: Scheduled<Void>?
  /// What the client is to be sent once it reads on.
  private var pending: [UInt8]?

  private init(streams: any DedicatedStreams, patience: Duration) {
    self.streams = streams
    self.patience = TimeAmount(patience)
  }

  /// Puts the handler on a connection, behind those of HTTP; to be called on its event loop.
  static func add(to channel: any Channel, streams: any DedicatedStreams, limits: ServerLimits) throws {
    var decoding = NIOHTTPDecoderLimitConfiguration()
    decoding.maxHeaderFieldSize = limits.headerBytes
    decoding.maxHeaderListSize = limits.headerBytes
    decoding.maxHeaderFieldCount = limits.headerCount
    // One piece is on its way at most, so that a client that stands still costs no more than that.
    try channel.syncOptions?.setOption(.writeBufferWaterMark, value: .init(low: 1, high: 1))
    try channel.pipeline.syncOperations.addHandlers(
      HTTPResponseEncoder(),
      ByteToMessageHandler(
        HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: decoding)),
      HTTPServerProtocolErrorHandler(), StreamHandler(streams: streams, patience: limits.bodyTime ?? limits.idle))
  }

  func handlerAdded(context: ChannelHandlerContext) { self.close(context.channel, after: self.patience) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What comes after the request is not answered, and not even HTTP any more.
    guard case .asked(let head) = self.state else { return }
    switch self.unwrapInboundIn(data) {
    case .head(let head): self.state = .asked(head)
    case .body: ()
    case .end:
      if let head { self.begin(head.version, context) }
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, let bytes = self.pending.take() { self.write(bytes, context) }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.leave()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // Whoever sends ends a stream, so that it is whole for its client.
    if event is ChannelShouldQuiesceEvent, case .asked = self.state { context.close(promise: nil) }
    // Most clients that close their half have gone; only a write could tell, and a silent stream would never write.
    if event as? ChannelEvent == .inputClosed { self.close(context.channel, after: Self.grace) }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: The stream

  fileprivate func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
    guard case .open = self.state else { return }
    if context.channel.isWritable { self.write(bytes, context) } else { self.pending = bytes }
  }

  fileprivate func end(_ context: ChannelHandlerContext) {
    guard case .open = self.state else { return }
    self.leave()
    if let bytes = self.pending.take() { self.write(bytes, context) }
    self.finish(context)
  }

  private func begin(_ version: HTTPVersion, _ context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.timer = nil
    let sink = StreamSink(bound: NIOLoopBound((self, context), eventLoop: context.eventLoop))
    switch self.streams.openStream(to: sink) {
    case .opened(let head, let onLeave):
      self.state = .open(onLeave: onLeave)
      // At once, as what is sent first may be long in coming.
      self.writeHead(head, version, context)
      context.flush()
      Self.removeParser(context)
    case .refused(var head, let body):
      self.state = .leaving
      head.headerFields[.contentLength] = String(body.count)
      self.writeHead(head, version, context)
      context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
      self.finish(context)
    }
  }

  private func leave() {
    guard case .open(let onLeave) = self.state else { return }
    self.state = .leaving
    onLeave()
  }

  // MARK: The connection

  private func writeHead(_ head: HTTPResponse, _ version: HTTPVersion, _ context: ChannelHandlerContext) {
    var headers = HTTPHeaders(head.headerFields)
    headers.replaceOrAdd(name: "Connection", value: "close")
    let head = HTTPResponseHead(version: version, status: .init(statusCode: head.status.code), headers: headers)
    context.write(self.wrapOutboundOut(.head(head)), promise: nil)
  }

  private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
    context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
  }

  /// Ends the answer, and the connection with it.
  private func finish(_ context: ChannelHandlerContext) {
    let channel = context.channel
    context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    self.close(channel, after: Self.grace)
  }

  private func close(_ channel: any Channel, after time: TimeAmount) {
    self.timer?.cancel()
    self.timer = channel.close(after: time)
  }

  /// It is larger than all the rest of a stream.
  private static func removeParser(_ context: ChannelHandlerContext) {
    let pipeline = context.pipeline.syncOperations
    for handler in [
      // They are there unless the connection has closed.
      try? pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self),
      try? pipeline.context(handlerType: HTTPServerProtocolErrorHandler.self),
    ] {
      if let handler { pipeline.removeHandler(context: handler, promise: nil) }
    }
  }
}

/// Takes what is sent on a stream that has a connection to itself, from anywhere and at once.
package struct StreamSink: Sendable {
  fileprivate let bound: NIOLoopBound<(StreamHandler, ChannelHandlerContext)>

  /// Sends a piece, or keeps it in place of an older one that a slow client has not come to.
  package func send(_ bytes: [UInt8]) {
    self.bound.eventLoop.execute {
      let (handler, context) = self.bound.value
      handler.send(bytes, context)
    }
  }

  /// Ends the stream after what was sent last.
  package func end() {
    self.bound.eventLoop.execute {
      let (handler, context) = self.bound.value
      handler.end(context)
    }
  }
}
