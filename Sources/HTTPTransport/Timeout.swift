import Dispatch
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

  /// Calls `onPassed` once the time has passed, on a queue where it may not stay long, unless it is cancelled before.
  package static func start(_ time: Duration, onPassed: @escaping @Sendable () -> Void) -> Timer {
    Timer(time, onPassed: onPassed)
  }

  /// A time that runs.
  package final class Timer: Sendable {
    private let source: Mutex<any DispatchSourceTimer>

    fileprivate init(_ time: Duration, onPassed: @escaping @Sendable () -> Void) {
      self.source = Mutex(DispatchSource.makeTimerSource(queue: Timeout.queue))
      self.source.withLock { source in
        source.setEventHandler(handler: onPassed)
        source.schedule(deadline: .now() + .nanoseconds(Timeout.nanoseconds(time)))
        source.activate()
      }
    }

    /// Lets go of what was to be called.
    package func cancel() { self.source.withLock { $0.cancel() } }
  }

  private static let queue = DispatchQueue(label: "umpire.timeout")

  /// As many as there is room for, 292 years.
  private static func nanoseconds(_ time: Duration) -> Int {
    let (seconds, attoseconds) = time.components
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !isTooLong, whole < .max - 1_000_000_000 else { return .max / 2 }
    return max(0, Int(whole + attoseconds / 1_000_000_000))
  }

  private final class Wait: Sendable {
    private enum State {
      case idle
      case waiting(CheckedContinuation<Void, Never>, Timer)
      case over
    }

    private let state = Mutex(State.idle)

    func begin(_ time: Duration, _ continuation: CheckedContinuation<Void, Never>) {
      let isOver = self.state.withLock { state in
        // Whoever is cancelled before has ended it.
        guard case .idle = state else { return true }
        state = .waiting(continuation, Timeout.start(time) { self.end() })
        return false
      }
      if isOver { continuation.resume() }
    }

    func end() {
      let continuation: CheckedContinuation<Void, Never>? = self.state.withLock { state in
        defer { state = .over }
        guard case .waiting(let continuation, let timer) = state else { return nil }
        // It lets go of its handler, and so of this.
        timer.cancel()
        return continuation
      }
      continuation?.resume()
    }
  }
}
