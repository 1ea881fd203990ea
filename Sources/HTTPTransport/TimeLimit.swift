/// Runs `operation`, and cancels it when its time is over.
///
/// - Returns: nil if it took too long.
/// - Throws: what `operation` throws.
package func withTimeLimit<Result: Sendable>(
  _ limit: Duration, clock: any Clock<Duration> = TimeoutClock(),
  _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
  try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await clock.sleep(for: limit)
      return nil
    }
    defer { group.cancelAll() }
    return try await group.next() ?? nil
  }
}

/// The machine's clock, whose sleeps leave nothing in memory when they are cut short; see ``Timeout``.
package struct TimeoutClock: Clock {
  package typealias Instant = ContinuousClock.Instant

  package init() {}

  package var now: Instant { .now }
  package var minimumResolution: Duration { ContinuousClock().minimumResolution }

  package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    try await Timeout.wait(self.now.duration(to: deadline))
  }
}
