package import Metrics
import Synchronization

/// Delivers each key to at most one worker at a time, once it is due.
///
/// Keys are deduplicated: adding a waiting key again keeps the earlier due time; adding a key that is being worked on
/// delivers it once more after ``finish(_:outcome:)``. One task takes keys with ``next()``.
package final class WorkQueue<Key: Hashable & Sendable, C: Clock>: Sendable where C.Duration == Duration {
  private let state = Mutex(State())
  private let clock: C
  private let backoff: Backoff
  private let metrics: WorkQueueMetrics
  private let wake = AsyncSignal()

  /// - Parameter name: the queue's name in `workqueue_…` metrics.
  package init(
    clock: C, backoff: Backoff = Backoff(), name: String = "",
    metricsFactory: any MetricsFactory = NOOPMetricsHandler.instance
  ) {
    self.clock = clock
    self.backoff = backoff
    self.metrics = WorkQueueMetrics(factory: metricsFactory, name: name)
  }

  /// Puts a key in, due after `delay`.
  package func add(_ key: Key, after delay: Duration = .zero) {
    let now = self.clock.now
    self.change { $0.add(key, due: now.advanced(by: delay), now: now) }
    self.wake.notify()
  }

  /// The next key that is due, or nil once the task is cancelled.
  package func next() async -> Key? {
    while !Task.isCancelled {
      let now = self.clock.now
      let (step, work) = self.change { state in
        let step = state.next(now: now)
        guard case .deliver(let key) = step else { return (step, State.Work?.none) }
        return (step, state.work(on: key))
      }
      switch step {
      case .deliver(let key):
        if let work { self.metrics.waited.recordNanoseconds(work.waited.wholeNanoseconds) }
        return key
      case .waitUntil(let due): await self.wake.wait(until: due, clock: self.clock)
      case .waitForWork: await self.wake.wait()
      }
    }
    return nil
  }

  /// Ends the work on a key that ``next()`` gave.
  package func finish(_ key: Key, outcome: WorkOutcome) {
    let now = self.clock.now
    let work = self.change { state in
      defer { state.finish(key, outcome: outcome, backoff: self.backoff, now: now) }
      return state.work(on: key)
    }
    if let work { self.metrics.worked.recordNanoseconds(work.since.duration(to: now).wholeNanoseconds) }
    self.wake.notify()
  }

  /// Keys that wait or are ready.
  package var depth: Int { self.state.withLock { $0.depth } }

  /// Brings the metrics of work that has not ended up to date, until the task is cancelled.
  package func observeUnfinishedWork(every interval: Duration = .seconds(1)) async {
    while !Task.isCancelled {
      let now = self.clock.now
      self.metrics.record(self.state.withLock { $0.unfinished(now: now) })
      // Cancellation ends the loop at its head.
      try? await self.clock.sleep(for: interval)
    }
  }

  /// Changes the state, and counts what that did once the lock is released.
  private func change<Result: Sendable>(_ body: (inout sending State) -> sending Result) -> Result {
    let (result, adds, retries, depth) = self.state.withLock { state in
      let before = (state.adds, state.retries)
      let result = body(&state)
      return (result, state.adds - before.0, state.retries - before.1, state.readyCount)
    }
    if adds > 0 { self.metrics.adds.increment(by: adds) }
    if retries > 0 { self.metrics.retries.increment(by: retries) }
    self.metrics.depth.record(depth)
    return result
  }
}
