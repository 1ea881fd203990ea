import ArgumentParser
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import KubernetesClient
import Logging
import Metrics
import Observability
import ServerSupport
import ServiceLifecycle
import SidecarPlugins
import UmpireSidecar
import UnixSignals

@main
struct UmpireSidecarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire-sidecar",
    abstract: "Runs beside a game server: tells it what is wanted, stores what it says, asks its webhooks.",
    discussion: """
      Ports: 8080 for the game and the controller (UMPIRE_SIDECAR_PORT); the SDK, for the game alone, on 9020 for gRPC \
      (UMPIRE_SDK_GRPC_PORT) and 9021 for HTTP and JSON (UMPIRE_SDK_HTTP_PORT).

      Environment: SERVER_NAME and POD_NAMESPACE say which Server this is; UMPIRE_BIND_ADDRESS where to listen \
      (default: every IPv4 and IPv6 address); UMPIRE_CONTROLLER_KEYS and UMPIRE_SERVER_UID whose tokens are taken from outside the Pod, and for which \
      Server; UMPIRE_REFUSED_RANGES which addresses no webhook may have, beside link-local ones, such as \
      10.96.0.0/12,10.0.0.1; KUBECONFIG how to reach the API server, else the Pod's service account is used. \
      UMPIRE_SERVICE_ADDRESSES says who knows where a webhook's Service is: dns (default) or api.

      Exit codes: 0 stopped as asked, or with --wait the sidecar accepts connections; 64 wrong configuration; 69 a port \
      is not to be had, or with --wait the sidecar does not accept connections in time.
      """)

  @Option(help: "The kubeconfig to use. (default: KUBECONFIG, else in-cluster)")
  var kubeconfig: String?

  @Flag(help: "Keep the Server in memory, without an API server: for a developer's own machine.")
  var standalone = false

  @Option(help: ArgumentHelp("Run the plugins of this file, and follow it.", valueName: "file"))
  var config: String?

  @Flag(help: "Check the plugins' configuration, say what is wrong with it, and end.")
  var checkConfig = false

  @Flag(
    help: """
      Wait until the sidecar that runs in this Pod accepts connections, at most 60 s, then exit: for a postStart hook.
      """)
  var wait = false

  @Option(help: "The lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func validate() throws {
    guard Logger.Level(rawValue: self.logLevel) != nil else {
      throw ValidationError("--log-level must be a level such as info or debug")
    }
    if self.checkConfig, self.config == nil { throw ValidationError("--check-config goes with --config") }
    if self.wait, self.standalone || self.config != nil || self.kubeconfig != nil {
      throw ValidationError("--wait goes with no other option but --log-level")
    }
  }

  func run() async throws {
    ProcessFootprint.shrink()
    Logs.bootstrap(level: Logger.Level(rawValue: self.logLevel) ?? .info)
    let logger = Logger(label: "umpire-sidecar")
    let configuration: SidecarConfiguration
    do throws(ConfigurationError) {
      configuration = try SidecarConfiguration(
        environment: ProcessInfo.processInfo.environment, kubeconfig: self.kubeconfig,
        isStandalone: self.standalone || self.wait)
    } catch {
      logger.error("Cannot start", metadata: ["error": "\(error)"])
      throw ExitCode(EX_USAGE)
    }
    if self.wait { return try await self.wait(for: configuration, logger: logger) }
    let registry = MetricsRegistry(maximumSeries: 500)
    MetricsSystem.bootstrap(registry)
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    // Endpoints that hang take no connection from the API server's client.
    let outbound = CurlHTTPTransport()
    defer { outbound.shutdown() }
    let graph = SidecarGraph(
      configuration: configuration, transport: transport, outbound: outbound, metrics: registry, logger: logger)
    let plugins = self.config.map { graph.plugins(path: $0) }
    if self.checkConfig { return try self.check(plugins, logger: logger) }
    var group = ServiceGroupConfiguration(
      services: graph.services(plugins: plugins), gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(4)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error as ListenError {
      logger.error("Cannot listen", metadata: ["error": "\(error)"])
      throw ExitCode(EX_UNAVAILABLE)
    }
  }

  /// Waits for the sidecar that another process of this Pod is.
  private func wait(for configuration: SidecarConfiguration, logger: Logger) async throws {
    let missing = try await ListenerWait(for: configuration.servers, limit: .seconds(60)).run()
    guard let addresses = missing.first else { return }
    let list = addresses.map(\.description).joined(separator: " or ")
    logger.error("The sidecar does not accept connections", metadata: ["address": "\(list)"])
    throw ExitCode(EX_UNAVAILABLE)
  }

  /// Says everything that is wrong with the plugins' configuration, at once.
  ///
  /// A sidecar that runs does the same, and does without plugins until the file is mended: a match may be under way.
  private func check(_ plugins: PluginRegistry?, logger: Logger) throws {
    guard let plugins else { return }
    do throws(PluginConfigurationError) {
      for warning in try plugins.check() {
        logger.warning("Plugin configuration is unwise", metadata: ["warning": "\(warning)"])
      }
    } catch {
      for fault in error.faults {
        logger.error("Plugin configuration is wrong", metadata: ["error": "\(fault)"])
      }
      throw ExitCode(EX_USAGE)
    }
  }
}
