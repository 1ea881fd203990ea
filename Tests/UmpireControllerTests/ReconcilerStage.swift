import ClusterTestSupport
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Metrics
import TestSupport
import UmpireModel
import WebhookClient
import WebhookProbing

@testable import UmpireController

/// Reconcilers without loops and watches: a test says when they work, and what their stores show.
struct ReconcilerStage: Sendable {
  static let pods = "/api/v1/namespaces/default/pods"

  let client: APIClient
  let state = ClusterState()
  let outbound: any ClientTransport

  /// Runs `body` on a cluster of its own.
  ///
  /// - Parameters:
  ///   - outbound: reaches the sidecars.
  ///   - refusal: the status with which a write is refused, given its method and path; nil if it is not.
  static func run(
    outbound: any ClientTransport = OutsideWorld().transport,
    refusing refusal: @escaping @Sendable (String, String) -> Status? = { _, _ in nil },
    _ body: (ReconcilerStage) async throws -> Void
  ) async throws {
    try await withCluster { cluster in
      let transport = ScriptedTransport { request, _ in
        if let status = refusal(request.head.method.rawValue, request.head.path ?? "") {
          let json = try JSONValue(encoding: status)
          return .body(
            String(decoding: json.serialized(), as: UTF8.self), status: .init(code: status.code ?? 500))
        }
        let answer = try await cluster.server.collect(request)
        return .body(
          String(decoding: answer.body, as: UTF8.self), status: answer.head.status, fields: answer.head.headerFields)
      }
      let client = APIClient(transport: transport, configuration: .inProcess, fieldManager: "test")
      try await body(ReconcilerStage(client: client, outbound: outbound))
    }
  }

  private var events: EventRecorder { EventRecorder(client: self.client, component: "test", logger: .silent) }

  func serverReconciler() -> ServerReconciler {
    ServerReconciler(
      client: self.client, state: self.state, sidecars: SidecarConversation(transport: self.outbound),
      events: self.events, configuration: ControllerConfiguration())
  }

  func fleetReconciler() -> FleetReconciler {
    FleetReconciler(client: self.client, state: self.state, events: self.events)
  }

  func gameTypeReconciler() -> GameTypeReconciler {
    GameTypeReconciler(client: self.client, state: self.state, events: self.events)
  }

  func autoscalerReconciler() -> GameAutoscalerReconciler {
    let surroundings = Surroundings()
    let exchange = WebhookExchange(
      transport: self.outbound, metricsFactory: NOOPMetricsHandler.instance, logger: .silent)
    let asking = WebhookAsking(
      exchange: exchange, credentials: WebhookCredentialReader(client: self.client), time: surroundings.time)
    return GameAutoscalerReconciler(
      client: self.client, state: self.state, events: self.events,
      asking: GameAutoscalerReconciler.Asking(inline: exchange, configured: asking), surroundings: surroundings)
  }

  /// Has the stores show what there is.
  func refresh() async throws {
    _ = self.state.gameTypes.replaceAll(try await self.client.list(GameType.self, namespace: nil).items)
    _ = self.state.fleets.replaceAll(try await self.client.list(Fleet.self, namespace: nil).items)
    _ = self.state.servers.replaceAll(try await self.client.list(Server.self, namespace: nil).items)
    _ = self.state.pods.replaceAll(try await self.client.list(Pod.self, namespace: nil).items)
  }

  /// A Server with a running Pod, on which somebody may be playing; the stores show both.
  func runningServer(_ change: (inout Server) -> Void = { _ in }) async throws -> Server {
    var server = Server(metadata: ObjectMeta(name: "duel", namespace: "default"), spec: Fixtures.serverSpec())
    server.metadata.finalizers = [Finalizers.deletionGate]
    change(&server)
    let created = try await self.client.create(server)
    let pod = try await self.client.create(PodTemplate.pod(for: created, sidecar: SidecarDefaults(image: "sidecar:1")))
    try await StandInPod.bind(pod, self.client)
    try await StandInPod.start(pod, number: 1, now: .now, self.client)
    try await self.refresh()
    return created
  }
}
