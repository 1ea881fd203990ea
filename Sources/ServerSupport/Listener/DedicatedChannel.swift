import HummingbirdCore
import Logging
import NIOCore

/// Serves connections that are dedicated to a stream on their event loop, and leaves the others to another channel.
struct DedicatedChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let streams: any DedicatedStreams
  let limits: ServerLimits

  struct Value: ServerChildChannelValue {
    let channel: any Channel
    /// Nil for a connection that the base need not care for.
    let choice: EventLoopFuture<Base.Value?>
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      // Requests are small, and each connection keeps a buffer of the size in which it was last read.
      try channel.syncOptions?.setOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 256, maximum: 64 << 10))
      let promise = channel.eventLoop.makePromise(of: Base.Value?.self)
      let handler = FirstBytesHandler(
        beginnings: self.streams.streamBeginnings.map { Array($0.utf8) }, patience: TimeAmount(self.limits.idle)
      ) { isStream in
        guard isStream else {
          return self.base.setup(channel: channel, logger: logger).map { promise.succeed($0) }
        }
        return channel.keepAlive().flatMapThrowing {
          try StreamHandler.add(to: channel, streams: self.streams, limits: self.limits)
        }
      } onEnd: {
        // What was promised already stays. The future of the connection's end would keep it for hours.
        promise.succeed(nil)
      }
      do {
        try channel.pipeline.syncOperations.addHandler(handler)
      } catch {
        promise.succeed(nil)
        throw error
      }
      return Value(channel: channel, choice: promise.futureResult)
    }
  }

  func handle(value: Value, logger: Logger) async {
    let base = await withTaskCancellationHandler {
      // It never fails: a connection that cannot be set up is closed.
      try? await value.choice.get()
    } onCancel: {
      value.channel.close(promise: nil)
    }
    guard let base = base ?? nil else { return }
    await self.base.handle(value: base, logger: logger)
  }
}

/// Looks at the first bytes of a connection, chooses the handlers that come after it, and leaves.
private final class FirstBytesHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let beginnings: [[UInt8]]
  private let patience: TimeAmount
  private let choose: (_ isStream: Bool) -> EventLoopFuture<Void>
  private let onEnd: () -> Void
  private var bytes: ByteBuffer?
  private var isChosen = false
  private var timer: Scheduled<Void>?

  /// - Parameters:
  ///   - beginnings: what streams begin with.
  ///   - patience: how long a client may take to say what it wants.
  ///   - choose: called once what it wants is known.
  ///   - onEnd: called when the handler has left, because that is done or the connection has ended before.
  init(
    beginnings: [[UInt8]], patience: TimeAmount, choose: @escaping (_ isStream: Bool) -> EventLoopFuture<Void>,
    onEnd: @escaping () -> Void
  ) {
    self.beginnings = beginnings
    self.patience = patience
    self.choose = choose
    self.onEnd = onEnd
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.timer = context.channel.close(after: self.patience)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.timer?.cancel()
    self.onEnd()
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.timer?.cancel()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var read = self.unwrapInboundIn(data)
    self.bytes.setOrWriteBuffer(&read)
    guard !self.isChosen, let bytes = self.bytes else { return }
    switch FirstBytes(bytes.readableBytesView, beginnings: self.beginnings) {
    case .undecided: ()
    case .stream: self.finish(isStream: true, context)
    case .other: self.finish(isStream: false, context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // Nothing has been asked for, so that nobody waits for an answer.
    let isOver = event is ChannelShouldQuiesceEvent || event as? ChannelEvent == .inputClosed
    if isOver, !self.isChosen { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
    if let bytes = self.bytes.take() {
      context.fireChannelRead(self.wrapInboundOut(bytes))
      context.fireChannelReadComplete()
    }
    context.leavePipeline(removalToken: removalToken)
  }

  private func finish(isStream: Bool, _ context: ChannelHandlerContext) {
    self.isChosen = true
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    self.choose(isStream).whenComplete { result in
      let (handler, context) = bound.value
      switch result {
      case .success: context.pipeline.syncOperations.removeHandler(handler, promise: nil)
      case .failure: context.close(promise: nil)
      }
    }
  }
}
