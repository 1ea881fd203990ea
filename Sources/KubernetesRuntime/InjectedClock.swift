package import KubernetesClient

/// The steady clock that a ``ClientTime`` gives: the real one, or one that a simulation moves.
package struct InjectedClock: Clock {
  private let time: ClientTime

  package init(time: ClientTime = ClientTime()) { self.time = time }

  package var now: ContinuousClock.Instant { self.time.instant() }
  package var minimumResolution: Duration { .zero }

  /// - Throws: `CancellationError`.
  package func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
    try await self.time.sleep(max(.zero, self.time.instant().duration(to: deadline)))
  }
}
