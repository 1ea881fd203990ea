package import Logging
package import NIOCore
import Synchronization

/// Bounds the connections of a server that does not bound them itself, and closes those beyond.
package final class ConnectionLimit: Sendable {
  private let maximum: Int
  private let logger: Logger
  private let count = Mutex(0)

  /// - Parameter maximum: how many there may be at once.
  package init(_ maximum: Int, logger: Logger) {
    self.maximum = maximum
    self.logger = logger
  }

  /// Counts a connection for as long as it is open.
  ///
  /// - Returns: a future that never fails: the server would take a failure for its own.
  package func admit(_ channel: any Channel) -> EventLoopFuture<Void> {
    let isAdmitted = self.count.withLock { count in
      guard count < self.maximum else { return false }
      count += 1
      return true
    }
    guard isAdmitted else {
      self.logger.warning("Connection refused", metadata: ["connections": .stringConvertible(self.maximum)])
      // Once the server has it, which expects what it has accepted to be open.
      channel.eventLoop.execute { channel.close(promise: nil) }
      return channel.eventLoop.makeSucceededVoidFuture()
    }
    channel.closeFuture.whenComplete { _ in self.count.withLock { $0 -= 1 } }
    return channel.keepAlive().recover { _ in }
  }
}
