import HTTPTransport
import ServiceLifecycle

extension Sidecar {
  /// Waits until a flag is not `known`, and returns what it is then, or when the time is over or the sidecar is shut down.
  func value(of flag: SidecarFlag, otherThan known: Bool, for limit: Duration) async -> Bool {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await flags in self.flagUpdates().cancelOnGracefulShutdown() where flags[flag] != known { return }
      }
      // Cancellation means that the flag has changed.
      group.addTask { try? await Timeout.wait(limit) }
      await group.next()
      group.cancelAll()
    }
    return self.value(of: flag) ?? known
  }
}
