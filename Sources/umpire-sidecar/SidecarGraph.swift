import CurlTransport
import FoundationEssentials
import HTTPTransport
import Hummingbird
import KubernetesClient
import KubernetesModel
import Logging
import Observability
import ServerSupport
import ServiceLifecycle
import SidecarPlugins
import UmpireModel
import UmpireSidecar
import WebhookClient
import WebhookProbing

/// Puts the parts of the sidecar together.
struct SidecarGraph {
  private let configuration: SidecarConfiguration
  private let client: APIClient?
  private let outbound: CurlHTTPTransport
  private let metrics: MetricsRegistry
  private let logger: Logger
  private let sidecar: Sidecar

  /// - Parameters:
  ///   - transport: to the API server.
  ///   - outbound: to webhooks, and to whatever plugins ask.
  init(
    configuration: SidecarConfiguration, transport: CurlHTTPTransport, outbound: CurlHTTPTransport,
    metrics: MetricsRegistry, logger: Logger
  ) {
    self.configuration = configuration
    self.outbound = outbound
    self.metrics = metrics
    self.logger = logger
    guard let server = configuration.server, let access = configuration.client else {
      self.client = nil
      self.sidecar = Sidecar(
        source: .memory(.standalone(environment: ProcessInfo.processInfo.environment)), logger: logger)
      return
    }
    let client = APIClient(
      transport: transport, configuration: access, fieldManager: "umpire-sidecar",
      options: .init(metricsFactory: metrics))
    self.client = client
    let services: any ServiceAddressResolver =
      switch configuration.serviceAddresses {
      case .dns: ClusterServiceAddressResolver()
      case .api: APIServiceAddresses(client: client)
      }
    var options = WebhookExchange.Options()
    options.refusedRanges += configuration.refusedRanges
    let probing = SidecarProbing(
      client: client, server: server,
      exchange: WebhookExchange(
        transport: outbound, resolver: services, metricsFactory: metrics, logger: logger, options: options),
      logger: logger, metricsFactory: metrics)
    self.sidecar = Sidecar(source: .server(client, server), probing: probing, logger: logger)
  }

  /// The plugins of a configuration file.
  func plugins(path: String) -> PluginRegistry {
    var surroundings = PluginSurroundings(
      transport: self.outbound, environment: ProcessInfo.processInfo.environment, logger: self.logger,
      metricsFactory: self.metrics)
    surroundings.client = self.client
    surroundings.identity = self.configuration.server.map {
      PluginIdentity(server: $0, podName: ProcessInfo.processInfo.environment["POD_NAME"])
    }
    surroundings.host = self.configuration.host
    let access = self.configuration.access
    surroundings.authorize = { (fields, peer) throws(Problem) in try access.check(fields, from: peer) }
    return PluginRegistry(path: path, surroundings: surroundings)
  }

  /// What is to run, in the reverse of the order in which it is to stop: what others need stops after them.
  func services(plugins: PluginRegistry?) -> [any ServiceLifecycle.Service] {
    let logger = self.logger
    let access = self.configuration.access
    let router = self.sidecar.router(metrics: self.metrics, access: access)
    router.get("plugins") { request, context in
      try access.check(request.headers, from: context.peer)
      return Response.json(plugins?.document ?? Array(#"{"plugins":[]}"#.utf8))
    }
    let rest = HTTPService(
      router, host: self.configuration.host, port: self.configuration.port,
      limits: ServerLimits(
        bodyBytes: Sidecar.bodyBytes, bodyTime: .seconds(10), headerBytes: 32 << 10, idle: .seconds(75),
        connections: 256, drain: .seconds(2)),
      logger: logger
    ) { host, port in
      logger.info("Listening", metadata: ["address": "\(HostPort(host: host, port: port))"])
    }
    let sdk = SDKService(
      server: self.sidecar, hosts: self.configuration.sdkHosts, grpcPort: self.configuration.grpcPort,
      httpPort: self.configuration.httpPort, metricsFactory: self.metrics, logger: logger
    ) { interface, host, port in
      logger.info(
        "Listening for the SDK",
        metadata: ["address": "\(HostPort(host: host, port: port))", "interface": "\(interface)"])
    }
    return [MemoryReturn(), self.sidecar, rest, sdk] + (plugins.map { [$0] } ?? [])
  }
}
