import ArgumentParser
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Metrics
import Observability
import ServerSupport
import ServiceLifecycle
import UmpireAdmission
import UmpireController
import UnixSignals
import WebhookClient

@main
struct UmpireControllerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire-controller",
    abstract: "Runs game servers on Kubernetes as GameAutoscalers, GameTypes, Fleets and Servers say.",
    discussion: """
      Of several controllers with leader election one works, and the others stand by; all of them serve admission.
      Exit codes: 0 stopped as asked, 64 wrong configuration, 69 a port is not to be had, 75 the lease was lost.
      """)

  @Option(help: "The kubeconfig to use. (default: KUBECONFIG, else in-cluster)")
  var kubeconfig: String?

  @Option(help: "The context of the kubeconfig. (default: its current one)")
  var context: String?

  @Option(help: "Work in this namespace only. (default: all)")
  var namespace: String?

  @Flag(
    inversion: .prefixedNo, help: "Work only while holding a Lease. (default: on in a cluster, off with a kubeconfig)")
  var leaderElect: Bool?

  @Option(help: "The namespace of the Lease. (default: the controller's own, or the context's)")
  var leaderElectNamespace: String?

  @Option(help: "After how many seconds without a renewal others take the Lease, from 3 to 600.")
  var leaderElectLease = 15

  @Option(
    name: .customLong("refuse-range"),
    help: ArgumentHelp(
      "Addresses that no webhook may have, beside link-local ones, such as 10.96.0.0/12; may be given several times.",
      valueName: "cidr"))
  var refusedRanges: [String] = []

  @Option(help: "The address of /livez, /readyz and /metrics; * for every IPv4 and IPv6 address.")
  var healthHost = ListenHost.everyAddress

  @Option(help: "The port of /livez, /readyz and /metrics; 0 for any.")
  var healthPort = 8081

  @OptionGroup(title: "Sidecars")
  var sidecar: SidecarOptions

  @OptionGroup(title: "Admission")
  var admission: AdmissionOptions

  @Option(help: "The lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func validate() throws {
    guard Logger.Level(rawValue: self.logLevel) != nil else {
      throw ValidationError("--log-level must be a level such as info or debug")
    }
    if let text = self.refusedRanges.first(where: { NetworkRange($0) == nil }) {
      throw ValidationError(
        "--refuse-range must be a range such as 10.96.0.0/12, with no bits behind it; not '\(text)'")
    }
    guard (3...600).contains(self.leaderElectLease) else {
      throw ValidationError("--leader-elect-lease must be from 3 to 600")
    }
    guard (0...65_535).contains(self.healthPort) else { throw ValidationError("--health-port must be from 0 to 65535") }
  }

  func run() async throws {
    Logs.bootstrap(level: Logger.Level(rawValue: self.logLevel) ?? .info)
    let registry = MetricsRegistry()
    MetricsSystem.bootstrap(registry)
    let logger = Logger(label: "umpire-controller")
    let configuration: ClientConfiguration
    do throws(ConfigurationError) {
      configuration = try ClientConfiguration.discover(
        kubeconfig: self.kubeconfig, context: self.context, environment: ProcessInfo.processInfo.environment)
    } catch {
      logger.error("Cannot start", metadata: ["error": "\(error)"])
      throw ExitCode(EX_USAGE)
    }
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    // Endpoints that hang take no connection from the API server's client.
    let outbound = CurlHTTPTransport()
    defer { outbound.shutdown() }
    let client = APIClient(
      transport: transport, configuration: configuration, fieldManager: "umpire-controller",
      options: .init(metricsFactory: registry))
    let election = self.election(client, configuration, metrics: registry, logger: logger)
    var settings = ControllerConfiguration(sidecar: self.sidecar.defaults, namespace: self.namespace)
    settings.makesSidecarAccounts = self.sidecar.sidecarAccounts
    settings.sidecar.refusedRanges = self.refusedRanges.compactMap { NetworkRange($0) }
    var connections = ControllerConnections(
      client: election.map { election in client.writing(onlyIf: { election.isLeading }) } ?? client,
      outbound: outbound, services: ClusterServiceAddressResolver())
    connections.sidecarKeys = SidecarKeySecret(client: client, namespace: configuration.namespace, logger: logger)
    let controllers = UmpireControllers(
      connections: connections,
      configuration: settings, logger: logger, metricsFactory: registry)
    let elected = ElectedControllers(controllers: controllers, election: election)
    let admission = self.admission.server(
      for: configuration, namespace: self.namespace, client: client, logger: logger, metricsFactory: registry)
    let router = HTTPService.router()
    router.addHealthRoutes { elected.isReady ? admission?.unready : "the stores are not filled yet" }
    router.addMetricsRoute(registry)
    let health = HTTPService(router, host: self.healthHost, port: self.healthPort, logger: logger) { host, port in
      logger.info("Listening", metadata: ["address": "\(HostPort(host: host, port: port))"])
    }
    let services: [any ServiceLifecycle.Service] = [health] + (admission.map { [$0] } ?? []) + [elected]
    var group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(10) + (admission == nil ? .zero : self.admission.stopDelay)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as ListenError {
      logger.error("Cannot listen", metadata: ["error": "\(error)"])
      throw ExitCode(EX_UNAVAILABLE)
    } catch is LeaderElection<ContinuousClock>.Lost {
      // Logged where it happened. Another one works now; a fresh start stands by.
      throw ExitCode(EX_TEMPFAIL)
    }
  }

  private func election(
    _ client: APIClient, _ configuration: ClientConfiguration, metrics: MetricsRegistry, logger: Logger
  ) -> LeaderElection<ContinuousClock>? {
    guard self.leaderElect ?? configuration.isInCluster else { return nil }
    // 15 s, 10 s and 2 s, or in the same proportion.
    let lease = Duration.seconds(self.leaderElectLease)
    let timing = LeaseTiming(lease: lease, renewDeadline: lease * 2 / 3, retryPeriod: lease * 2 / 15)
    // Controllers of different namespaces do not stand in each other's way.
    let name = self.namespace.map { "umpire-controller-\($0)" } ?? "umpire-controller"
    return LeaderElection(
      client: client, key: ObjectKey(namespace: self.leaderElectNamespace ?? configuration.namespace, name: name),
      identity: "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())", clock: ContinuousClock(),
      logger: logger, options: LeaderElectionOptions(timing: timing, metricsFactory: metrics))
  }
}
