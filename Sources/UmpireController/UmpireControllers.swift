package import HTTPTransport
package import KubernetesClient
import KubernetesModel
import KubernetesRuntime
package import Logging
package import Metrics
import ServiceLifecycle
import Synchronization
import UmpireModel
package import WebhookClient
import WebhookProbing

/// How the controllers run.
package struct ControllerConfiguration: Sendable {
  /// What sidecars have where their Servers say nothing else.
  package var sidecar: SidecarDefaults
  /// The namespace to work in; nil for all.
  package var namespace: String?
  /// Whether the service account of the sidecars, and the binding of its role, are made in each namespace with Servers.
  package var makesSidecarAccounts = true
  /// How many Servers are worked on at once.
  package var serverWorkers: Int
  /// How many autoscalers may be waiting for their webhooks at once.
  package var autoscalerWorkers: Int

  package init(sidecar: SidecarDefaults = SidecarDefaults(), namespace: String? = nil) {
    self.sidecar = sidecar
    self.namespace = namespace
    self.serverWorkers = 32
    // A worker waits for one endpoint at a time, up to 30 s; it costs next to nothing.
    self.autoscalerWorkers = 256
  }
}

/// What the controllers reach the world through.
package struct ControllerConnections: Sendable {
  /// The API server.
  package var client: APIClient
  /// Sidecars and webhooks.
  package var outbound: any ClientTransport
  /// Finds the address behind a Service.
  package var services: any ServiceAddressResolver
  /// By what sidecars know the controller; nil to speak to those only that take anyone's word.
  package var sidecarKeys: (any SidecarKeySource)?

  package init(client: APIClient, outbound: any ClientTransport, services: any ServiceAddressResolver) {
    self.client = client
    self.outbound = outbound
    self.services = services
  }
}

/// All controllers over one set of stores: GameAutoscaler -> GameType -> Fleet -> Server -> Pod.
///
/// To use them, run the service; it returns when the task is cancelled or the group shuts down.
package final class UmpireControllers: ServiceLifecycle.Service {
  private let watching: ClusterWatching
  /// Each with the kinds without which it has nothing to decide on.
  private let loops: [(loop: ControllerLoop<InjectedClock>, kinds: Set<String>)]
  private let probing: ControllerProbing
  private let events: EventRecorder
  private let logger: Logger
  private let ready = Mutex(false)

  package init(
    connections: ControllerConnections, configuration: ControllerConfiguration = ControllerConfiguration(),
    logger: Logger, metricsFactory: any MetricsFactory, surroundings: Surroundings = Surroundings()
  ) {
    let client = connections.client
    let state = ClusterState()
    let time = surroundings.time
    let timing = WatchTiming(time: time)
    let events = EventRecorder(client: client, component: "umpire-controller", logger: logger, time: time)
    func loop(
      _ name: String, workers: Int, _ reconcile: @escaping ControllerLoop<InjectedClock>.Reconcile
    ) -> ControllerLoop<InjectedClock> {
      ControllerLoop(
        name: name, workers: workers, clock: surroundings.clock, logger: logger, metricsFactory: metricsFactory,
        reconcile: reconcile)
    }
    let serverReconciler = ServerReconciler(
      client: client, state: state,
      sidecars: SidecarConversation(
        transport: connections.outbound, keys: connections.sidecarKeys, now: surroundings.now), events: events,
      configuration: configuration, surroundings: surroundings)
    let fleetReconciler = FleetReconciler(
      client: client, state: state, events: events, surroundings: surroundings)
    let gameTypeReconciler = GameTypeReconciler(
      client: client, state: state, events: events, surroundings: surroundings)
    let records = WebhookRecords()
    let configurationReconciler = WebhookConfigurationReconciler(
      client: client, state: state, records: records, events: events, surroundings: surroundings)
    let configurations = loop("webhookconfiguration", workers: 2, configurationReconciler.reconcile)
    var options = WebhookExchange.Options()
    options.refusedRanges += configuration.sidecar.refusedRanges
    options.now = time.instant
    options.timestamp = time.timestamp
    // One for all that are asked from here, so that they share breakers and bounds.
    let exchange = WebhookExchange(
      transport: connections.outbound, resolver: connections.services, metricsFactory: metricsFactory,
      observer: RecordingWebhookObserver(records: records) { configurations.enqueue($0) }, logger: logger,
      options: options)
    let asking = WebhookAsking(exchange: exchange, credentials: WebhookCredentialReader(client: client), time: time)
    let autoscalerReconciler = GameAutoscalerReconciler(
      client: client, state: state, events: events,
      asking: GameAutoscalerReconciler.Asking(inline: exchange, configured: asking), surroundings: surroundings)
    let probing = ControllerProbing(
      client: client, state: state, asking: asking, logger: logger, metricsFactory: metricsFactory)
    let servers = loop("server", workers: configuration.serverWorkers, serverReconciler.reconcile)
    let fleets = loop("fleet", workers: 8, fleetReconciler.reconcile)
    let gameTypes = loop("gametype", workers: 4, gameTypeReconciler.reconcile)
    let autoscalers = loop(
      "gameautoscaler", workers: configuration.autoscalerWorkers, autoscalerReconciler.reconcile)

    let budgets = loop(
      "poddisruptionbudget", workers: 2,
      DisruptionBudgetReconciler(client: client, state: state, surroundings: surroundings).reconcile)

    var watching = ClusterWatching(client: client, namespace: configuration.namespace, logger: logger, timing: timing)
    watching.add(state.gameTypes) { gameTypes.enqueue($0.object.key) }
    watching.add(state.fleets) {
      fleets.enqueue($0.object.key)
      for owner in $0.owners(GameType.self, namedBy: Labels.gameType) { gameTypes.enqueue(owner) }
    }
    watching.add(state.servers) {
      servers.enqueue($0.object.key)
      if FleetAttention.isDrawn(by: $0) {
        for owner in $0.owners(Fleet.self, namedBy: Labels.fleet) {
          fleets.enqueue(owner, after: FleetAttention.patience(servers: state.serverCount(ofFleet: owner)))
        }
      }
      if let asked = $0.object.webhookConfigurationKey { configurations.enqueue(asked) }
      if !$0.isUpdate { budgets.enqueue(DisruptionBudgetReconciler.key(in: $0.object.metadata.namespace)) }
      probing.take($0)
    }
    watching.add(state.pods, labels: Labels.server) {
      for owner in $0.owners(Server.self) { servers.enqueue(owner) }
      probing.take($0)
    }
    watching.add(state.nodes, mayBeForbidden: true) {
      guard $0.changesNodeState else { return }
      for server in state.servers(onNode: $0.object.key.name) { servers.enqueue(server) }
    }
    watching.add(state.autoscalers) { autoscalers.enqueue($0.object.key) }
    // Read at every question, so that edits take effect at once.
    watching.add(state.webhookConfigurations) {
      configurations.enqueue($0.object.key)
      probing.take($0)
    }
    watching.add(state.disruptionBudgets, labels: DisruptionBudgetPlanner.selector) { budgets.enqueue($0.object.key) }
    self.watching = watching
    let (server, fleet, gameType) = (
      Server.resourceType.kind, Fleet.resourceType.kind, GameType.resourceType.kind
    )
    self.loops = [
      (servers, [server]), (fleets, [fleet, server]), (gameTypes, [gameType, fleet]),
      (autoscalers, [GameAutoscaler.resourceType.kind, gameType]),
      (configurations, [WebhookConfiguration.resourceType.kind]), (budgets, [server]),
    ]
    self.probing = probing
    self.events = events
    self.logger = logger
  }

  /// Whether every store of a kind that is served holds its first list, and decisions are made.
  package var isReady: Bool { self.ready.withLock { $0 } }

  package func run() async throws {
    await cancelWhenGracefulShutdown { await self.work() }
  }

  /// Works until the task is cancelled.
  package func work() async {
    await withTaskGroup(of: Void.self) { group in
      for run in self.watching.runs { group.addTask { await run() } }
      // No decision is made on half of what there is. A kind without a definition has no objects.
      await self.watching.waitUntilSynced()
      guard !Task.isCancelled else { return }
      self.ready.withLock { $0 = true }
      self.logger.info("Controllers started")
      group.addTask { await self.events.run() }
      for (loop, kinds) in self.loops {
        group.addTask {
          await self.watching.waitUntilSynced(required: kinds)
          await loop.run()
        }
      }
      group.addTask { await self.probing.run() }
    }
  }
}
