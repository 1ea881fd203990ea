package import KubernetesClient
import KubernetesRuntime
package import Logging
package import Metrics
import ServerSupport
import ServiceLifecycle
import UmpireModel

/// Serves admission over HTTPS, with a certificate that renews itself.
///
/// Every replica serves, whoever leads. To use a server, run it as a service.
package final class AdmissionServer: ServiceLifecycle.Service {
  private let service: HTTPService
  private let certificates: any CertificateSource
  private let configurations: Watcher<WebhookConfiguration>

  /// Creates a server, which does nothing until ``run()`` is called.
  ///
  /// - Parameters:
  ///   - client: its writes must not depend on an election.
  ///   - onListening: called once with the address in use.
  package init(
    _ configuration: AdmissionConfiguration, client: APIClient, logger: Logger, metricsFactory: any MetricsFactory,
    onListening: @escaping @Sendable (_ host: String, _ port: Int) async -> Void = { _, _ in }
  ) {
    let identity = ServerIdentity()
    self.certificates =
      switch configuration.certificate {
      case .own(let options): OwnCertificates(options, client: client, identity: identity, logger: logger)
      case .folder(let path): CertificateFolder(path, identity: identity, logger: logger)
      }
    self.configurations = Watcher(client: client, namespace: configuration.namespace, logger: logger) { _ in }
    let lookups = ClusterLookups(client: client, configurations: self.configurations.store)
    let router = HTTPService.router(methods: AdmissionRoutes.methods)
    AdmissionRoutes(
      AdmissionHandler(lookups: lookups), logger: logger, metrics: AdmissionMetrics(factory: metricsFactory)
    ).add(to: router)
    self.service = HTTPService(
      router, host: configuration.host, port: configuration.port, identity: identity,
      limits: ServerLimits(bodyBytes: AdmissionRoutes.bodyBytes, connections: 512),
      stopDelay: { try await configuration.sleep(configuration.stopDelay) }, logger: logger, onListening: onListening)
  }

  /// Why the API server should not ask here, as admission is not served yet or will not be for long; nil if it should.
  package var unready: String? {
    if self.service.isStopping { return "admission is about to stop" }
    return self.certificates.unready ?? (self.service.isListening ? nil : "admission does not listen yet")
  }

  /// Sees to the certificates now instead of at the next occasion.
  ///
  /// - Throws: what keeps them from being in order.
  package func prepare() async throws { try await self.certificates.look() }

  /// Serves until the task is cancelled or gracefully shut down; to be called once.
  ///
  /// - Throws: ``ListenError`` when the address cannot be taken.
  package func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await self.certificates.run() }
      group.addTask { await self.configurations.run() }
      defer { group.cancelAll() }
      try await self.service.run()
    }
  }
}
