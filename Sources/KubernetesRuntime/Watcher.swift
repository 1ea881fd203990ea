package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// Keeps a store true to the API server: lists, watches on from there, and lists anew when the history is gone.
///
/// To use a watcher, run it in a task; ``waitUntilSynced()`` returns once the first list is in the store. A kind that
/// the API server does not serve is asked for again and again: its definition may come later.
package final class Watcher<Resource: KubernetesResource>: Sendable {
  /// Told of every change, after the store has it.
  ///
  /// It must return quickly: enqueue a key, nothing more.
  package typealias Observer = @Sendable (StoreChange<Resource>) -> Void

  /// What the watcher has seen.
  package let store: ObjectStore<Resource>
  private let client: APIClient
  private let namespace: String?
  private let options: ListOptions
  private let mayBeForbidden: Bool
  private let observer: Observer
  private let logger: Logger
  private let timing: WatchTiming
  private let synced = Mutex<SyncState>(.waiting([]))

  /// ```
  ///   waiting ──404──> missing ──listed──> synced
  ///      └────────────listed──────────────────^
  /// ```
  private enum SyncState {
    case waiting([Waiter])
    /// The API server does not serve the kind.
    case missing([Waiter])
    case synced
  }

  private struct Waiter {
    var acceptsMissing: Bool
    var continuation: CheckedContinuation<Void, Never>
  }

  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - options: selectors that narrow what is watched.
  ///   - mayBeForbidden: whether a kind that may not be listed counts as one that is not served.
  package init(
    client: APIClient, namespace: String? = nil, options: ListOptions = ListOptions(),
    store: ObjectStore<Resource> = ObjectStore(), mayBeForbidden: Bool = false, logger: Logger,
    timing: WatchTiming = WatchTiming(),
    observer: @escaping Observer
  ) {
    var logger = logger
    logger[metadataKey: "watch.kind"] = "\(Resource.resourceType.kind)"
    self.client = client
    self.namespace = namespace
    self.options = options
    self.store = store
    self.mayBeForbidden = mayBeForbidden
    self.logger = logger
    self.timing = timing
    self.observer = observer
  }

  /// Returns once the store holds the first list.
  ///
  /// - Parameter orMissing: Whether to return also once it is known that the API server does not serve the kind.
  package func waitUntilSynced(orMissing: Bool = false) async {
    await withCheckedContinuation { continuation in
      let waiter = Waiter(acceptsMissing: orMissing, continuation: continuation)
      let isOver = self.synced.withLock { state in
        switch state {
        case .synced: return true
        case .missing where orMissing: return true
        case .missing(let waiting): state = .missing(waiting + [waiter])
        case .waiting(let waiting): state = .waiting(waiting + [waiter])
        }
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  /// Follows the API server until the task is cancelled.
  package func run() async {
    var position = WatchPosition()
    while !Task.isCancelled {
      let delay: Duration
      do {
        switch position.next {
        case .list:
          position.listed(at: try await self.list())
          continue
        case .watch(let version):
          let outcome = try await self.watch(from: version, position)
          position = outcome.position
          if let refusal = outcome.refusal { throw refusal }
          guard let pause = position.ended() else { continue }
          delay = pause
        }
      } catch is CancellationError {
        break
      } catch {
        if Task.isCancelled { break }
        let failure = WatchFailure(error)
        delay = max(position.failed(isExpired: failure.isExpired), failure.minimumDelay)
        // Said once: it may take until somebody installs the definition.
        let isMissing = failure.isMissingKind || self.mayBeForbidden && failure.isForbidden
        let isKnown = isMissing && !self.noteMissing()
        self.logger.log(
          level: failure.isExpected || isKnown ? .debug : .warning,
          isMissing ? "Kind cannot be listed, working without it" : "Watch interrupted",
          metadata: ["error": "\(error)", "retry.after": "\(delay)"])
      }
      // Cancellation ends the loop at its head.
      try? await self.timing.time.sleep(delay * (0.5 + self.timing.time.jitter()))
    }
    self.finishSync()
  }

  private func list() async throws -> String {
    let list = try await self.client.listReadable(Resource.self, namespace: self.namespace, options: self.options)
    let objects = list.items.compactMap { item -> Resource? in
      switch item {
      case .object(let object): return object
      case .unreadable(let object):
        self.report(object)
        return self.store.get(object.key)
      }
    }
    for change in self.store.replaceAll(objects) { self.observer(change) }
    self.finishSync()
    return list.metadata.resourceVersion ?? ""
  }

  /// One watch to its end: how far it came, also when it broke, and what the server refused if it did.
  private func watch(
    from version: String, _ start: WatchPosition
  ) async throws -> (position: WatchPosition, refusal: (any Error)?) {
    var options = self.options
    options.resourceVersion = version
    // Spread, so that watchers that began together do not return together.
    let seconds = self.timing.seconds
    let timeout = seconds.lowerBound + Int(self.timing.time.jitter() * Double(seconds.count))
    return try await self.client.withWatch(
      Resource.self, namespace: self.namespace, options: options, timeoutSeconds: timeout, idle: self.timing.idle
    ) { (events: WatchEvents<Resource>) in
      var position = start
      do {
        for try await event in events {
          if case .error(let status) = event { return (position, APIError(status)) }
          self.take(event)
          position.saw(event.resourceVersion)
        }
        return (position, nil)
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        return (position, error)
      }
    }
  }

  private func take(_ event: WatchEvent<Resource>) {
    switch event {
    case .added(let object), .modified(let object):
      let old = self.store.apply(object)
      self.observer(old.map { .updated(from: $0, to: object) } ?? .added(object))
    case .deleted(let object):
      if self.store.remove(object.key) != nil { self.observer(.removed(object)) }
    case .unreadable(let object, isDeleted: true):
      if let old = self.store.remove(object.key) { self.observer(.removed(old)) }
    case .unreadable(let object, isDeleted: false): self.report(object)
    case .bookmark, .error: break
    }
  }

  /// Says which object cannot be read.
  ///
  /// It stays as it was last read: to take it for gone would have it replaced.
  private func report(_ object: UnreadableObject) {
    self.logger.warning(
      "Object cannot be read, keeping what is known of it",
      metadata: [
        "kind": "\(Resource.resourceType.kind)", "object": "\(object.key)", "error": "\(object.fault)",
      ])
  }

  private func finishSync() {
    let (waiting, wasMissing): ([Waiter], Bool) = self.synced.withLock { state in
      defer { state = .synced }
      switch state {
      case .waiting(let waiting): return (waiting, false)
      case .missing(let waiting): return (waiting, true)
      case .synced: return ([], false)
      }
    }
    if wasMissing, !Task.isCancelled { self.logger.notice("Kind can be listed") }
    for waiter in waiting { waiter.continuation.resume() }
  }

  /// - Returns: false if that is known already.
  private func noteMissing() -> Bool {
    let content: [Waiter]? = self.synced.withLock { state in
      guard case .waiting(let waiting) = state else { return nil }
      state = .missing(waiting.filter { !$0.acceptsMissing })
      return waiting.filter(\.acceptsMissing)
    }
    for waiter in content ?? [] { waiter.continuation.resume() }
    return content != nil
  }
}
