package import HTTPTransport
import KubernetesModel
import Logging

/// A Kubernetes API server over one SQLite file, or over memory.
///
/// As an ``ClientTransport`` it answers in process; a listener that serves any transport puts the same object on a port.
/// Open one, use it at once, and run ``run()`` beside for what happens by itself: garbage collection, the end of
/// namespaces and definitions, the expiry of Events.
///
/// ```swift
/// let server = try EmbeddedAPIServer.open(.init(storage: .directory("/var/lib/umpire")))
/// try await withThrowingTaskGroup { group in
///   group.addTask { try await server.run() }
///   …
/// }
/// server.close()
/// ```
package final class EmbeddedAPIServer: ClientTransport, Sendable {
  /// The largest body of a request, in bytes.
  package static let maximumBodyBytes = 3 << 20
  /// The largest path, query and header fields of a request together, in bytes.
  package static let maximumHeadBytes = 1 << 20

  let context: ServerContext

  private init(_ context: ServerContext) { self.context = context }

  /// Opens the server on its storage.
  ///
  /// Blocks while it reads the disk.
  ///
  /// - Throws: ``APIServerError``: the folder is locked or unusable, the database is damaged, or fails otherwise.
  package static func open(_ configuration: Configuration) throws(APIServerError) -> EmbeddedAPIServer {
    let registry = ResourceRegistry()
    let webhooks = AdmissionRegistry()
    let store = try ObjectStore(
      configuration.storage, historyEvents: configuration.historyEvents,
      seed: Self.namespaces(registry.snapshot, now: configuration.now())
    ) { events in
      for event in events {
        registry.follow(event)
        webhooks.follow(event)
      }
    }
    for definition in try store.loadAll(BuiltInResources.customResourceDefinitions) {
      registry.follow(StoreEvent(kind: .added, object: definition))
    }
    for resource in AdmissionRegistry.resources {
      for object in try store.loadAll(resource) { webhooks.follow(StoreEvent(kind: .added, object: object)) }
    }
    return EmbeddedAPIServer(
      ServerContext(store: store, registry: registry, webhooks: webhooks, configuration: configuration))
  }

  /// Ends every watch, refuses what comes after, and closes the storage.
  package func close() { self.context.store.close() }

  /// The revision of the last change: the newest resource version.
  package var revision: Int64 { self.context.store.history.revision }

  /// Answers a request.
  package func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    try await handle(try await self.answer(request).transportResponse)
  }

  /// The namespaces that are there from the start.
  private static func namespaces(_ snapshot: ResourceRegistry.Snapshot, now: Timestamp) -> [StoreMutation] {
    guard let resource = snapshot.resource(storeResource: BuiltInResources.namespaces) else { return [] }
    return ["default", "kube-system", "kube-public", "kube-node-lease"].compactMap { name in
      let body = APIObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
      let rules = ObjectRules(resource: resource, now: now)
      // A constant that the rules accept, as a test shows.
      guard let object = try? rules.created(body, namespace: nil, suffix: NameSuffix.random) else { return nil }
      return StoreMutation(
        resource.key(namespace: nil, name: name), .create(object), fields: resource.selectableValues(of: object))
    }
  }
}
