import DequeModule
import Synchronization

/// The most recent changes, for watches: each watch pulls from it at its own pace, so that nothing piles up for a slow
/// one.
///
/// A watch that falls behind further than the history reaches is told so.
final class EventHistory: Sendable {
  private let state: Mutex<State>

  /// Creates a history that begins after `revision`.
  init(after revision: Int64, maximumEvents: Int, maximumBytes: Int) {
    self.state = Mutex(State(after: revision, maximumEvents: maximumEvents, maximumBytes: maximumBytes))
  }

  /// What a watch gets when it looks.
  enum Page: Sendable {
    /// Changes in order, maybe none, and the revision up to which they are complete.
    case events([StoreEvent], through: Int64)
    /// Changes that the watch has not seen are no longer kept.
    case expired
    /// The store has been closed.
    case closed
  }

  /// The revision of the last change of any object.
  var revision: Int64 { self.state.withLock { $0.revision } }

  /// Appends changes and wakes the watches that they concern.
  func publish(_ events: [StoreEvent]) {
    let waiters = self.state.withLock { $0.publish(events) }
    for waiter in waiters { waiter.resume() }
  }

  /// Notes changes that are about to be committed, so that a reader that sees them in the database before they are
  /// published can still tell what was there before.
  func prepare(_ events: [StoreEvent]) { self.state.withLock { $0.prepare(events) } }

  /// What takes the present objects of a resource back to a revision; nil if changes since then are no longer kept.
  func rollback(to revision: Int64, of resource: String) -> Rollback? {
    self.state.withLock { $0.rollback(to: revision, of: resource) }
  }

  /// Ends every watch.
  func close() {
    let waiters = self.state.withLock { $0.close() }
    for waiter in waiters { waiter.resume() }
  }

  /// Whether every change of a resource after `revision` is still here.
  func reaches(back revision: Int64, of resource: String) -> Bool {
    self.state.withLock { $0.reaches(back: revision, of: resource) }
  }

  /// The changes of a resource after a revision, oldest first.
  func events(after revision: Int64, of resource: String?, maximum: Int) -> Page {
    self.state.withLock { $0.events(after: revision, of: resource, maximum: maximum) }
  }

  /// Returns once the resource (nil for any) has changed after `revision`, the history is closed, or the task is
  /// cancelled.
  func waitForChange(of resource: String?, after revision: Int64) async {
    let identifier = self.state.withLock { $0.makeIdentifier() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { (waiter: CheckedContinuation<Void, Never>) in
        let isDone = self.state.withLock {
          $0.add(waiter, identifier, resource: resource, after: revision, isCancelled: Task.isCancelled)
        }
        if isDone { waiter.resume() }
      }
    } onCancel: {
      self.state.withLock { $0.removeWaiter(identifier) }?.resume()
    }
  }
}

extension EventHistory {
  /// The rules, apart from the locking.
  struct State {
    typealias Waiter = CheckedContinuation<Void, Never>

    private var events: Deque<StoreEvent> = []
    /// Changes that are being committed, or whose commit has failed.
    private var prepared: [StoreEvent] = []
    private var bytes = 0
    private let maximumEvents: Int
    private let maximumBytes: Int
    private let start: Int64
    private(set) var revision: Int64
    /// For each resource the revision of the last change that was dropped.
    private var dropped: [String: Int64] = [:]
    private var latest: [String: Int64] = [:]
    private var waiters: [UInt64: (resource: String?, waiter: Waiter)] = [:]
    private var lastIdentifier: UInt64 = 0
    private var isClosed = false

    init(after revision: Int64, maximumEvents: Int, maximumBytes: Int) {
      self.start = revision
      self.revision = revision
      self.maximumEvents = max(1, maximumEvents)
      self.maximumBytes = maximumBytes
    }

    mutating func publish(_ new: [StoreEvent]) -> [Waiter] {
      self.prepared = []
      var changed: Set<String> = []
      for event in new {
        self.events.append(event)
        self.bytes += event.size
        self.revision = event.object.revision
        self.latest[event.object.key.resource] = event.object.revision
        changed.insert(event.object.key.resource)
      }
      while self.events.count > self.maximumEvents || (self.bytes > self.maximumBytes && self.events.count > 1) {
        let event = self.events.removeFirst()
        self.bytes -= event.size
        self.dropped[event.object.key.resource] = event.object.revision
      }
      let woken = self.waiters.filter { $0.value.resource.map(changed.contains) ?? true }
      for identifier in woken.keys { self.waiters[identifier] = nil }
      // Whoever came first is woken first.
      return woken.sorted { $0.key < $1.key }.map(\.value.waiter)
    }

    mutating func close() -> [Waiter] {
      self.isClosed = true
      defer { self.waiters = [:] }
      return self.waiters.sorted { $0.key < $1.key }.map(\.value.waiter)
    }

    mutating func prepare(_ events: [StoreEvent]) { self.prepared = events }

    func rollback(to revision: Int64, of resource: String) -> Rollback? {
      guard self.reaches(back: revision, of: resource) else { return nil }
      var rollback = Rollback()
      for event in self.events[self.index(after: revision)...] where event.object.key.resource == resource {
        rollback.undo(event)
      }
      for event in self.prepared where event.object.key.resource == resource { rollback.undo(event) }
      return rollback
    }

    func reaches(back revision: Int64, of resource: String?) -> Bool {
      let oldest = resource.map { self.dropped[$0] } ?? self.dropped.values.max()
      return revision >= max(self.start, oldest ?? self.start)
    }

    func events(after revision: Int64, of resource: String?, maximum: Int) -> Page {
      guard !self.isClosed else { return .closed }
      guard self.reaches(back: revision, of: resource) else { return .expired }
      var found: [StoreEvent] = []
      for event in self.events[self.index(after: revision)...] {
        guard resource == nil || event.object.key.resource == resource else { continue }
        found.append(event)
        if found.count == maximum { return .events(found, through: event.object.revision) }
      }
      return .events(found, through: max(revision, self.revision))
    }

    /// The index of the first event after a revision, by bisection.
    private func index(after revision: Int64) -> Int {
      var low = 0
      var high = self.events.count
      while low < high {
        let middle = (low + high) / 2
        if self.events[middle].object.revision > revision { high = middle } else { low = middle + 1 }
      }
      return low
    }

    mutating func makeIdentifier() -> UInt64 {
      self.lastIdentifier += 1
      return self.lastIdentifier
    }

    /// Registers a waiter; true if it need not wait at all.
    mutating func add(
      _ waiter: Waiter, _ identifier: UInt64, resource: String?, after revision: Int64, isCancelled: Bool
    ) -> Bool {
      let latest = resource.map { self.latest[$0] ?? 0 } ?? self.revision
      if isCancelled || self.isClosed || latest > revision { return true }
      self.waiters[identifier] = (resource, waiter)
      return false
    }

    mutating func removeWaiter(_ identifier: UInt64) -> Waiter? {
      self.waiters.removeValue(forKey: identifier)?.waiter
    }
  }
}
