/// Who is told of states, and of which one last: a value, which ``StateFeed`` keeps behind a lock.
///
/// ```
/// open ──take──▶ open, with a newest state ──end──▶ over
/// ```
struct Watchers<State: Equatable, Watcher> {
  /// What distinguishes a watcher from the others.
  typealias Identifier = UInt64

  private let maximum: Int
  private var watchers: [Identifier: Watcher] = [:]
  private var last: Identifier = 0
  private var newest: State?
  private(set) var isOver = false

  /// - Parameter maximum: how many there may be at once.
  init(maximum: Int) { self.maximum = maximum }

  /// How many there are.
  var count: Int { self.watchers.count }

  /// What became of a watcher that wants to join.
  enum OnAdd {
    /// It is told of every state from now on, the first of which is there if one has been taken.
    case joined(Identifier, first: State?)
    /// There are too many.
    case full
    /// There will be no further state.
    case over
  }

  /// A watcher wants to join.
  mutating func add(_ watcher: Watcher) -> OnAdd {
    guard !self.isOver else { return .over }
    guard self.watchers.count < self.maximum else { return .full }
    self.last += 1
    self.watchers[self.last] = watcher
    return .joined(self.last, first: self.newest)
  }

  /// A watcher has left, or was never there.
  mutating func remove(_ identifier: Identifier) { self.watchers[identifier] = nil }

  /// There is a state; whoever is to be told of it is returned, nobody if it is no news.
  mutating func take(_ state: State) -> [Watcher] {
    guard !self.isOver, state != self.newest else { return [] }
    self.newest = state
    return Array(self.watchers.values)
  }

  /// No further state comes; those who wait are returned, and are no watchers any more.
  mutating func end() -> [Watcher] {
    self.isOver = true
    defer { self.watchers = [:] }
    return Array(self.watchers.values)
  }
}
