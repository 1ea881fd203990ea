import Synchronization

/// Wakes one waiting task.
///
/// A nudge that comes while nobody waits is kept, and nudges do not add up.
package final class AsyncSignal: Sendable {
  private struct State {
    var isSet = false
    var waiter: (id: UInt64, continuation: CheckedContinuation<Void, Never>)?
    var lastIdentifier: UInt64 = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// Wakes the waiting task, or the next one that waits.
  package func notify() {
    let continuation: CheckedContinuation<Void, Never>? = self.state.withLock { state in
      guard let waiter = state.waiter else {
        state.isSet = true
        return nil
      }
      state.waiter = nil
      return waiter.continuation
    }
    continuation?.resume()
  }

  /// Returns after a nudge, or when the task is cancelled.
  ///
  /// Only one task may wait at a time.
  package func wait() async {
    let identifier = self.state.withLock { state in
      state.lastIdentifier += 1
      return state.lastIdentifier
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let resumesNow = self.state.withLock { state in
          if state.isSet || Task.isCancelled {
            state.isSet = false
            return true
          }
          precondition(state.waiter == nil, "an AsyncSignal has one waiting task")
          state.waiter = (identifier, continuation)
          return false
        }
        if resumesNow { continuation.resume() }
      }
    } onCancel: {
      let continuation: CheckedContinuation<Void, Never>? = self.state.withLock { state in
        guard let waiter = state.waiter, waiter.id == identifier else { return nil }
        state.waiter = nil
        return waiter.continuation
      }
      continuation?.resume()
    }
  }

  /// Returns after a nudge, at the deadline, or when the task is cancelled.
  package func wait<C: Clock>(until deadline: C.Instant?, clock: C) async where C.Duration == Duration {
    guard let deadline else { return await self.wait() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait() }
      // Cancellation only means that the nudge came first.
      group.addTask { try? await clock.sleep(until: deadline, tolerance: nil) }
      await group.next()
      group.cancelAll()
    }
  }
}
