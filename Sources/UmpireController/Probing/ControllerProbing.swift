import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Metrics
import UmpireModel
import WebhookProbing

/// Asks the webhooks whose `caller` is the controller, for every Server.
struct ControllerProbing: Sendable {
  private let state: ClusterState
  private let prober: WebhookProber

  init(
    client: APIClient, state: ClusterState, asking: WebhookAsking, logger: Logger, metricsFactory: any MetricsFactory
  ) {
    self.state = state
    self.prober = WebhookProber(
      asker: .controller, limits: .controller, asking: asking,
      writer: APIConditionWriter(client: client, now: asking.time.timestamp),
      logger: logger, metricsFactory: metricsFactory)
  }

  func take(_ change: StoreChange<Server>) {
    let server = change.object
    self.prober.take(change, images: self.state.pod(of: server).map { ImageSignature.of(server, in: $0) })
  }

  func take(_ change: StoreChange<WebhookConfiguration>) { self.prober.take(change) }

  /// Its containers may have been changed in place.
  func take(_ change: StoreChange<Pod>) {
    if case .removed = change { return }
    let pod = change.object
    guard let owner = pod.ownerKey(Server.self), let server = self.state.servers.get(owner),
      server.webhookConfigurationName != nil, server.controls(pod)
    else { return }
    self.prober.observe(images: ImageSignature.of(server, in: pod), of: owner)
  }

  func run() async { await self.prober.run() }
}
