package import KubernetesModel

/// One moment on both clocks: the steady one, by which questions are timed, and the one that people read.
package struct ProbeMoment: Sendable, Hashable {
  /// Never goes back, and is not set by anybody.
  package var steady: ContinuousClock.Instant
  /// What stands in conditions.
  package var wall: Timestamp

  /// Creates a moment.
  package init(steady: ContinuousClock.Instant, wall: Timestamp) {
    self.steady = steady
    self.wall = wall
  }

  /// The present.
  package static var now: ProbeMoment { ProbeMoment(steady: .now, wall: .now) }

  /// This moment moved by `duration`.
  package func advanced(by duration: Duration) -> ProbeMoment {
    ProbeMoment(steady: self.steady.advanced(by: duration), wall: self.wall.advanced(by: duration))
  }
}

/// How old a condition may become while its status and its reason stay true.
package struct RefreshIntervals: Sendable, Hashable {
  /// Until `lastProbeTime` alone is written.
  package var probeTime: Duration
  /// Until a message is written that alone has changed.
  package var message: Duration
  /// However many Servers an asker has, it writes no more than so many of these a second.
  private static let writesPerSecond = 20

  /// - Parameter servers: how many Servers the asker has; the intervals grow with very many of them.
  package init(servers: Int) {
    let turn = Duration.seconds(servers) / Self.writesPerSecond
    self.probeTime = max(.seconds(60), turn)
    self.message = max(.seconds(10), turn)
  }
}
