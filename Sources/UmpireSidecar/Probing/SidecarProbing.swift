package import KubernetesClient
package import KubernetesModel
import KubernetesRuntime
package import Logging
package import Metrics
import Synchronization
import UmpireModel
package import WebhookClient
import WebhookProbing

/// Asks the webhooks that the WebhookConfiguration of the sidecar's own Server names.
///
/// It is told of the Server by the ``Sidecar``, whose watch it shares; the configuration it watches itself, the one
/// that the Server names at the time, and no other.
package final class SidecarProbing: Sendable {
  private let client: APIClient
  private let server: ObjectKey
  private let prober: WebhookProber
  private let logger: Logger
  private let configuration = Mutex<String?>(nil)
  private let renamed = AsyncSignal()

  /// Creates the probing of one Server.
  ///
  /// - Parameters:
  ///   - exchange: with a transport for the webhooks alone, so that one that hangs takes no connection from the API
  ///     server's client.
  package init(
    client: APIClient, server: ObjectKey, exchange: WebhookExchange, logger: Logger, metricsFactory: any MetricsFactory
  ) {
    self.client = client
    self.server = server
    self.logger = logger
    self.prober = WebhookProber(
      asker: .sidecar, limits: .sidecar,
      asking: WebhookAsking(exchange: exchange, credentials: WebhookCredentialReader(client: client)),
      writer: APIConditionWriter(client: client), logger: logger, metricsFactory: metricsFactory)
  }

  /// Takes in what the watcher of the Server has seen.
  func take(_ change: StoreChange<Server>) {
    var name: String?
    if case .removed = change {} else { name = change.object.webhookConfigurationName }
    self.prober.take(change, images: ImageSignature.of(change.object))
    let isRenamed = self.configuration.withLock { configuration in
      defer { configuration = name }
      return configuration != name
    }
    if isRenamed { self.renamed.notify() }
  }

  /// Works until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.prober.run() }
      while !Task.isCancelled {
        guard let name = self.configuration.withLock({ $0 }) else {
          await self.renamed.wait()
          continue
        }
        await self.follow(ObjectKey(namespace: self.server.namespace, name: name))
      }
      group.cancelAll()
    }
  }

  /// Watches one configuration until the Server names another one.
  private func follow(_ key: ObjectKey) async {
    let prober = self.prober
    let watcher = Watcher<WebhookConfiguration>(
      client: self.client, namespace: key.namespace,
      options: ListOptions(fieldSelector: "metadata.name=\(key.name)"), logger: self.logger
    ) { prober.take($0) }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await watcher.run() }
      while !Task.isCancelled, self.configuration.withLock({ $0 }) == key.name { await self.renamed.wait() }
      group.cancelAll()
    }
    self.prober.remove(configuration: key)
  }
}
