import ArgumentParser
import FoundationEssentials
import Glibc
import Logging
import Metrics
import Observability
import ReferenceWebhook
import ServerSupport
import ServiceLifecycle
import UnixSignals

@main
struct UmpireWebhook: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire-webhook",
    abstract: "The reference webhook service: answers from a buffer policy and from what you set by hand.",
    discussion: "Set the number of players with: curl -X PUT localhost:8000/state -d '{\"players\": 25}'")

  @Option(help: "The port to listen on, or 0 for any that is free.")
  var port = 8000

  @Option(help: "The address to listen on. (default: UMPIRE_BIND_ADDRESS, else 127.0.0.1)")
  var host: String?

  @Option(help: "The lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func validate() throws {
    guard (0...65535).contains(self.port) else { throw ValidationError("--port must be from 0 to 65535") }
    guard Logger.Level(rawValue: self.logLevel) != nil else {
      throw ValidationError("--log-level must be a level such as info or debug")
    }
  }

  func run() async throws {
    Logs.bootstrap(level: Logger.Level(rawValue: self.logLevel) ?? .info)
    let registry = MetricsRegistry()
    MetricsSystem.bootstrap(registry)
    let logger = Logger(label: "umpire-webhook")
    let bindAddress = ProcessInfo.processInfo.environment["UMPIRE_BIND_ADDRESS"].flatMap { $0.isEmpty ? nil : $0 }
    let server = ReferenceWebhookServer(logger: logger)
    let service = HTTPService(
      server.router(metrics: registry), host: self.host ?? bindAddress ?? "127.0.0.1", port: self.port,
      limits: ServerLimits(bodyBytes: ReferenceWebhookServer.reviewBytes, connections: 512), logger: logger
    ) { host, port in
      logger.info("Listening", metadata: ["address": "\(host):\(port)"])
    }
    var configuration = ServiceGroupConfiguration(
      services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(5)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as ListenError {
      logger.error("Cannot listen", metadata: ["error": "\(error)"])
      throw ExitCode(EX_UNAVAILABLE)
    }
  }
}
