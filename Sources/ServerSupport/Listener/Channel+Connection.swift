package import NIOCore

extension Channel {
  /// Lets the kernel find a peer that vanished without a word, as a watch may be silent for hours.
  func keepAlive() -> EventLoopFuture<Void> { self.setOption(.socketOption(.so_keepalive), value: 1) }

  /// Closes the connection after a time, unless what is returned is cancelled before.
  @discardableResult
  package func close(after time: TimeAmount) -> Scheduled<Void> {
    self.eventLoop.scheduleTask(in: time) { self.close(promise: nil) }
  }
}
