import NIOCore

/// Tells the relay what the client's channel does.
final class ClientHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let driver: RelayDriver

  init(_ driver: RelayDriver) {
    self.driver = driver
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { self.driver.opened() }
  }

  func channelActive(context: ChannelHandlerContext) {
    self.driver.opened()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    self.driver.handle(.clientBytes(self.unwrapInboundIn(data)))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    self.driver.clientReadEnded()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    self.driver.handle(.clientWritable(context.channel.isWritable))
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed: self.driver.handle(.clientEnded)
    case ChannelEvent.outputClosed: self.driver.handle(.clientFinished)
    case is StopServing: self.driver.handle(.stop)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.driver.clientGone()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A reset, or a write to a client that has gone: nobody is left to be told.
    context.close(promise: nil)
  }
}

/// Tells a connection that no further exchange may begin on it.
struct StopServing: Sendable {}

/// Tells the relay what one channel to the upstream server does, as long as it is the relay's present one.
final class UpstreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let driver: RelayDriver

  init(_ driver: RelayDriver) {
    self.driver = driver
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    self.driver.handle(.upstreamBytes(self.unwrapInboundIn(data)), from: context.channel)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    self.driver.upstreamReadEnded(context.channel)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    self.driver.handle(.upstreamWritable(context.channel.isWritable), from: context.channel)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
    self.driver.handle(.upstreamEnded, from: context.channel)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.driver.handle(.upstreamGone, from: context.channel)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
