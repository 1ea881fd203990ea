/// Stops asking an endpoint that fails, and tries from time to time whether it is back.
///
/// ```
///            failures in a row            the wait is over
///   closed ────────────────────> open ────────────────────────> half-open
///      ^                          ^                                 │ │
///      │                          └────── the probe failed ─────────┘ │
///      └──────────────────────────────── the probe was answered ──────┘
/// ```
///
/// A value without a clock: whoever owns it says what time it is. Results of questions that were admitted before the
/// last change of state no longer count.
package struct CircuitBreaker: Sendable, Hashable {
  /// Whether the endpoint is asked; the words are those of a WebhookConfiguration's status.
  package enum State: String, Sendable, Hashable, CaseIterable {
    /// It is.
    case closed = "Closed"
    /// It is not.
    case open = "Open"
    /// One question is under way that decides it.
    case halfOpen = "HalfOpen"
  }

  /// When it opens and for how long.
  package struct Limits: Sendable, Hashable {
    /// Failures in a row that open it.
    package var failures: Int
    /// From opening to the first probe.
    package var firstWait: Duration
    /// The wait doubles after each failed probe, up to this.
    package var longestWait: Duration

    /// Creates limits.
    package init(failures: Int = 5, firstWait: Duration = .seconds(10), longestWait: Duration = .seconds(60)) {
      self.failures = failures
      self.firstWait = firstWait
      self.longestWait = longestWait
    }
  }

  /// A question's leave to be asked, given back with its result.
  package struct Permit: Sendable, Hashable {
    fileprivate var epoch: Int
  }

  /// What happens to a question.
  package enum OnAsk: Sendable, Hashable {
    /// It is asked.
    case ask(Permit)
    /// It is not; the next probe is at the earliest after this time.
    case refuse(wait: Duration)
  }

  /// How a question ended, as far as the endpoint's health goes.
  package enum Result: Sendable, Hashable {
    /// The endpoint answered as it should.
    case success
    /// It did not.
    case failure
    /// Nothing was learnt: we withdrew the question, or our own rules forbade it.
    case nothing
  }

  private enum Phase: Hashable {
    case closed(failures: Int)
    case open(until: ContinuousClock.Instant, wait: Duration)
    case halfOpen(wait: Duration)
  }

  private let limits: Limits
  private var phase: Phase = .closed(failures: 0)
  private var epoch = 0

  /// Creates a breaker that lets questions through.
  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Whether the endpoint is asked.
  package var state: State {
    switch self.phase {
    case .closed: .closed
    case .open: .open
    case .halfOpen: .halfOpen
    }
  }

  /// Whether it is as when it was created.
  var isFresh: Bool { self.epoch == 0 && self.phase == .closed(failures: 0) }

  /// Decides whether a question is asked at `now`.
  package mutating func ask(now: ContinuousClock.Instant) -> OnAsk {
    switch self.phase {
    case .closed:
      return .ask(Permit(epoch: self.epoch))
    case .halfOpen(let wait):
      return .refuse(wait: wait)
    case .open(let until, let wait):
      guard until <= now else { return .refuse(wait: now.duration(to: until)) }
      self.enter(.halfOpen(wait: wait))
      return .ask(Permit(epoch: self.epoch))
    }
  }

  /// Records how a question ended.
  package mutating func end(_ permit: Permit, _ result: Result, now: ContinuousClock.Instant) {
    guard permit.epoch == self.epoch else { return }
    switch (self.phase, result) {
    case (.closed, .success):
      self.phase = .closed(failures: 0)
    case (.closed(let failures), .failure) where failures + 1 >= self.limits.failures:
      self.enter(.open(until: now.advanced(by: self.limits.firstWait), wait: self.limits.firstWait))
    case (.closed(let failures), .failure):
      self.phase = .closed(failures: failures + 1)
    case (.halfOpen, .success):
      self.enter(.closed(failures: 0))
    case (.halfOpen(let wait), .failure):
      let longer = min(wait * 2, self.limits.longestWait)
      self.enter(.open(until: now.advanced(by: longer), wait: longer))
    case (.halfOpen(let wait), .nothing):
      // The next question is the probe.
      self.enter(.open(until: now, wait: wait))
    case (.closed, .nothing), (.open, _): ()
    }
  }

  private mutating func enter(_ phase: Phase) {
    self.phase = phase
    self.epoch += 1
  }
}
