import DequeModule

/// The changes that wait to be stored, one at a time and in their order: a value, which the sidecar keeps behind a lock.
///
/// ```
/// add ─▶ waiting ──begin──▶ under way ──finish──▶ its waiters are told
///          ▲  │                 │
///          │  └─withdraw─▶ gone │ retry: it waits again, first of all, unless
///          └────────────────────┘        a later one has replaced it
/// ```
struct ChangeQueue: Sendable {
  /// How many callers may wait at once.
  static let limit = 1_024

  /// Whoever waits for a change.
  typealias Waiter = UInt64

  /// A change and who waits for it; several if later ones have replaced earlier ones.
  struct Entry: Sendable, Hashable {
    /// What is to be stored.
    var change: ServerChange
    /// Whom to tell.
    var waiters: [Waiter]
    /// How often it was refused in a way that may pass.
    var refusals = 0
  }

  private var waiting: Deque<Entry> = []
  private var waiterCount = 0
  /// What is being stored.
  private(set) var underWay: Entry?

  /// Whether nothing waits or is under way.
  var isEmpty: Bool { self.waiting.isEmpty && self.underWay == nil }

  /// Whether a change of this is waiting or under way.
  func concerns(_ subject: ServerChange.Subject) -> Bool {
    self.underWay?.change.subject == subject || self.waiting.contains { $0.change.subject == subject }
  }

  /// Queues a change, in the place of an earlier one of the same thing that has not begun.
  ///
  /// - Returns: false if too many wait already.
  mutating func add(_ change: ServerChange, waiter: Waiter) -> Bool {
    guard self.waiterCount < Self.limit else { return false }
    self.waiterCount += 1
    if let index = self.waiting.firstIndex(where: { $0.change.subject == change.subject }) {
      self.waiting[index].change = change
      self.waiting[index].waiters.append(waiter)
    } else {
      self.waiting.append(Entry(change: change, waiters: [waiter]))
    }
    return true
  }

  /// Takes the first change up.
  ///
  /// - Returns: nil if none waits, or one is under way.
  mutating func begin() -> Entry? {
    guard self.underWay == nil else { return nil }
    self.underWay = self.waiting.popFirst()
    return self.underWay
  }

  /// The change that is under way has come to its end, whatever that is.
  ///
  /// - Returns: whom to tell.
  mutating func finish() -> [Waiter] {
    defer { self.underWay = nil }
    let waiters = self.underWay?.waiters ?? []
    self.waiterCount -= waiters.count
    return waiters
  }

  /// The change that is under way did not get through, and is to be tried again.
  mutating func retry(isRefused: Bool) {
    guard var entry = self.underWay else { return }
    self.underWay = nil
    // Nobody waits for it any longer.
    if entry.waiters.isEmpty { return }
    if let index = self.waiting.firstIndex(where: { $0.change.subject == entry.change.subject }) {
      self.waiting[index].waiters += entry.waiters
    } else {
      entry.refusals += isRefused ? 1 : 0
      self.waiting.prepend(entry)
    }
  }

  /// What becomes of a change when somebody does not wait for it any longer.
  enum OnWithdraw: Sendable, Hashable {
    /// It was over before.
    case unknown
    /// It will not be made, or is made for others.
    case withdrawn
    /// It was begun, and nobody else waits for it.
    case abandoned
  }

  /// Somebody does not wait any longer.
  mutating func withdraw(_ waiter: Waiter) -> OnWithdraw {
    if let index = self.underWay?.waiters.firstIndex(of: waiter) {
      self.waiterCount -= 1
      self.underWay?.waiters.remove(at: index)
      return self.underWay?.waiters.isEmpty == true ? .abandoned : .withdrawn
    }
    for index in self.waiting.indices {
      guard let place = self.waiting[index].waiters.firstIndex(of: waiter) else { continue }
      self.waiterCount -= 1
      self.waiting[index].waiters.remove(at: place)
      if self.waiting[index].waiters.isEmpty { self.waiting.remove(at: index) }
      return .withdrawn
    }
    return .unknown
  }

  /// Empties the queue.
  ///
  /// - Returns: whom to tell.
  mutating func drain() -> [Waiter] {
    let waiters = (self.underWay.map { [$0] } ?? []) + self.waiting
    self = ChangeQueue()
    return waiters.flatMap(\.waiters)
  }
}
