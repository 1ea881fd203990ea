/// Something was not done by its deadline.
struct DeadlinePassed: Error {}

/// Runs `operation` and cancels it at `deadline`.
///
/// - Throws: ``DeadlinePassed``, or what the operation throws.
func withDeadline(
  _ deadline: ContinuousClock.Instant, _ operation: @escaping @Sendable () async throws -> Void
) async throws {
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(until: deadline, clock: .continuous)
      throw DeadlinePassed()
    }
    defer { group.cancelAll() }
    try await group.next()
  }
}
