import ArgumentParser
import Cryptography
import FoundationEssentials
import Glibc
import HTTPTransport
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
    discussion: """
      Set the number of players with: curl -X PUT localhost:8000/state -d '{"players": 25}'

      With a signing secret, a review is answered only if it is signed by the Standard Webhooks specification, at most \
      five minutes old, and did not come before; others get 401. Whoever can reach the port may still set /state.

      Environment: UMPIRE_BIND_ADDRESS is the address to listen on, UMPIRE_WEBHOOK_SIGNING_SECRET one signing secret, \
      or two separated by a space.

      Exit codes: 0 stopped as asked, 64 wrong command line, 65 a secret or certificate cannot be used, 66 a file \
      cannot be read, 69 the port is not to be had.
      """)

  @Option(help: "The port to listen on, or 0 for any that is free.")
  var port = 8000

  @Option(help: "The address to listen on. (default: UMPIRE_BIND_ADDRESS, else 127.0.0.1)")
  var host: String?

  @Option(
    help: ArgumentHelp(
      "Believe only reviews that are signed with a secret of this file: one whsec_… or, while it is changed, two. The "
        + "file is read again when it changes.", valueName: "file"))
  var signingSecretFile: String?

  @Option(
    help: ArgumentHelp("Serve HTTPS with the certificate, and those it leads to, in this PEM file.", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The key of the certificate, a PEM file.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp("Let in only clients with a certificate of an authority in this PEM file.", valueName: "file"))
  var clientCa: String?

  @Option(help: "The lowest level that is logged: trace, debug, info, notice, warning, error or critical.")
  var logLevel = "info"

  func validate() throws {
    guard (0...65535).contains(self.port) else { throw ValidationError("--port must be from 0 to 65535") }
    guard Logger.Level(rawValue: self.logLevel) != nil else {
      throw ValidationError("--log-level must be a level such as info or debug")
    }
    guard (self.tlsCertificate == nil) == (self.tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together")
    }
    guard self.clientCa == nil || self.tlsCertificate != nil else {
      throw ValidationError("--client-ca goes with --tls-certificate and --tls-key")
    }
  }

  func run() async throws {
    Logs.bootstrap(level: Logger.Level(rawValue: self.logLevel) ?? .info)
    let registry = MetricsRegistry()
    MetricsSystem.bootstrap(registry)
    let logger = Logger(label: "umpire-webhook")
    let environment = ProcessInfo.processInfo.environment.filter { !$0.value.isEmpty }
    let signatures: SignatureGuard?
    let certificate: ServerCertificate?
    do {
      signatures = try self.signatures(environment, logger)
      certificate = try self.certificate()
    } catch {
      logger.error("Cannot start", metadata: ["error": "\(error)"])
      throw ExitCode(error is BoundedFileError ? EX_NOINPUT : EX_DATAERR)
    }
    let server = ReferenceWebhookServer(signatures: signatures, logger: logger)
    let service = HTTPService(
      server.router(metrics: registry), host: self.host ?? environment["UMPIRE_BIND_ADDRESS"] ?? "127.0.0.1",
      port: self.port, identity: certificate.map(ServerIdentity.init),
      limits: ServerLimits(bodyBytes: ReferenceWebhookServer.reviewBytes, connections: 512), logger: logger
    ) { host, port in
      logger.info("Listening", metadata: ["address": "\(HostPort(host: host, port: port))"])
    }
    var configuration = ServiceGroupConfiguration(
      services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(5)
    do {
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as ListenError {
      logger.error("Cannot listen", metadata: ["error": "\(error)"])
      throw ExitCode(error.code == .certificateUnusable ? EX_DATAERR : EX_UNAVAILABLE)
    }
  }

  private func signatures(_ environment: [String: String], _ logger: Logger) throws -> SignatureGuard? {
    if let path = self.signingSecretFile {
      return SignatureGuard(secrets: try SigningSecrets(file: path, logger: logger))
    }
    guard let text = environment["UMPIRE_WEBHOOK_SIGNING_SECRET"] else { return nil }
    return SignatureGuard(secrets: SigningSecrets(try WebhookSecret.parse(Array(text.utf8)), logger: logger))
  }

  private func certificate() throws(BoundedFileError) -> ServerCertificate? {
    guard let chain = self.tlsCertificate, let key = self.tlsKey else { return nil }
    var authority: [UInt8]?
    if let path = self.clientCa { authority = try BoundedFile.read(path) }
    return ServerCertificate(
      chain: try BoundedFile.read(chain), key: try BoundedFile.read(key), clientAuthority: authority)
  }
}
