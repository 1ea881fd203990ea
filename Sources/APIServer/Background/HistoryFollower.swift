import Logging

/// Drives background work by the changes of objects.
///
/// The work begins with a look at everything, and then sees each change. After a failure, and when it has fallen behind
/// the history, it begins anew: what it does must depend on the present state only.
struct HistoryFollower: Sendable {
  var history: EventHistory
  var logger: Logger
  /// The work's name in the log.
  var name: String
  /// What webhooks refuse of the work, which is tried again.
  var refusals = DeletionRefusals()

  /// Runs until the store is closed or the task is cancelled.
  func run(
    scan: @Sendable () async throws -> Void, handle: @Sendable ([StoreEvent]) async throws -> Void
  ) async throws {
    while true {
      var position = self.history.revision
      do {
        try await scan()
        try self.refusals.check()
        follow: while true {
          try Task.checkCancellation()
          switch self.history.events(after: position, of: nil, maximum: 256) {
          case .closed: return
          case .expired: break follow
          case .events(let events, let through):
            if !events.isEmpty { try await handle(events) }
            try self.refusals.check()
            position = through
            if events.isEmpty { await self.history.waitForChange(of: nil, after: position) }
          }
        }
      } catch let error as CancellationError {
        throw error
      } catch StoreError.closed {
        return
      } catch {
        self.logger.warning("Background work failed", metadata: ["work": "\(self.name)", "error": "\(error)"])
        try await Task.sleep(for: .seconds(1))
      }
    }
  }
}
