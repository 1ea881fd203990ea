import CarrierSDK
import GRPCCore
import Logging
import ServiceLifecycle
import Synchronization

/// Somebody whom a ``StateFeed`` tells of states.
///
/// It is told one thing at a time, and must not ask the feed meanwhile.
protocol StateWatcher: Sendable {
  /// There is a newer state.
  func tell(_ state: EncodedGameServer)
  /// There will be no further one.
  func end()
}

/// Tells any number of watchers of the Server's states, each of which is encoded once.
///
/// A watcher should hold one state at most that it has not taken yet, the newest. To use a feed, run it in a task;
/// watchers that come before wait for the first state.
final class StateFeed: Sendable {
  private let server: any OwnServer
  private let metrics: SDKMetrics
  private let logger: Logger
  private let watchers: Mutex<Watchers<EncodedGameServer, any StateWatcher>>

  /// - Parameter maximum: how many may watch at once.
  init(server: any OwnServer, maximum: Int, metrics: SDKMetrics, logger: Logger) {
    self.server = server
    self.metrics = metrics
    self.logger = logger
    self.watchers = Mutex(Watchers(maximum: maximum))
  }

  /// How many watch at present.
  var count: Int { self.watchers.withLock { $0.count } }

  /// Whether no further state will come.
  var isOver: Bool { self.watchers.withLock { $0.isOver } }

  /// Follows the Server until it says no more, or the task is cancelled or gracefully shut down; then every watcher ends.
  func run() async {
    await cancelWhenGracefulShutdown {
      for await server in self.server.updates() {
        do {
          let state = try EncodedGameServer(.init(server))
          for watcher in self.watchers.withLock({ $0.take(state) }) { watcher.tell(state) }
        } catch {
          self.logger.error("The Server cannot be encoded", metadata: ["error": "\(error)"])
        }
      }
    }
    self.end()
  }

  /// Ends every watcher, and turns away those that come later.
  func end() {
    for watcher in self.watchers.withLock({ $0.end() }) { watcher.end() }
  }

  /// Tells `watcher` of the present state and each that follows, until it leaves or there are no more.
  ///
  /// - Returns: what to leave by.
  /// - Throws: `resourceExhausted` or `unavailable` when nobody more can watch.
  func join(_ watcher: any StateWatcher) throws(RPCError) -> UInt64 {
    let answer = self.watchers.withLock { watchers in
      let answer = watchers.add(watcher)
      // Under the lock, so that no newer state comes before it.
      if case .joined(_, let first?) = answer { watcher.tell(first) }
      self.metrics.watching(watchers.count)
      return answer
    }
    switch answer {
    case .full: throw RPCError(code: .resourceExhausted, message: "too many watch this server already")
    case .over: throw RPCError.stopping
    case .joined(let identifier, _): return identifier
    }
  }

  /// The watcher with this identifier wants to be told no more.
  func leave(_ identifier: UInt64) {
    self.watchers.withLock { watchers in
      watchers.remove(identifier)
      self.metrics.watching(watchers.count)
    }
  }

  /// Calls `body` with the present state and each that follows, until it returns or throws.
  ///
  /// - Parameter body: is given the states, and what ends them.
  /// - Throws: what ``join(_:)`` and `body` throw.
  func watch<Result>(
    _ body: (_ states: AsyncStream<EncodedGameServer>, _ end: @escaping @Sendable () -> Void) async throws -> Result
  ) async throws -> Result {
    let (states, continuation) = AsyncStream.makeStream(
      of: EncodedGameServer.self, bufferingPolicy: .bufferingNewest(1))
    let identifier = try self.join(StreamWatcher(continuation: continuation))
    defer { self.leave(identifier) }
    return try await body(states) { continuation.finish() }
  }
}

/// A watcher that reads at its own pace.
private struct StreamWatcher: StateWatcher {
  let continuation: AsyncStream<EncodedGameServer>.Continuation
  func tell(_ state: EncodedGameServer) { self.continuation.yield(state) }
  func end() { self.continuation.finish() }
}
