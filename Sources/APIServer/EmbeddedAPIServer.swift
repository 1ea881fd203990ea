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
    let roles = RoleRegistry()
    let store = try ObjectStore(
      configuration.storage, historyEvents: configuration.historyEvents,
      seed: BuiltInObjects.seed(registry.snapshot, now: configuration.now())
    ) { events in
      for event in events {
        registry.follow(event)
        webhooks.follow(event)
        roles.follow(event)
      }
    }
    for definition in try store.loadAll(BuiltInResources.customResourceDefinitions) {
      registry.follow(StoreEvent(kind: .added, object: definition))
    }
    for resource in AdmissionRegistry.resources {
      for object in try store.loadAll(resource) { webhooks.follow(StoreEvent(kind: .added, object: object)) }
    }
    for resource in RolePolicy.resources {
      for object in try store.loadAll(resource) { roles.follow(StoreEvent(kind: .added, object: object)) }
    }
    let tokens = try Self.tokens(configuration.storage)
    return EmbeddedAPIServer(
      ServerContext(
        store: store, registry: registry, webhooks: webhooks, roles: roles, tokens: tokens, configuration: configuration
      ))
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

  /// Returns the tokens' issuer with the key of the data folder, which the store has locked.
  private static func tokens(_ storage: Configuration.Storage) throws(APIServerError) -> ServiceAccountTokens {
    switch storage {
    case .memory: try ServiceAccountTokens(seed: nil)
    case .directory(let folder): try ServiceAccountTokens(seed: try SigningKeyFile.seed(in: folder))
    }
  }
}
