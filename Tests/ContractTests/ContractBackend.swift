import ClusterTestSupport
import CurlTransport
import FoundationEssentials
import HTTPTransport
import KubernetesClient
import KubernetesModel
import TestSupport
import UmpireLocal
import UmpireModel

/// Whose answers are tested.
///
/// Nothing in these tests depends on the answer's being our own server's.
enum ContractBackend: String, Sendable, CaseIterable {
  /// The embedded API server, in process.
  case inProcess
  /// The embedded API server, on a socket, through libcurl.
  case socket
  /// The cluster that `UMPIRE_TEST_KUBECONFIG` names.
  case cluster

  private static var clusterKubeconfig: String? {
    ProcessInfo.processInfo.environment["UMPIRE_TEST_KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The cluster only where one is named.
  static var available: [ContractBackend] {
    Self.allCases.filter { $0 != .cluster || Self.clusterKubeconfig != nil }
  }

  /// Runs `body` with Umpire's kinds installed and a namespace of its own, which is removed afterwards.
  func run(_ body: (ContractCluster) async throws -> Void) async throws {
    switch self {
    case .inProcess:
      try await withCluster { cluster in
        try await Self.inOwnNamespace(cluster.client, body) {
          var configuration = ClientConfiguration.inProcess
          configuration.credentials = .token($0)
          return APIClient(transport: cluster.server, configuration: configuration, fieldManager: "umpire-controller")
        }
      }
    case .socket:
      try await withFolder { folder in
        try await SocketCluster.run(in: folder) { cluster in
          try await Self.inOwnNamespace(cluster.client, body) { token in
            let configuration = try Kubeconfig(paths: [cluster.kubeconfig]).configuration()
            return Self.client(configuration, token: token, over: cluster.transport)
          }
        }
      }
    case .cluster:
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let configuration = try Kubeconfig(paths: [Self.clusterKubeconfig ?? ""]).configuration()
      let client = APIClient(transport: transport, configuration: configuration, fieldManager: "umpire-contract")
      try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
      try await Self.inOwnNamespace(client, body) { Self.client(configuration, token: $0, over: transport) }
    }
  }

  /// A client that comes in by a token alone, whatever an administrator's configuration has.
  private static func client(
    _ configuration: ClientConfiguration, token: String, over transport: CurlHTTPTransport
  ) -> APIClient {
    var configuration = configuration
    configuration.credentials = .token(token)
    configuration.security.clientCertificate = nil
    return APIClient(transport: transport, configuration: configuration, fieldManager: "umpire-controller")
  }

  private static func inOwnNamespace(
    _ client: APIClient, _ body: (ContractCluster) async throws -> Void,
    controller makeController: (_ token: String) throws -> APIClient
  ) async throws {
    // The controllers work by the roles of the manifests, on every server.
    try await ManifestApplier(client: client).apply(try LocalCluster.accessControl())
    let account = ObjectKey(namespace: "umpire-system", name: "umpire-controller")
    let token = try await client.token(of: account, TokenRequest.Spec(expirationSeconds: 3600))
    let controller = try makeController(token.token)
    let name = "umpire-contract-\(UUID().uuidString.prefix(8).lowercased())"
    _ = try await client.create(Namespace(name: name))
    // A definition that was just installed is served a moment later.
    try await eventually("the kinds are served") {
      _ = try await client.list(GameType.self, namespace: name)
      return true
    }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(ContractCluster(client: client, controller: controller, namespace: name)))
    } catch {
      result = .failure(error)
    }
    try await Self.letGo(GameType.self, in: name, client)
    try await Self.letGo(Fleet.self, in: name, client)
    try await Self.letGo(Server.self, in: name, client)
    try await client.delete(Namespace.self, ObjectKey(namespace: nil, name: name))
    try result.get()
  }

  /// Takes off the finalizers that no controller takes off any more, so that the namespace can go.
  private static func letGo<Resource: KubernetesResource>(
    _ type: Resource.Type, in namespace: String, _ client: APIClient
  ) async throws {
    for object in try await client.list(type, namespace: namespace).items {
      do {
        let _: Resource = try await client.patch(type, object.key, ["metadata": ["finalizers": nil]])
      } catch let error as APIError where error.isNotFound {
        // It has gone by itself.
      }
    }
  }
}

/// What a contract test works with.
struct ContractCluster: Sendable {
  /// An administrator.
  let client: APIClient
  /// The service account of the controllers.
  let controller: APIClient
  /// A namespace of the test's own.
  let namespace: String

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: self.namespace, name: name) }
}
