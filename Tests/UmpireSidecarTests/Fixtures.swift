import Hummingbird
import HummingbirdTesting
import KubernetesModel
import Logging
import Observability
import ServerSupport
import TestSupport
import Testing
import UmpireModel

@testable import UmpireSidecar

extension Logger {
  /// A logger that drops everything.
  static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}

extension ObjectKey {
  /// The one Server of ``OneServerAPI``.
  static let arena = ObjectKey(namespace: "games", name: "arena-1")
}

extension Sidecar.Source {
  /// A Server of its own.
  static var memory: Self { .memory(.standalone(environment: [:])) }
}

/// Runs a sidecar of the API server's one Server while `body` asks its routes.
func withSidecar(
  _ api: OneServerAPI, writeDeadline: Duration = .seconds(10),
  _ body: @escaping @Sendable (any TestClientProtocol, Sidecar) async throws -> Void
) async throws {
  try await withSidecar(.server(api.client, .arena), writeDeadline: writeDeadline, body)
}

/// Runs a sidecar while `body` asks its routes.
func withSidecar(
  _ source: Sidecar.Source, writeDeadline: Duration = .seconds(10), waitsForReading: Bool = true,
  _ body: @escaping @Sendable (any TestClientProtocol, Sidecar) async throws -> Void
) async throws {
  let sidecar = Sidecar(source: source, logger: .silent, writeDeadline: writeDeadline)
  let service = HTTPService(
    sidecar.router(metrics: MetricsRegistry(), access: .podOnly), host: "127.0.0.1", port: 0, logger: .silent)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await sidecar.run() }
    defer { group.cancelAll() }
    if waitsForReading { try await eventually("the Server has been read") { sidecar.value(of: .deleteAllowed) != nil } }
    try await service.application.test(.live) { client in try await body(client, sidecar) }
  }
}
