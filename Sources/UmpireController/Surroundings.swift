package import KubernetesClient
package import KubernetesModel
package import KubernetesRuntime

/// Time and chance as the controllers see them, so that a simulation holds them in its hands.
package struct Surroundings: Sendable {
  /// Clocks, waits and what spreads them.
  package var time: ClientTime
  /// What makes the name of a child its own.
  package var suffix: @Sendable () -> String

  package init(
    time: ClientTime = ClientTime(), suffix: @escaping @Sendable () -> String = { ChildName.randomSuffix() }
  ) {
    self.time = time
    self.suffix = suffix
  }

  /// The calendar's time.
  package var now: @Sendable () -> Timestamp { self.time.timestamp }
  /// A clock for intervals.
  package var instant: @Sendable () -> ContinuousClock.Instant { self.time.instant }
  /// What the loops wait by.
  package var clock: InjectedClock { InjectedClock(time: self.time) }
}
