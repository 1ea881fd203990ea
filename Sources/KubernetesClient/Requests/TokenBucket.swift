/// Lets through a burst at once and then a steady rate: a value, moved by the times that it is given.
package struct TokenBucket: Sendable, Hashable {
  /// How many may go at once, at least 1.
  package let burst: Int
  /// The time after which one more may go.
  package let interval: Duration
  /// When the bucket will be, or was, full.
  private var fullAt: ContinuousClock.Instant?

  /// - Parameters:
  ///   - burst: at least 1.
  ///   - interval: the time after which one more may go.
  package init(burst: Int, interval: Duration) {
    self.burst = max(1, burst)
    self.interval = interval
  }

  /// Takes one if there is one.
  ///
  /// - Returns: whether there was one.
  package mutating func takeIfAvailable(at now: ContinuousClock.Instant) -> Bool {
    guard self.delay(at: now) == .zero else { return false }
    _ = self.take(at: now)
    return true
  }

  /// Takes one in any case.
  ///
  /// - Returns: how long to wait before using it.
  package mutating func take(at now: ContinuousClock.Instant) -> Duration {
    let delay = self.delay(at: now)
    self.fullAt = max(self.fullAt ?? now, now).advanced(by: self.interval)
    return delay
  }

  /// Whether nothing has been taken that has not come back.
  package func isFull(at now: ContinuousClock.Instant) -> Bool { self.fullAt.map { $0 <= now } ?? true }

  private func delay(at now: ContinuousClock.Instant) -> Duration {
    guard let fullAt = self.fullAt else { return .zero }
    return max(.zero, (fullAt - now) - self.interval * (self.burst - 1))
  }
}
