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
    private var readySet: Set<Key> = []
    private var processing: Set<Key> = []
    /// Keys added while being processed, with the time at which they are due again.
    private var again: [Key: C.Instant] = [:]
    private var failures: [Key: Int] = [:]

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
    var depth: Int { self.readySet.count + self.due.count }

    /// Puts a key in; of several due times the earliest counts.
    mutating func add(_ key: Key, due: C.Instant, now: C.Instant) {
      if self.processing.contains(key) {
        self.again[key] = min(self.again[key] ?? due, due)
        return
      }
      guard !self.readySet.contains(key) else { return }
      if due <= now {
        self.due[key] = nil
        self.makeReady(key)
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
        self.makeReady(entry.key)
      }
      if let key = self.ready.popFirst() {
        self.readySet.remove(key)
        self.processing.insert(key)
        return .deliver(key)
      }
      return self.heap.min.map { .waitUntil($0.due) } ?? .waitForWork
    }

    /// Ends the work on a key.
    ///
    /// What was added meanwhile is delivered again.
    mutating func finish(_ key: Key, outcome: WorkOutcome, backoff: Backoff, now: C.Instant) {
      guard self.processing.remove(key) != nil else { return }
      switch outcome {
      case .done: self.failures[key] = nil
      case .requeue(let delay):
        self.failures[key] = nil
        self.add(key, due: now.advanced(by: delay), now: now)
      case .failed(let minimum):
        let count = self.failures[key, default: 0]
        self.failures[key] = count + 1
        let delay = max(backoff.delay(afterFailures: count), minimum ?? .zero)
        self.add(key, due: now.advanced(by: delay), now: now)
      }
      if let due = self.again.removeValue(forKey: key) { self.add(key, due: due, now: now) }
    }

    private mutating func makeReady(_ key: Key) {
      guard self.readySet.insert(key).inserted else { return }
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
