import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging

/// The watchers that keep the stores true.
struct ClusterWatching: Sendable {
  private let client: APIClient
  private let namespace: String?
  private let logger: Logger
  private let timing: WatchTiming
  /// What each of them does until its task is cancelled.
  private(set) var runs: [@Sendable () async -> Void] = []
  /// The watchers in the order in which they were added.
  private var watched: [(kind: String, wait: Wait)] = []

  private typealias Wait = @Sendable (_ orMissing: Bool) async -> Void

  /// - Parameter namespace: what is watched; nil for all.
  init(client: APIClient, namespace: String?, logger: Logger, timing: WatchTiming) {
    self.client = client
    self.namespace = namespace
    self.logger = logger
    self.timing = timing
  }

  /// Watches the objects of a store.
  ///
  /// - Parameters:
  ///   - labels: a selector that narrows what is watched.
  ///   - mayBeForbidden: whether the controllers go on without the kind where they may not list it.
  ///   - observer: is told of every change; it must return quickly.
  mutating func add<Resource: KubernetesResource>(
    _ store: ObjectStore<Resource>, labels: String? = nil, mayBeForbidden: Bool = false,
    observer: @escaping Watcher<Resource>.Observer
  ) {
    let watcher = Watcher(
      client: self.client, namespace: Resource.resourceType.isNamespaced ? self.namespace : nil,
      options: ListOptions(labelSelector: labels), store: store, mayBeForbidden: mayBeForbidden, logger: self.logger,
      timing: self.timing, observer: observer)
    self.runs.append(watcher.run)
    self.watched.append((Resource.resourceType.kind, { await watcher.waitUntilSynced(orMissing: $0) }))
  }

  /// Returns once every store holds its first list, or its kind is known not to be served.
  ///
  /// - Parameter required: Kinds without which there is nothing to do: they are waited for until they are served.
  func waitUntilSynced(required: Set<String> = []) async {
    for (kind, wait) in self.watched { await wait(!required.contains(kind)) }
  }
}
