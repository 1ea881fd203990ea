package import HTTPTransport
import HTTPTypes
import KubernetesModel
import Logging

/// A Kubernetes API server over one SQLite file, or over memory.
///
/// As an ``HTTPTransport`` it answers in process; a listener that serves any transport puts the same object on a port.
/// Open one, use it at once, and run ``run()`` beside for what happens by itself: garbage collection, the end of
/// namespaces and definitions, the expiry of Events.
///
/// ```swift
/// let server = try await EmbeddedAPIServer.open(.init(storage: .directory("/var/lib/umpire")))
/// try await withThrowingTaskGroup { group in
///   group.addTask { try await server.run() }
///   …
/// }
/// server.close()
/// ```
package final class EmbeddedAPIServer: HTTPTransport, Sendable {
  /// The largest body of a request, in bytes.
  package static let maximumBodyBytes = 3 << 20

  let context: ServerContext

  private init(_ context: ServerContext) { self.context = context }

  /// Opens the server on its storage.
  ///
  /// - Throws: ``APIServerError``: the folder is locked or unusable, the database is damaged, or fails otherwise.
  package static func open(_ configuration: Configuration) async throws(APIServerError) -> EmbeddedAPIServer {
    let registry = ResourceRegistry()
    let store = try ObjectStore(configuration.storage, historyEvents: configuration.historyEvents) { events in
      for event in events { registry.follow(event) }
    }
    let server = EmbeddedAPIServer(ServerContext(store: store, registry: registry, configuration: configuration))
    do {
      try await server.loadDefinitions()
      try await server.createNamespaces()
    } catch {
      store.close()
      throw APIServerError(.storage, "cannot read the stored objects: \(error)")
    }
    return server
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

  private func loadDefinitions() async throws {
    let listing = try await self.context.store.list(
      StoreQuery(resource: BuiltInResources.customResourceDefinitions, namespace: nil))
    for stored in listing.objects {
      self.context.registry.follow(StoreEvent(kind: .added, object: stored, previous: nil))
    }
  }

  private func createNamespaces() async throws {
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
      let key = StoreKey(resource: BuiltInResources.namespaces, namespace: "", name: name)
      guard try await self.context.store.object(key) == nil,
        let handler = self.handler(BuiltInResources.namespaces, namespace: nil, name: nil)
      else { continue }
      let body = APIObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
      _ = try await handler.create(body, options: try WriteOptions(RequestQuery(""), kind: "CreateOptions"))
    }
  }
}
