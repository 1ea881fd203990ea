import HTTPTransport
import KubernetesClient
import KubernetesModel
import Logging
import Metrics
import ServiceLifecycle
import UmpireAdmission

/// Admission in the same process: the API server asks it on loopback, by the webhook configurations of a cluster.
struct LocalAdmission: Sendable {
  private static let host = "127.0.0.1"

  /// What writes the webhook configurations, which somebody installs.
  let registering: APIClient
  /// What admission itself asks and writes with.
  let client: APIClient
  let logger: Logger
  let metricsFactory: any MetricsFactory

  /// Runs `body` while admission is served; the API server asks it from the start.
  ///
  /// - Throws: what keeps admission from being served, and what `body` throws.
  func run(_ body: () async throws -> Void) async throws {
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let options = OwnCertificateOptions(namespace: LocalAccessControl.namespace, names: [Self.host])
    let server = AdmissionServer(
      AdmissionConfiguration(host: Self.host, port: 0, certificate: .own(options)), client: self.client,
      logger: self.logger, metricsFactory: self.metricsFactory
    ) { _, port in listening.yield(port) }
    // A group of its own: whatever writes has ended before nobody answers for the writes any more.
    let service = ServiceGroup(configuration: .init(services: [server], logger: self.logger))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.finish() }
        try await service.run()
      }
      let result: Result<Void, any Error>
      do {
        result = .success(try await self.register(server, ports, body))
      } catch {
        result = .failure(error)
      }
      await service.triggerGracefulShutdown()
      // Why admission could not listen tells more than that it did not.
      try await group.waitForAll()
      try result.get()
    }
  }

  private func register(
    _ server: AdmissionServer, _ ports: AsyncStream<Int>, _ body: () async throws -> Void
  ) async throws {
    guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
    try await ManifestApplier(client: self.registering).apply(try Self.registrations(port: port))
    try await server.prepare()
    try await body()
  }

  /// Takes back what an earlier run has registered, so that nobody is asked who is not there.
  static func unregister(from client: APIClient) async throws {
    try await Self.unregister(MutatingWebhookConfiguration.self, from: client)
    try await Self.unregister(ValidatingWebhookConfiguration.self, from: client)
  }

  private static func unregister<Registration: WebhookRegistration>(
    _ type: Registration.Type, from client: APIClient
  ) async throws {
    let key = ObjectKey(namespace: nil, name: OwnCertificateOptions.registration)
    guard let found = try await client.find(type, key),
      found.metadata.labels?[Self.label] == Self.labelValue
    else { return }
    try await client.delete(type, key, options: DeleteOptions(uid: found.metadata.uid))
  }

  private static let label = "app.kubernetes.io/managed-by"
  private static let labelValue = "umpire-local"

  /// The webhook configurations of the manifests, at a port of this machine.
  static func registrations(port: Int) throws(LocalError) -> [ManifestDocument] {
    let documents = try ManifestFile.parse(EmbeddedManifests.admission, file: "admission.yaml")
    return documents.filter { $0.kind.hasSuffix("WebhookConfiguration") }.map { document in
      var document = document
      document.object["metadata"]?["labels"] = [Self.label: .string(Self.labelValue)]
      document.object["webhooks"] = .array(
        (document.object["webhooks"]?.arrayValue ?? []).map { webhook in
          var webhook = webhook
          let path = webhook["clientConfig"]?["service"]?["path"]?.stringValue ?? "/"
          webhook["clientConfig"] = ["url": .string("https://\(HostPort(host: Self.host, port: port))\(path)")]
          return webhook
        })
      return document
    }
  }
}
