import KubernetesClient
import KubernetesModel
import Synchronization

/// Time that passes only when it is told to, and who waits for it to pass.
final class SimulatedTime: Sendable {
  private static let start = Timestamp(secondsSinceEpoch: 1_800_000_000)
  private let origin = ContinuousClock.now

  private struct Sleeper {
    var wake: Duration
    var number: UInt64
    var continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var passed = Duration.zero
    var sleepers: [Sleeper] = []
    var lastNumber: UInt64 = 0
  }

  private let state = Mutex(State())

  /// How much time has passed since the beginning.
  var elapsed: Duration { self.state.withLock { $0.passed } }
  var now: Timestamp { Self.start.advanced(by: self.elapsed) }
  var instant: ContinuousClock.Instant { self.origin.advanced(by: self.elapsed) }

  /// The clocks of a program that lives in this time.
  var clientTime: ClientTime {
    ClientTime(
      instant: { self.instant }, timestamp: { self.now }, sleep: { try await self.sleep($0) }, jitter: { 0.5 })
  }

  /// When the first of those who sleep wakes; nil if nobody does.
  var nextWake: Duration? { self.state.withLock { $0.sleepers.map(\.wake).min() } }

  /// Lets time pass up to a moment, and wakes whoever has slept until then; one that lies behind changes nothing.
  func advance(to moment: Duration) {
    let awake = self.state.withLock { state in
      state.passed = max(state.passed, moment)
      let awake = state.sleepers.filter { $0.wake <= state.passed }
      state.sleepers.removeAll { $0.wake <= state.passed }
      return awake
    }
    for sleeper in awake.sorted(by: { ($0.wake, $0.number) < ($1.wake, $1.number) }) {
      sleeper.continuation.resume()
    }
  }

  /// Waits.
  ///
  /// - Throws: `CancellationError`.
  func sleep(_ duration: Duration) async throws {
    guard duration > .zero else {
      try Task.checkCancellation()
      return await Task.yield()
    }
    let number = self.state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let isCancelled = self.state.withLock { state in
          if Task.isCancelled { return true }
          state.sleepers.append(
            Sleeper(wake: state.passed + duration, number: number, continuation: continuation))
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      let sleeper = self.state.withLock { state -> Sleeper? in
        guard let index = state.sleepers.firstIndex(where: { $0.number == number }) else { return nil }
        return state.sleepers.remove(at: index)
      }
      sleeper?.continuation.resume(throwing: CancellationError())
    }
  }
}
