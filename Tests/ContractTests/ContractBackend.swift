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
        try await Self.inOwnNamespace(
          cluster.client, ContractAccess(transport: cluster.server, configuration: .inProcess), body)
      }
    case .socket:
      try await withFolder { folder in
        try await SocketCluster.run(in: folder) { cluster in
          let configuration = try Kubeconfig(paths: [cluster.kubeconfig]).configuration()
          try await Self.inOwnNamespace(
            cluster.client, ContractAccess(transport: cluster.transport, configuration: configuration), body)
        }
      }
    case .cluster:
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let configuration = try Kubeconfig(paths: [Self.clusterKubeconfig ?? ""]).configuration()
      let client = APIClient(transport: transport, configuration: configuration, fieldManager: "umpire-contract")
      try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
      try await Self.inOwnNamespace(
        client, ContractAccess(transport: transport, configuration: configuration), body)
    }
  }

  private static func inOwnNamespace(
    _ client: APIClient, _ access: ContractAccess, _ body: (ContractCluster) async throws -> Void
  ) async throws {
    // The controllers work by the roles of the manifests, on every server.
    try await ManifestApplier(client: client).apply(try LocalCluster.accessControl())
    let name = "umpire-contract-\(UUID().uuidString.prefix(8).lowercased())"
    _ = try await client.create(Namespace(name: name))
    // A definition that was just installed is served a moment later.
    try await eventually("the kinds are served") {
      _ = try await client.list(GameType.self, namespace: name)
      return true
    }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(ContractCluster(client: client, access: access, namespace: name)))
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

/// How the API server is reached, whoever asks.
struct ContractAccess: Sendable {
  let transport: any ClientTransport
  /// An administrator's.
  let configuration: ClientConfiguration
}

/// What a contract test works with.
struct ContractCluster: Sendable {
  /// An administrator.
  let client: APIClient
  let access: ContractAccess
  /// A namespace of the test's own.
  let namespace: String

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: self.namespace, name: name) }

  /// A client of the controllers' service account.
  ///
  /// - Parameter record: gets what its requests need of its roles.
  func controller(record: AccessRecord? = nil) async throws -> APIClient {
    try await self.client(of: ObjectKey(namespace: "umpire-system", name: "umpire-controller"), record: record)
  }

  /// A client that comes in by a service account's token alone, whatever an administrator's configuration has.
  func client(of account: ObjectKey, record: AccessRecord? = nil) async throws -> APIClient {
    let token = try await self.client.token(of: account, TokenRequest.Spec(expirationSeconds: 3600))
    var configuration = self.access.configuration
    configuration.credentials = .token(token.token)
    configuration.security.clientCertificate = nil
    return APIClient(
      transport: record?.recording(self.access.transport, of: account.name) ?? self.access.transport,
      configuration: configuration, fieldManager: account.name)
  }
}
