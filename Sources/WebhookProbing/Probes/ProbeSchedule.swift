import StableHash

/// When one webhook is asked about one Server: from start to start, on a grid that nothing but an edit shifts.
///
/// What was missed is not made up for.
struct ProbeSchedule: Sendable, Hashable {
  /// The next time on the grid.
  private(set) var due: ContinuousClock.Instant
  private(set) var period: Duration

  /// - Parameter seconds: the time between two questions; brought into the range of 1 s to a day.
  init(first due: ContinuousClock.Instant, periodSeconds seconds: Int64) {
    self.due = due
    self.period = Self.period(seconds)
  }

  /// A period as it is kept.
  static func period(_ seconds: Int64) -> Duration { .seconds(min(max(seconds, 1), 86_400)) }

  /// Moves to the first time of the grid that is still to come.
  mutating func pass(_ now: ContinuousClock.Instant) {
    guard self.due <= now else { return }
    // Whole periods, so that the grid stays exactly where it is.
    let missed = Int(self.due.duration(to: now) / self.period)
    self.due = self.due.advanced(by: self.period * missed)
    while self.due <= now { self.due = self.due.advanced(by: self.period) }
  }

  /// Takes over an edited period; the next question comes at `first` at the latest.
  mutating func edit(periodSeconds seconds: Int64, first: ContinuousClock.Instant) {
    self.period = Self.period(seconds)
    self.due = min(self.due, first)
  }
}

/// Spreads the first questions of many Servers.
enum ProbeSpread {
  /// How long a Server waits for its first question at most when it, or its webhook, is new.
  private static let newest = Duration.seconds(1)
  /// The same where the asker itself has only just started, and nobody has ever answered.
  private static let unanswered = Duration.seconds(10)

  /// The time until the first question.
  ///
  /// - Parameters:
  ///   - share: the Server's ``share(of:)``.
  ///   - isStarting: whether the asker has only just started, and everybody is new to it.
  ///   - hasAnswer: whether there is an answer from before.
  static func delay(_ period: Duration, share: Double, isStarting: Bool, hasAnswer: Bool) -> Duration {
    let window = isStarting ? (hasAnswer ? period : min(period, Self.unanswered)) : min(period, Self.newest)
    return window * share
  }

  /// A number from 0 up to 1 that belongs to a uid, in every process the same, and far from those of similar uids.
  static func share(of uid: String) -> Double {
    var hash = FNV1a<UInt64>(uid.utf8).value
    // Without a last mixing step the upper bits of similar texts are alike.
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash ^= hash >> 33
    return Double(hash >> 11) * 0x1p-53
  }
}
