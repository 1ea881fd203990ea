import NIOCore
import NIOPosix
import Synchronization

/// A wait that is nearly always cut short, such as the time that a request may take.
///
/// What `Task.sleep` has set up stays in memory until its time has come, however early it was cancelled: at 500 calls a
/// second, each of which may take ten seconds, 5,000 of them. This leaves nothing.
package enum Timeout {
  /// Returns when the time has passed.
  ///
  /// - Throws: `CancellationError` when the task is cancelled before.
  package static func wait(_ time: Duration) async throws {
    let wait = Wait()
    await withTaskCancellationHandler {
      await withCheckedContinuation { wait.begin(time, $0) }
    } onCancel: {
      wait.end()
    }
    try Task.checkCancellation()
  }

  private final class Wait: Sendable {
    private enum State {
      case idle
      case waiting(CheckedContinuation<Void, Never>, Scheduled<Void>)
      case over
    }

    private let state = Mutex(State.idle)

    func begin(_ time: Duration, _ continuation: CheckedContinuation<Void, Never>) {
      let isOver = self.state.withLock { state in
        // Whoever is cancelled before has ended it.
        guard case .idle = state else { return true }
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        state = .waiting(continuation, loop.scheduleTask(in: TimeAmount(time)) { self.end() })
        return false
      }
      if isOver { continuation.resume() }
    }

    func end() {
      let former = self.state.withLock { state in
        defer { state = .over }
        return state
      }
      guard case .waiting(let continuation, let scheduled) = former else { return }
      scheduled.cancel()
      continuation.resume()
    }
  }
}
