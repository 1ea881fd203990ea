import ArgumentParser
import CurlTransport
import FoundationEssentials
import Glibc
import KubernetesClient
import Logging
import Metrics
import Observability
import ServerSupport
import ServiceLifecycle
import UmpireController
import UnixSignals
import WebhookClient

@main
struct UmpireControllerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire-controller",
    abstract: "Runs game servers on Kubernetes as GameAutoscalers, GameTypes, Fleets and Servers say.",
    discussion: "Exit codes: 0 stopped as asked, 64 wrong configuration, 69 a port is not to be had.")

  @Option(help: "The kubeconfig to use. (default: KUBECONFIG, else in-cluster)")
  var kubeconfig: String?

  @Option(help: "The context of the kubeconfig. (default: its current one)")
  var context: String?

  @Option(help: "Work in this namespace only. (default: all)")
  var namespace: String?

  @Option(help: "The sidecar's image where a Server names none.")
  var sidecarImage = "umpire-sidecar"

  @Option(help: "The address of /livez, /readyz and /metrics.")
  var healthHost = "0.0.0.0"

  @Option(help: "The port of /livez, /readyz and /metrics; 0 for any.")
  var healthPort = 8081

  @Option(help: "The lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func validate() throws {
    guard Logger.Level(rawValue: self.logLevel) != nil else {
      throw ValidationError("--log-level must be a level such as info or debug")
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
    let controllers = UmpireControllers(
      connections: ControllerConnections(
        client: APIClient(transport: transport, configuration: configuration, fieldManager: "umpire-controller"),
        outbound: transport, services: ClusterServiceAddressResolver()),
      configuration: ControllerConfiguration(sidecarImage: self.sidecarImage, namespace: self.namespace),
      logger: logger, metricsFactory: registry)
    let router = HTTPService.router()
    router.addHealthRoutes { controllers.isReady ? nil : "the stores are not filled yet" }
    router.addMetricsRoute(registry)
    let health = HTTPService(router, host: self.healthHost, port: self.healthPort, logger: logger) { host, port in
      logger.info("Listening", metadata: ["address": "\(host):\(port)"])
    }
    var group = ServiceGroupConfiguration(
      services: [health, controllers], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(10)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as ListenError {
      logger.error("Cannot listen", metadata: ["error": "\(error)"])
      throw ExitCode(EX_UNAVAILABLE)
    }
  }
}
