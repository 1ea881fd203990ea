import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport

/// A clock that a test moves by hand.
final class ManualTime: Sendable {
  private struct Sleeper {
    var due: ContinuousClock.Instant
    var continuation: CheckedContinuation<Void, any Error>
  }
  private struct State {
    var now = ContinuousClock.now
    var elapsed = Duration.zero
    var sleepers: [Int: Sleeper] = [:]
    var last = 0
    var slept: [Duration] = []
  }
  private let state = Mutex(State())

  /// The clock as components take it.
  var time: ClientTime {
    ClientTime(
      instant: { self.state.withLock { $0.now } },
      timestamp: {
        Timestamp(secondsSinceEpoch: 1_800_000_000).advanced(by: self.state.withLock { $0.elapsed })
      },
      sleep: { try await self.sleep($0) }, jitter: { 0 })
  }

  /// Every pause that was asked for.
  var slept: [Duration] { self.state.withLock { $0.slept } }

  /// How many wait just now.
  var sleepers: Int { self.state.withLock { $0.sleepers.count } }

  /// Moves the clock, and wakes whose time has come.
  func advance(by duration: Duration) {
    let due = self.state.withLock { state in
      state.now += duration
      state.elapsed += duration
      let due = state.sleepers.filter { $0.value.due <= state.now }
      for key in due.keys { state.sleepers[key] = nil }
      return due.values.map(\.continuation)
    }
    for continuation in due { continuation.resume() }
  }

  /// Moves the clock in small steps until something has become true.
  func advance(until what: String, step: Duration = .milliseconds(500), _ condition: () throws -> Bool) async throws {
    try await eventually(what) {
      if try condition() { return true }
      self.advance(by: step)
      return false
    }
  }

  private func sleep(_ duration: Duration) async throws {
    guard duration > .zero else { return }
    let id = self.state.withLock { state in
      state.last += 1
      state.slept.append(duration)
      return state.last
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        let isCancelled = self.state.withLock { state in
          if Task.isCancelled { return true }
          state.sleepers[id] = Sleeper(due: state.now + duration, continuation: continuation)
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
      }
    } onCancel: {
      self.state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(throwing: CancellationError())
    }
  }
}
