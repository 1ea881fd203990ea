package import APIServer
package import HTTPTransport
package import KubernetesClient
import KubernetesModel
import UmpireLocal

/// An embedded API server in process, with Umpire's kinds installed.
package struct TestCluster: Sendable {
  /// The server itself.
  package let server: EmbeddedAPIServer
  /// A client of it.
  package let client: APIClient

  /// Joins a server and a client of it.
  package init(server: EmbeddedAPIServer, client: APIClient) {
    self.server = server
    self.client = client
  }

  /// A client of the controllers' service account, with the roles of the manifests.
  ///
  /// - Parameter transport: what it goes through; the server itself if nil.
  package func controller(through transport: (any ClientTransport)? = nil) async throws -> APIClient {
    try await ManifestApplier(client: self.client).apply(try LocalCluster.accessControl())
    let account = ObjectKey(namespace: "umpire-system", name: "umpire-controller")
    let token = try await self.client.token(of: account, TokenRequest.Spec(expirationSeconds: 3600))
    var configuration = ClientConfiguration.inProcess
    configuration.credentials = .token(token.token)
    return APIClient(
      transport: transport ?? self.server, configuration: configuration, fieldManager: account.name)
  }
}

/// Runs `body` with a cluster of its own, in memory, and takes it down afterwards.
///
/// - Parameter webhookTransport: carries its questions to admission webhooks.
package func withCluster(
  webhookTransport: (any ClientTransport)? = nil, _ body: (TestCluster) async throws -> Void
) async throws {
  var configuration = EmbeddedAPIServer.Configuration(storage: .memory)
  configuration.webhookTransport = webhookTransport
  // Tests make Servers in any namespace, and few of them are about their account.
  configuration.admitsUnknownServiceAccounts = true
  let server = try EmbeddedAPIServer.open(configuration)
  defer { server.close() }
  let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "test")
  try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(TestCluster(server: server, client: client)))
    } catch {
      result = .failure(error)
    }
    group.cancelAll()
    // The background work ends by cancellation, which is no failure of the test.
    do { try await group.waitForAll() } catch is CancellationError {}
    try result.get()
  }
}
