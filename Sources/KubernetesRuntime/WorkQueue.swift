import Synchronization

/// Delivers each key to at most one worker at a time, once it is due.
///
/// Keys are deduplicated: adding a waiting key again keeps the earlier due time; adding a key that is being worked on
/// delivers it once more after ``finish(_:outcome:)``. One task takes keys with ``next()``.
package final class WorkQueue<Key: Hashable & Sendable, C: Clock>: Sendable where C.Duration == Duration {
  private let state = Mutex(State())
  private let clock: C
  private let backoff: Backoff
  private let wake = AsyncSignal()

  package init(clock: C, backoff: Backoff = Backoff()) {
    self.clock = clock
    self.backoff = backoff
  }

  /// Puts a key in, due after `delay`.
  package func add(_ key: Key, after delay: Duration = .zero) {
    let now = self.clock.now
    self.state.withLock { $0.add(key, due: now.advanced(by: delay), now: now) }
    self.wake.notify()
  }

  /// The next key that is due, or nil once the task is cancelled.
  package func next() async -> Key? {
    while !Task.isCancelled {
      let now = self.clock.now
      switch self.state.withLock({ $0.next(now: now) }) {
      case .deliver(let key): return key
      case .waitUntil(let due): await self.wake.wait(until: due, clock: self.clock)
      case .waitForWork: await self.wake.wait()
      }
    }
    return nil
  }

  /// Ends the work on a key that ``next()`` gave.
  package func finish(_ key: Key, outcome: WorkOutcome) {
    let now = self.clock.now
    self.state.withLock { $0.finish(key, outcome: outcome, backoff: self.backoff, now: now) }
    self.wake.notify()
  }

  /// Keys that wait or are ready.
  package var depth: Int { self.state.withLock { $0.depth } }
}
