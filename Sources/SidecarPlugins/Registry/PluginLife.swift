import KubernetesModel

/// Where a plugin is in its life: a value, moved by what happens to it.
///
/// ```
/// Pending ──▶ Starting ──▶ Running ──┐
///                ▲  │                │ ended
///                │  └──▶ Failed ◀────┤        any ──▶ Stopped
///                └── back-off ◀──────┘
/// ```
struct PluginLife: Sendable, Hashable {
  private(set) var state = PluginState.pending
  private(set) var message = ""
  /// How often it was started again after its first start.
  private(set) var restarts = 0
  /// When it came into its state.
  private(set) var since: Timestamp
  /// Whether it was ready, or has ended, at least once.
  private(set) var isSettled = false
  private var failures = 0
  private var started: ContinuousClock.Instant?

  /// The first pause before another start; each further one is twice as long.
  static let shortestPause = Duration.seconds(1)
  /// The longest pause before another start.
  static let longestPause = Duration.seconds(60)
  /// Who has run for so long begins with the shortest pause again.
  static let steady = Duration.seconds(60)
  /// Characters of a message that are kept.
  static let longestMessage = 1024

  init(at now: Timestamp) { self.since = now }

  /// What follows an end.
  enum OnEnd: Sendable, Hashable {
    case stay
    case restart(after: Duration)
  }

  /// The plugin is started, for the first time or again.
  mutating func starts(at now: Timestamp, _ instant: ContinuousClock.Instant) {
    if self.started != nil { self.restarts += 1 }
    self.started = instant
    self.enter(.starting, "", at: now)
  }

  /// The plugin does what it is for.
  mutating func becomesReady(at now: Timestamp) {
    guard self.state == .starting else { return }
    self.isSettled = true
    self.enter(.running, "", at: now)
  }

  /// The plugin has ended by itself.
  ///
  /// - Parameter failure: what it threw; nil if it only returned.
  mutating func ended(
    _ failure: String?, _ policy: RestartPolicy, at now: Timestamp, _ instant: ContinuousClock.Instant
  ) -> OnEnd {
    self.isSettled = true
    self.enter(failure == nil ? .stopped : .failed, failure ?? "ended by itself", at: now)
    if let started = self.started, instant - started >= Self.steady { self.failures = 0 }
    switch (policy, failure) {
    case (.never, _), (.onFailure, nil): return .stay
    case (.always, _), (.onFailure, _):
      let pause = min(Self.shortestPause * (1 << min(self.failures, 6)), Self.longestPause)
      self.failures += 1
      return .restart(after: pause)
    }
  }

  /// The plugin was asked to end, and has.
  mutating func stopped(at now: Timestamp) {
    self.isSettled = true
    self.enter(.stopped, "", at: now)
  }

  private mutating func enter(_ state: PluginState, _ message: String, at now: Timestamp) {
    self.state = state
    self.message = String(message.prefix(Self.longestMessage))
    self.since = now
  }
}

/// Where a plugin is in its life.
package enum PluginState: String, Sendable, Hashable, CaseIterable {
  /// Others are started first.
  case pending = "Pending"
  /// It has begun and is not ready.
  case starting = "Starting"
  /// It does what it is for.
  case running = "Running"
  /// It does not.
  case failed = "Failed"
  /// It has ended.
  case stopped = "Stopped"
}
