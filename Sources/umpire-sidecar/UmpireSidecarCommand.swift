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
import UmpireSidecar
import UnixSignals
import WebhookClient
import WebhookProbing

@main
struct UmpireSidecarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire-sidecar",
    abstract: "Runs beside a game server: it asks whether to end, and permits that its Server is deleted.",
    discussion: """
      Environment: SERVER_NAME and POD_NAMESPACE say which Server this is; UMPIRE_SIDECAR_PORT (8080) and
      UMPIRE_BIND_ADDRESS (0.0.0.0) where to listen; UMPIRE_REFUSED_RANGES which addresses no webhook may have,
      beside link-local ones, such as 10.96.0.0/12,10.0.0.1; KUBECONFIG how to reach the API server, else the Pod's service
      account is used. UMPIRE_SERVICE_ADDRESSES says who knows where a webhook's Service is: dns (default) or api.
      """)

  @Option(help: "The kubeconfig to use. (default: KUBECONFIG, else in-cluster)")
  var kubeconfig: String?

  @Flag(help: "Keep the flags in memory only, without an API server.")
  var standalone = false

  @Option(help: "The lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func validate() throws {
    guard Logger.Level(rawValue: self.logLevel) != nil else {
      throw ValidationError("--log-level must be a level such as info or debug")
    }
  }

  func run() async throws {
    Logs.bootstrap(level: Logger.Level(rawValue: self.logLevel) ?? .info)
    let registry = MetricsRegistry(maximumSeries: 500)
    MetricsSystem.bootstrap(registry)
    let logger = Logger(label: "umpire-sidecar")
    let configuration: SidecarConfiguration
    do throws(ConfigurationError) {
      configuration = try SidecarConfiguration(
        environment: ProcessInfo.processInfo.environment, kubeconfig: self.kubeconfig, isStandalone: self.standalone)
    } catch {
      logger.error("Cannot start", metadata: ["error": "\(error)"])
      throw ExitCode(EX_USAGE)
    }
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    let webhookTransport = CurlHTTPTransport()
    defer { webhookTransport.shutdown() }
    var source = Sidecar.Source.memory(.standalone(environment: ProcessInfo.processInfo.environment))
    var probing: SidecarProbing?
    if let client = configuration.client, let server = configuration.server {
      let client = APIClient(
        transport: transport, configuration: client, fieldManager: "umpire-sidecar",
        options: .init(metricsFactory: registry))
      source = .server(client, server)
      let services: any ServiceAddressResolver =
        switch configuration.serviceAddresses {
        case .dns: ClusterServiceAddressResolver()
        case .api: APIServiceAddresses(client: client)
        }
      var options = WebhookExchange.Options()
      options.refusedRanges += configuration.refusedRanges
      probing = SidecarProbing(
        client: client, server: server,
        exchange: WebhookExchange(
          transport: webhookTransport, resolver: services, metricsFactory: registry, logger: logger, options: options),
        logger: logger, metricsFactory: registry)
    }
    let sidecar = Sidecar(source: source, probing: probing, logger: logger)
    let service = HTTPService(
      sidecar.router(metrics: registry, access: configuration.access), host: configuration.host,
      port: configuration.port,
      limits: ServerLimits(bodyBytes: Sidecar.bodyBytes, headerBytes: 32 << 10, connections: 256, drain: .seconds(2)),
      logger: logger
    ) { host, port in
      logger.info("Listening", metadata: ["address": "\(host):\(port)"])
    }
    var group = ServiceGroupConfiguration(
      services: [sidecar, service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(4)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as ListenError {
      logger.error("Cannot listen", metadata: ["error": "\(error)"])
      throw ExitCode(EX_UNAVAILABLE)
    }
  }
}
