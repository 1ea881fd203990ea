import ArgumentParser
import Cryptography
import CurlTransport
import FoundationEssentials
import Glibc
import Metrics
import Observability
import ServerSupport
import UmpireModel
import WebhookCheck
import WebhookClient

/// What concerns a studio's own webhooks.
struct Webhook: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Helps with the studio's own webhooks.", subcommands: [CheckWebhook.self])
}

/// `umpire webhook check`.
struct CheckWebhook: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Asks an endpoint as Umpire would, and says what it does right and wrong.",
    discussion: """
      Sends reviews to URL, exactly as it is given, and looks at each of these:

      \(EndpointCheck.overview)

      Only what is required decides the exit code. With another dialect than WebhookReview the uid and what is \
      malformed are advice as well, as the peers' own clients do not look at them. The signatures are checked only \
      with --secret. Without --type every type is tried, and those that are refused with 4xx count as not served; one \
      at least must be served.

      The reviews are about a Server or GameType that need not exist; a ConstraintWebhook is told of a constraint on \
      it. Name one that the endpoint knows with --name and --namespace.

      With --load nothing is judged but the answers: so many reviews are sent, --parallel at a time, and the rate, \
      the latency, the client's processor time and the connections are printed.

      Environment: UMPIRE_WEBHOOK_SIGNING_SECRET is used where --secret is not given.

      Exit codes: 0 everything that is required passed, 1 something failed, 64 wrong command line, 65 a bad secret, \
      certificate or file, 66 a file cannot be read, 73 the JUnit file cannot be written.
      """)

  @Argument(help: ArgumentHelp("The endpoint, http:// or https://.", valueName: "url"))
  var url: String

  @Option(
    help: ArgumentHelp(
      "A type that the endpoint must serve: readiness, deletable, constraint or scaling; may be given several times.",
      valueName: "type"))
  var type: [WebhookTypeArgument] = []

  @Option(
    help: ArgumentHelp(
      "The format it speaks: WebhookReview, or for scaling AutoscaleRequest, FleetAutoscaleReview or ScaleReview.",
      valueName: "dialect"))
  var dialect = DialectArgument(.webhookReview)

  @Option(help: "The name of the Server or GameType that the reviews are about.")
  var name = "umpire-check"

  @Option(help: "Its namespace.")
  var namespace = "default"

  @Option(help: ArgumentHelp("Trust the authorities in this PEM file instead of the system's.", valueName: "file"))
  var ca: String?

  @Option(help: ArgumentHelp("The certificate to present, a PEM file.", valueName: "file"))
  var cert: String?

  @Option(help: ArgumentHelp("The key of --cert, a PEM file.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "Sign with this secret, whsec_…, or with those in @file, and check that signatures are verified.",
      valueName: "secret"))
  var secret: String?

  @Option(help: ArgumentHelp("Write the result to this file as JUnit XML.", valueName: "file"))
  var junit: String?

  @Option(help: "How many seconds an answer may take, from 1 to 30.")
  var timeout: Int64 = 15

  @Option(help: ArgumentHelp("Measure instead: send this many reviews, at most 1000000.", valueName: "reviews"))
  var load: Int?

  @Option(help: "With --load: how many reviews are in flight at once, at most 1024. (default: 64)")
  var parallel: Int?

  func validate() throws {
    guard (1...30).contains(self.timeout) else { throw ValidationError("--timeout must be from 1 to 30") }
    guard self.load.map({ (1...LoadRun.mostReviews).contains($0) }) ?? true else {
      throw ValidationError("--load must be from 1 to \(LoadRun.mostReviews)")
    }
    guard self.parallel.map({ (1...LoadRun.mostParallel).contains($0) }) ?? true else {
      throw ValidationError("--parallel must be from 1 to \(LoadRun.mostParallel)")
    }
    guard self.parallel == nil || self.load != nil else { throw ValidationError("--parallel goes with --load") }
    guard self.load == nil || self.junit == nil else { throw ValidationError("--junit does not go with --load") }
    guard self.load == nil || self.type.count <= 1 else { throw ValidationError("--load takes one --type") }
    guard (self.cert == nil) == (self.key == nil) else { throw ValidationError("--cert and --key go together") }
    guard self.dialect.dialect == .webhookReview || self.type.allSatisfy({ $0.type == .scaling }) else {
      throw ValidationError("--dialect \(self.dialect.dialect.rawValue) is for scaling only")
    }
    for (option, text) in [("--name", self.name), ("--namespace", self.namespace)] {
      guard (1...253).contains(text.utf8.count) else { throw ValidationError("\(option) has 1 to 253 bytes") }
    }
  }

  func run() async throws {
    let endpoint = try self.endpoint()
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    var instruments = ProbeInstruments()
    instruments.connectionsOpened = { transport.statistics.connectionsOpened }
    instruments.progress = { LogOutput.standardError("\($0)\n") }
    let caller = try EndpointCaller(endpoint, transport: transport, instruments: instruments)
    let factory = ReviewFactory(name: self.name, namespace: self.namespace, dialect: self.dialect.dialect)
    let run = CheckRun(
      url: self.url, caller: caller, factory: factory, types: self.types, instruments: instruments)
    guard let reviews = self.load else { return try self.tell(try await run.run()) }
    guard let type = try await run.servedType() else {
      throw CommandFailure.exit(EXIT_FAILURE, "\(self.url) refuses every type; name the one that it serves with --type")
    }
    let plan = LoadRun.Plan(type: type, reviews: reviews, parallel: self.parallel ?? CheckRun.parallelReviews)
    let report = try await LoadRun(plan, caller: caller, factory: factory, instruments: instruments).run()
    print(report.text, terminator: "")
    guard report.failureCount == 0 else { throw ExitCode.failure }
  }

  private var types: [WebhookType] {
    var types: [WebhookType] = []
    for argument in self.type where !types.contains(argument.type) { types.append(argument.type) }
    return types
  }

  private func tell(_ report: CheckReport) throws {
    print(report.table, terminator: "")
    if let path = self.junit {
      do {
        try Data(report.junit.utf8).write(to: URL(filePath: path), options: .atomic)
      } catch {
        throw CommandFailure.exit(EX_CANTCREAT, "--junit \(path): cannot be written")
      }
    }
    guard report.isPassed else { throw ExitCode.failure }
  }

  private func endpoint() throws -> WebhookEndpoint {
    do {
      let authority = try self.ca.map { Data(try BoundedFile.read($0)).base64EncodedString() }
      let credentials = WebhookCredentials(
        signingSecrets: try self.secrets(), clientCertificate: try self.cert.map { try BoundedFile.read($0) },
        clientKey: try self.key.map { try BoundedFile.read($0) })
      return try WebhookEndpoint(
        WebhookClientConfig(url: self.url, caBundle: authority), namespace: self.namespace,
        timeoutSeconds: self.timeout, credentials: credentials)
    } catch let error as BoundedFileError {
      throw CommandFailure.exit(EX_NOINPUT, error.message)
    } catch let error as CryptographyError {
      throw CommandFailure.exit(EX_DATAERR, error.message)
    } catch let error as WebhookFailure {
      throw CommandFailure.exit(error.reason == .refused ? EX_USAGE : EX_DATAERR, error.message)
    }
  }

  private func secrets() throws -> [WebhookSecret] {
    let environment = ProcessInfo.processInfo.environment["UMPIRE_WEBHOOK_SIGNING_SECRET"]
    guard let text = self.secret ?? environment.flatMap({ $0.isEmpty ? nil : $0 }) else { return [] }
    guard text.hasPrefix("@") else { return try WebhookSecret.parse(Array(text.utf8)) }
    return try WebhookSecret.parse(try BoundedFile.read(String(text.dropFirst()), upTo: 4096))
  }
}

/// A webhook type as a person writes it: `ScalingWebhook` or `scaling`.
struct WebhookTypeArgument: ExpressibleByArgument {
  let type: WebhookType

  init?(argument: String) {
    guard let type = WebhookType.allCases.first(where: { "\($0)" == argument || $0.rawValue == argument }) else {
      return nil
    }
    self.type = type
  }

  static let allValueStrings = WebhookType.allCases.map { "\($0)" }
}

/// A dialect by its name.
struct DialectArgument: ExpressibleByArgument {
  let dialect: ScalingDialect

  init(_ dialect: ScalingDialect) {
    self.dialect = dialect
  }

  init?(argument: String) {
    guard let dialect = ScalingDialect(rawValue: argument) else { return nil }
    self.dialect = dialect
  }

  var defaultValueDescription: String { self.dialect.rawValue }

  static let allValueStrings = ScalingDialect.allCases.map(\.rawValue)
}
