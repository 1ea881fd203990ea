import HTTPTransport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import UmpireModel

/// Looks objects up in the cluster.
///
/// WebhookConfigurations, of which every new Server may name one, come from a store that each replica fills for itself,
/// whether it leads or not. The other autoscalers are listed at every question, so that two made at once do not both pass
/// by a store that is late. A Pod is asked for too: hardly anybody changes a Server that is not its own, and to follow all
/// Pods for that would cost every replica more.
struct ClusterLookups: AdmissionLookups {
  /// How long a lookup may take: shorter than whoever asks us waits.
  static let limit = Duration.seconds(1)

  let client: APIClient
  let configurations: ObjectStore<WebhookConfiguration>
  var clock: any Clock<Duration> = TimeoutClock()

  /// A lookup took too long.
  struct TooSlow: Error {}

  func webhookConfiguration(_ key: ObjectKey) async throws -> WebhookConfiguration? {
    if let known = self.configurations.get(key) { return known }
    // The store may be late, empty, or of another namespace.
    return try await self.bounded { try await self.client.find(WebhookConfiguration.self, key) }
  }

  func autoscalers(in namespace: String) async throws -> [GameAutoscaler] {
    try await self.bounded { try await self.client.list(GameAutoscaler.self, namespace: namespace).items }
  }

  func pod(_ key: ObjectKey) async throws -> Pod? {
    try await self.bounded { try await self.client.find(Pod.self, key) }
  }

  private func bounded<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    guard let value = try await withTimeLimit(Self.limit, clock: self.clock, operation) else { throw TooSlow() }
    return value
  }
}
