import KubernetesModel
import Synchronization

/// Time that passes only when it is told to.
final class SimulatedTime: Sendable {
  private static let start = Timestamp(secondsSinceEpoch: 1_800_000_000)
  private let origin = ContinuousClock.now
  private let passed = Mutex(Duration.zero)

  /// How much time has passed since the beginning.
  var elapsed: Duration { self.passed.withLock { $0 } }
  var now: Timestamp { Self.start.advanced(by: self.elapsed) }
  var instant: ContinuousClock.Instant { self.origin.advanced(by: self.elapsed) }

  /// Lets time pass up to a moment; one that lies behind changes nothing.
  func advance(to moment: Duration) {
    self.passed.withLock { $0 = max($0, moment) }
  }
}
