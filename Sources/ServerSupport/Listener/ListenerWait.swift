package import HTTPTransport
import NIOCore
import NIOPosix

/// Waits until servers of other processes accept connections.
package struct ListenerWait: Sendable {
  /// One server, by the addresses at which it may listen: it is ready once one of them accepts a connection.
  package typealias Addresses = [HostPort]

  /// The servers to wait for.
  package var servers: [Addresses]
  /// How long to wait for all of them.
  package var limit: Duration

  // The pauses double, for whoever waits may share a small part of a processor with the server that starts.
  private static let pauses: ClosedRange<Duration> = .milliseconds(5) ... .milliseconds(40)

  /// Creates a wait.
  package init(for servers: [Addresses], limit: Duration) {
    self.servers = servers
    self.limit = limit
  }

  /// Waits until every server accepts a connection.
  ///
  /// - Returns: The servers that do not listen when the time is up; none if all do.
  /// - Throws: `CancellationError`.
  package func run() async throws -> [Addresses] {
    let deadline = ContinuousClock.now.advanced(by: self.limit)
    var pending = self.servers
    var pause = Self.pauses.lowerBound
    while true {
      while let next = pending.first, await Self.isListening(next) { pending.removeFirst() }
      if pending.isEmpty || ContinuousClock.now >= deadline { return pending }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, Self.pauses.upperBound)
    }
  }

  private static func isListening(_ addresses: Addresses) async -> Bool {
    for address in addresses {
      do {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
          .connectTimeout(.seconds(1)).connect(host: address.host, port: address.port).get()
        // The connection has told all that it can; how it closes says nothing.
        try? await channel.close()
        return true
      } catch {
        // Not there, or not yet.
      }
    }
    return false
  }
}
