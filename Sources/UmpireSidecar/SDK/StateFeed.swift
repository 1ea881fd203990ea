import CarrierSDK
import GRPCCore
import Logging
import ServiceLifecycle
import Synchronization

/// Tells any number of watchers of the Server's states, each of which is encoded once.
///
/// A watcher holds one state at most that it has not taken yet, the newest. To use a feed, run it in a task; watchers
/// that come before wait for the first state.
final class StateFeed: Sendable {
  private typealias Continuation = AsyncStream<EncodedGameServer>.Continuation

  private let server: any OwnServer
  private let metrics: SDKMetrics
  private let logger: Logger
  private let watchers: Mutex<Watchers<EncodedGameServer, Continuation>>

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
          for watcher in self.watchers.withLock({ $0.take(state) }) { watcher.yield(state) }
        } catch {
          self.logger.error("The Server cannot be encoded", metadata: ["error": "\(error)"])
        }
      }
    }
    for watcher in self.watchers.withLock({ $0.end() }) { watcher.finish() }
  }

  /// Calls `body` with the present state and each that follows, until it returns or throws.
  ///
  /// - Throws: `resourceExhausted` or `unavailable` when nobody more can watch, and what `body` throws.
  func watch<Result>(_ body: (AsyncStream<EncodedGameServer>) async throws -> Result) async throws -> Result {
    let (states, continuation) = AsyncStream.makeStream(
      of: EncodedGameServer.self, bufferingPolicy: .bufferingNewest(1))
    let answer = self.watchers.withLock { watchers in
      let answer = watchers.add(continuation)
      // Under the lock, so that no newer state comes before it; nobody reads yet.
      if case .joined(_, let first?) = answer { continuation.yield(first) }
      self.metrics.watching(watchers.count)
      return answer
    }
    switch answer {
    case .full: throw RPCError(code: .resourceExhausted, message: "too many watch this server already")
    case .over: throw RPCError.stopping
    case .joined(let identifier, _):
      defer {
        self.watchers.withLock { watchers in
          watchers.remove(identifier)
          self.metrics.watching(watchers.count)
        }
      }
      return try await body(states)
    }
  }
}
