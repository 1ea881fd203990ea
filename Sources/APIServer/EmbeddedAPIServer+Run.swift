import Logging

extension EmbeddedAPIServer {
  /// Does what a cluster does by itself, until the server is closed or the task is cancelled: collects objects whose
  /// owners are gone, empties namespaces and definitions that are being deleted, gives namespaces what each of them has,
  /// gathers the rules of roles, forgets old Events.
  package func run() async throws {
    let collecting = self.follower("garbage-collector")
    let cleaningNamespaces = self.follower("namespace-cleaner")
    let cleaningDefinitions = self.follower("definition-cleaner")
    let furnishing = self.follower("namespace-contents")
    let aggregating = self.follower("role-aggregator")
    let collector = GarbageCollector(editor: self.editor(collecting))
    let namespaces = NamespaceCleaner(editor: self.editor(cleaningNamespaces))
    let definitions = DefinitionCleaner(editor: self.editor(cleaningDefinitions))
    let contents = NamespaceContents(editor: self.editor(furnishing))
    let roles = RoleAggregator(editor: self.editor(aggregating))
    let events = EventExpiry(
      editor: ObjectEditor(server: self), lifetime: self.context.configuration.eventLifetime,
      now: self.context.configuration.now)
    let logger = self.context.configuration.logger
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await collecting.run(scan: collector.scan, handle: collector.handle)
        }
        group.addTask {
          try await cleaningNamespaces.run(scan: namespaces.scan, handle: namespaces.handle)
        }
        group.addTask {
          try await cleaningDefinitions.run(scan: definitions.scan, handle: definitions.handle)
        }
        group.addTask {
          try await furnishing.run(scan: contents.scan, handle: contents.handle)
        }
        group.addTask {
          try await aggregating.run(scan: roles.scan, handle: roles.handle)
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

  private func editor(_ follower: HistoryFollower) -> ObjectEditor {
    ObjectEditor(server: self, refusals: follower.refusals)
  }

  private func follower(_ name: String) -> HistoryFollower {
    HistoryFollower(history: self.context.store.history, logger: self.context.configuration.logger, name: name)
  }
}
