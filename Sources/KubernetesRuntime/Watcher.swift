package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// Keeps a store true to the API server: lists, watches on from there, and lists anew when the history is gone.
///
/// To use a watcher, run it in a task; ``waitUntilSynced()`` returns once the first list is in the store.
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
  private let observer: Observer
  private let logger: Logger
  private let synced = Mutex<SyncState>(.waiting([]))

  private enum SyncState {
    case waiting([CheckedContinuation<Void, Never>])
    case synced
  }

  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - options: selectors that narrow what is watched.
  package init(
    client: APIClient, namespace: String? = nil, options: ListOptions = ListOptions(),
    store: ObjectStore<Resource> = ObjectStore(), logger: Logger, observer: @escaping Observer
  ) {
    var logger = logger
    logger[metadataKey: "watch.kind"] = "\(Resource.resourceType.kind)"
    self.client = client
    self.namespace = namespace
    self.options = options
    self.store = store
    self.logger = logger
    self.observer = observer
  }

  /// Returns once the store holds the first list.
  package func waitUntilSynced() async {
    await withCheckedContinuation { continuation in
      let isSynced = self.synced.withLock { state in
        guard case .waiting(let waiting) = state else { return true }
        state = .waiting(waiting + [continuation])
        return false
      }
      if isSynced { continuation.resume() }
    }
  }

  /// Follows the API server until the task is cancelled.
  package func run() async {
    var position = WatchPosition()
    while !Task.isCancelled {
      do {
        switch position.next {
        case .list: position.listed(at: try await self.list())
        case .watch(let version): try await self.watch(from: version, position: &position)
        }
      } catch is CancellationError {
        break
      } catch {
        if Task.isCancelled { break }
        let delay = position.failed(isExpired: (error as? APIError)?.isExpired ?? false)
        self.logger.debug(
          "Watch interrupted", metadata: ["error": "\(error)", "retry.after": "\(delay)"])
        // Cancellation ends the loop at its head.
        try? await Task.sleep(for: delay * Double.random(in: 0.5...1.5))
      }
    }
    self.finishSync()
  }

  private func list() async throws -> String {
    let list: ResourceList<Resource> = try await self.client.list(
      Resource.self, namespace: self.namespace, options: self.options)
    for change in self.store.replaceAll(list.items) { self.observer(change) }
    self.finishSync()
    return list.metadata.resourceVersion ?? ""
  }

  private func watch(from version: String, position: inout WatchPosition) async throws {
    var options = self.options
    options.resourceVersion = version
    // Spread, so that watchers that began together do not return together.
    let timeout = Int.random(in: 300...600)
    position = try await self.client.withWatch(
      Resource.self, namespace: self.namespace, options: options, timeoutSeconds: timeout
    ) { (events: WatchEvents<Resource>) in
      var position = position
      position.connected()
      for try await event in events {
        switch event {
        case .added(let object), .modified(let object):
          let old = self.store.apply(object)
          self.observer(old.map { .updated(from: $0, to: object) } ?? .added(object))
          position.saw(object.metadata.resourceVersion)
        case .deleted(let object):
          if self.store.remove(object.key) != nil { self.observer(.removed(object)) }
          position.saw(object.metadata.resourceVersion)
        case .bookmark(let version, _): position.saw(version)
        case .error(let status):
          if status.isExpired {
            _ = position.failed(isExpired: true)
            return position
          }
          throw APIError(status)
        }
      }
      return position
    }
  }

  private func finishSync() {
    let waiting: [CheckedContinuation<Void, Never>] = self.synced.withLock { state in
      guard case .waiting(let waiting) = state else { return [] }
      state = .synced
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}

/// Where a watcher stands between the API server's history and its own store.
///
/// ```
///   list --listed--> watch(version) --expired--> list
///                      |      ^
///                      +------+ saw, ended, failed: from the newest version on
/// ```
struct WatchPosition: Sendable, Equatable {
  enum Next: Equatable {
    case list
    case watch(String)
  }

  private(set) var next: Next = .list
  private var failures = 0
  static let backoff = Backoff(base: .milliseconds(100), maximum: .seconds(15))

  mutating func listed(at version: String) {
    self.next = .watch(version)
    self.failures = 0
  }

  mutating func connected() { self.failures = 0 }

  mutating func saw(_ version: String?) {
    guard let version, !version.isEmpty else { return }
    self.next = .watch(version)
  }

  /// - Returns: how long to wait before the next step.
  mutating func failed(isExpired: Bool) -> Duration {
    if isExpired { self.next = .list }
    defer { self.failures += 1 }
    return Self.backoff.delay(afterFailures: self.failures)
  }
}
