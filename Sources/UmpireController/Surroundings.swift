package import KubernetesModel

/// Time and chance as the reconcilers see them, so that a simulation holds them in its hands.
package struct Surroundings: Sendable {
  /// The calendar's time.
  package var now: @Sendable () -> Timestamp
  /// A clock for intervals.
  package var instant: @Sendable () -> ContinuousClock.Instant
  /// What makes the name of a child its own.
  package var suffix: @Sendable () -> String

  package init(
    now: @escaping @Sendable () -> Timestamp = { .now },
    instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    suffix: @escaping @Sendable () -> String = { ChildName.randomSuffix() }
  ) {
    self.now = now
    self.instant = instant
    self.suffix = suffix
  }
}
