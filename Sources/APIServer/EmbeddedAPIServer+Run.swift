import Logging

extension EmbeddedAPIServer {
  /// Does what a cluster does by itself, until the server is closed or the task is cancelled: collects objects whose
  /// owners are gone, empties namespaces and definitions that are being deleted, forgets old Events.
  package func run() async throws {
    let editor = ObjectEditor(server: self)
    let collector = GarbageCollector(editor: editor)
    let namespaces = NamespaceCleaner(editor: editor)
    let definitions = DefinitionCleaner(editor: editor)
    let events = EventExpiry(
      editor: editor, lifetime: self.context.configuration.eventLifetime, now: self.context.configuration.now)
    let logger = self.context.configuration.logger
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await self.follower("garbage-collector").run(scan: collector.scan, handle: collector.handle)
        }
        group.addTask {
          try await self.follower("namespace-cleaner").run(scan: namespaces.scan, handle: namespaces.handle)
        }
        group.addTask {
          try await self.follower("definition-cleaner").run(scan: definitions.scan, handle: definitions.handle)
        }
        group.addTask { try await events.run(logger: logger) }
        // The first to end saw the store closed.
        try await group.next()
        group.cancelAll()
      }
    } catch is CancellationError {
      // The way to stop: what is half done is taken up again by the next start.
    }
  }

  private func follower(_ name: String) -> HistoryFollower {
    HistoryFollower(history: self.context.store.history, logger: self.context.configuration.logger, name: name)
  }
}
