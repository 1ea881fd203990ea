/// How long a container waits before it is started again: not at all the first time, then longer and longer.
package struct RestartBackoff: Sendable, Hashable {
  /// The bounds of the waiting time.
  package struct Limits: Sendable, Hashable {
    /// The wait before the second restart; each one after waits twice as long.
    package var base: Duration
    /// The longest wait.
    package var maximum: Duration
    /// A container that ran this long is forgiven its past.
    package var forgivenAfter: Duration

    /// Creates limits; the defaults are a kubelet's.
    package init(
      base: Duration = .seconds(10), maximum: Duration = .seconds(300), forgivenAfter: Duration = .seconds(600)
    ) {
      self.base = base
      self.maximum = maximum
      self.forgivenAfter = forgivenAfter
    }
  }

  private let limits: Limits
  private var restarts = 0

  /// Creates a back-off without a past.
  package init(_ limits: Limits) { self.limits = limits }

  /// The wait before the next start of a container that ran for `lifetime`.
  package mutating func next(afterRunning lifetime: Duration) -> Duration {
    if lifetime >= self.limits.forgivenAfter { self.restarts = 0 }
    defer { self.restarts = min(self.restarts + 1, 32) }
    guard self.restarts > 0 else { return .zero }
    return self.limits.delay(doublings: self.restarts - 1)
  }

  /// The wait after an attempt that waits for something to come; it does not grow.
  package var steadyPause: Duration { self.limits.base }

  /// The wait after a failed attempt to start; it is never zero.
  package mutating func nextAttempt() -> Duration {
    defer { self.restarts = min(self.restarts + 1, 32) }
    return self.limits.delay(doublings: self.restarts)
  }
}

extension RestartBackoff.Limits {
  fileprivate func delay(doublings: Int) -> Duration {
    var delay = self.base
    for _ in 0..<doublings {
      if delay >= self.maximum { return self.maximum }
      delay *= 2
    }
    return min(delay, self.maximum)
  }
}
