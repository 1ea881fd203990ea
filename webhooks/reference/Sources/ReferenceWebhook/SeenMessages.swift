/// Remembers which signed messages have come, for as long as one could be believed a second time.
///
/// When there are too many to remember, the oldest are forgotten and nothing as old as they is believed any more: a
/// message that comes twice is never taken for new, however many come.
struct SeenMessages: Sendable {
  /// How many are remembered: more than a thousand a second over both halves of the tolerance.
  static let limit = 1 << 20

  private let limit: Int
  /// What stands for the ids, by the second in which the messages were signed.
  ///
  /// Two ids of one second share a number once in 2⁶⁴; the later would be refused.
  private var seconds: [Int64: Set<Int>] = [:]
  private(set) var count = 0
  /// Messages as old as this are not told apart any more.
  private var forgotten: Int64 = .min
  /// No second before this is there.
  private var first: Int64 = .min

  init(limit: Int = Self.limit) {
    self.limit = limit
  }

  /// What is known of a message.
  enum Verdict: Sendable, Hashable {
    /// It has not come before, and is remembered now.
    case new
    /// It has come before.
    case seen
    /// Nobody knows any more whether it has.
    case tooOld
  }

  /// Takes up a message.
  ///
  /// - Parameters:
  ///   - timestamp: when it was signed, in seconds since 1970.
  ///   - oldest: the earliest time of a message that would be believed now.
  mutating func take(id: String, timestamp: Int64, oldest: Int64) -> Verdict {
    if oldest > self.first {
      self.forget { $0 < oldest }
      self.first = oldest
    }
    guard timestamp > self.forgotten else { return .tooOld }
    guard self.seconds[timestamp, default: []].insert(id.hashValue).inserted else { return .seen }
    self.count += 1
    while self.count > self.limit, let second = self.seconds.keys.min() { self.forget { $0 == second } }
    return .new
  }

  private mutating func forget(where isForgotten: (Int64) -> Bool) {
    for second in self.seconds.keys where isForgotten(second) {
      self.count -= self.seconds.removeValue(forKey: second)?.count ?? 0
      self.forgotten = max(self.forgotten, second)
    }
  }
}
