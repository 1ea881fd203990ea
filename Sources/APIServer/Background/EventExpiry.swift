import KubernetesModel
import Logging

/// Deletes Events that have not been written for a while.
struct EventExpiry: Sendable {
  let editor: ObjectEditor
  let lifetime: Duration
  let now: @Sendable () -> Timestamp

  /// Looks at all Events once in a while, until the task is cancelled.
  func run(logger: Logger) async throws {
    while true {
      do {
        try await self.sweep()
      } catch StoreError.closed {
        return
      } catch let error as CancellationError {
        throw error
      } catch {
        logger.warning("Background work failed", metadata: ["work": "event-expiry", "error": "\(error)"])
      }
      try await Task.sleep(for: max(.seconds(1), min(.seconds(60), self.lifetime / 4)))
    }
  }

  /// Deletes what has expired.
  func sweep() async throws {
    let now = self.now()
    let listing = try await self.editor.store.list(StoreQuery(resource: BuiltInResources.events, namespace: nil))
    for stored in listing.objects {
      let event = try stored.decoded()
      guard let last = Self.lastSeen(event), now.duration(since: last) > self.lifetime else { continue }
      var options = DeleteOptions()
      options.preconditionUID = event.uid
      options.preconditionResourceVersion = event.resourceVersion
      // An Event that has expired is not deleted by anybody.
      try await self.editor.delete(stored.key, options, asksWebhooks: false)
    }
  }

  /// The newest time that an Event carries.
  static func lastSeen(_ event: APIObject) -> Timestamp? {
    ["lastTimestamp", "eventTime", "series.lastObservedTime", "metadata.creationTimestamp"]
      .compactMap { event[path: $0]?.stringValue }.compactMap { Timestamp($0) }.max()
  }
}
