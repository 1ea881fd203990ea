package import KubernetesModel

/// One moment, as rules need it and as people read it.
package struct NodeTime: Sendable, Hashable {
  /// Time since the node began.
  ///
  /// It never jumps, so every rule counts with it.
  package var elapsed: Duration
  /// The wall clock, for statuses only.
  package var timestamp: Timestamp

  /// Creates a moment.
  package init(elapsed: Duration, timestamp: Timestamp) {
    self.elapsed = elapsed
    self.timestamp = timestamp
  }
}

/// Tells the time since it was made.
package struct NodeClock: Sendable {
  private let origin = ContinuousClock.now

  /// Creates a clock that begins now.
  package init() {}

  /// The present moment.
  package var now: NodeTime {
    NodeTime(elapsed: self.origin.duration(to: .now), timestamp: .now)
  }

  /// Waits until `moment`; returns at once if it has passed.
  package func sleep(until moment: Duration) async throws {
    try await Task.sleep(until: self.origin.advanced(by: moment), clock: .continuous)
  }
}
