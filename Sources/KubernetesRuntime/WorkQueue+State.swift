import DequeModule
import HeapModule

extension WorkQueue {
  /// The queue's rules as a value: who is due, who is being worked on, who must come again.
  ///
  /// ```
  ///            add                next                finish
  ///  (absent) ----> waiting/ready ----> processing ----> (absent)
  ///                      ^                  | add: marked
  ///                      +------------------+ finish: delivered again
  /// ```
  struct State {
    private var ready: Deque<Key> = []
    /// Due times of keys that wait; an entry of the heap counts only if it stands here.
    private var due: [Key: C.Instant] = [:]
    private var heap: Heap<Entry> = []
    /// Since when each key of `ready` has been there.
    private var readySince: [Key: C.Instant] = [:]
    private var processing: [Key: Work] = [:]
    /// Keys added while being processed, with the time at which they are due again.
    private var again: [Key: C.Instant] = [:]
    private var failures: [Key: Int] = [:]
    /// How often a key became ready, and how often one was put back to be tried later; for metrics.
    private(set) var adds = 0
    private(set) var retries = 0

    /// One key that is being worked on.
    struct Work: Equatable {
      var since: C.Instant
      /// How long it had been ready.
      var waited: Duration
    }

    private struct Entry: Comparable {
      var due: C.Instant
      var key: Key
      static func < (left: Entry, right: Entry) -> Bool { left.due < right.due }
      static func == (left: Entry, right: Entry) -> Bool { left.due == right.due && left.key == right.key }
    }

    enum OnNext: Equatable {
      /// Work on this key; report with `finish`.
      case deliver(Key)
      /// Nothing is due before this time.
      case waitUntil(C.Instant)
      /// Nothing is there.
      case waitForWork
    }

    /// Keys that wait or are ready.
    var depth: Int { self.readySince.count + self.due.count }

    /// Keys that only wait for a worker.
    var readyCount: Int { self.readySince.count }

    /// The work on a key that was delivered.
    func work(on key: Key) -> Work? { self.processing[key] }

    /// How long all work that is going on has lasted together, and the longest of it.
    func unfinished(now: C.Instant) -> (total: Duration, longest: Duration) {
      self.processing.values.reduce((Duration.zero, Duration.zero)) { result, work in
        let age = work.since.duration(to: now)
        return (result.0 + age, max(result.1, age))
      }
    }

    /// Puts a key in; of several due times the earliest counts.
    mutating func add(_ key: Key, due: C.Instant, now: C.Instant) {
      if self.processing[key] != nil {
        self.again[key] = min(self.again[key] ?? due, due)
        return
      }
      guard self.readySince[key] == nil else { return }
      if due <= now {
        self.due[key] = nil
        self.makeReady(key, now: now)
      } else if due < self.due[key] ?? due.advanced(by: .nanoseconds(1)) {
        self.due[key] = due
        self.heap.insert(Entry(due: due, key: key))
      }
    }

    mutating func next(now: C.Instant) -> OnNext {
      while let entry = self.heap.min {
        guard self.due[entry.key] == entry.due else {
          self.heap.removeMin()
          continue
        }
        guard entry.due <= now else { break }
        self.heap.removeMin()
        self.due[entry.key] = nil
        self.makeReady(entry.key, now: now)
      }
      if let key = self.ready.popFirst() {
        let since = self.readySince.removeValue(forKey: key) ?? now
        self.processing[key] = Work(since: now, waited: since.duration(to: now))
        return .deliver(key)
      }
      return self.heap.min.map { .waitUntil($0.due) } ?? .waitForWork
    }

    /// Ends the work on a key.
    ///
    /// What was added meanwhile is delivered again.
    mutating func finish(_ key: Key, outcome: WorkOutcome, backoff: Backoff, now: C.Instant) {
      guard self.processing.removeValue(forKey: key) != nil else { return }
      switch outcome {
      case .done: self.failures[key] = nil
      case .requeue(let delay):
        self.failures[key] = nil
        self.retries += 1
        self.add(key, due: now.advanced(by: delay), now: now)
      case .failed(let minimum):
        let count = self.failures[key, default: 0]
        self.failures[key] = count + 1
        self.retries += 1
        let delay = max(backoff.delay(afterFailures: count), minimum ?? .zero)
        self.add(key, due: now.advanced(by: delay), now: now)
      }
      if let due = self.again.removeValue(forKey: key) { self.add(key, due: due, now: now) }
    }

    private mutating func makeReady(_ key: Key, now: C.Instant) {
      guard self.readySince[key] == nil else { return }
      self.readySince[key] = now
      self.adds += 1
      self.ready.append(key)
    }
  }
}

/// How the work on a key ended.
package enum WorkOutcome: Sendable, Hashable {
  /// Nothing is left to do until something changes.
  case done
  /// Look again after this time, whatever happens.
  case requeue(after: Duration)
  /// It failed: again after the key's back-off, but not before `minimum`.
  case failed(minimum: Duration?)
}

/// Delays that double from failure to failure.
package struct Backoff: Sendable, Hashable {
  /// The first delay.
  package var base: Duration
  /// The longest delay.
  package var maximum: Duration

  package init(base: Duration = .milliseconds(20), maximum: Duration = .seconds(60)) {
    self.base = base
    self.maximum = maximum
  }

  /// The delay after that many earlier failures in a row.
  package func delay(afterFailures failures: Int) -> Duration {
    guard failures < 30 else { return self.maximum }
    return min(self.base * (1 << failures), self.maximum)
  }
}
