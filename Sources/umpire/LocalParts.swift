import ArgumentParser
import FoundationEssentials
import Logging
import Observability
import UmpireLocal

/// `umpire local api`.
struct LocalAPI: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api",
    abstract: "Starts the API server alone, with Umpire's kinds.",
    discussion: """
      Writes a kubeconfig and prints how to use it. With --data everything survives a restart, also a crash; without \
      it nothing does.

      Exit codes: 0 stopped as asked, 64 wrong command line, 65 a bad file or a damaged database, 66 a missing file, \
      69 a port is not to be had, 73 a folder or file cannot be made, 75 another instance is in the way.
      """)

  @OptionGroup
  var api: APIArguments

  @OptionGroup
  var logs: LogArguments

  func run() async throws {
    try await self.logs.run(level: .info) { logger in
      let api = try StandaloneAPI(
        options: self.api.options, environment: ProcessInfo.processInfo.environment, logger: logger)
      try await api.run()
    }
  }
}

/// `umpire local node`.
struct LocalNode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node",
    abstract: "Starts a node that runs Pods as local processes, for any API server.",
    discussion: """
      The node places Pods as a scheduler does: those without a node that name its scheduler, unless it is cordoned or \
      they do not tolerate its taints. In a cluster that has a scheduler give --no-schedule, or another name with \
      --scheduler-name. Ctrl-C and SIGTERM end its processes; the Pods stay. Volumes are as 'umpire local up --help' \
      says. Containers reach the API server by a token of their Pod's service account.

      Exit codes: 0 stopped as asked, 64 wrong command line, 65 a bad kubeconfig, 66 a missing file, 69 the API \
      server or a program is not to be had, 73 a folder cannot be made, 75 another instance is in the way.
      """)

  @Option(name: .long, help: ArgumentHelp("The kubeconfig that names the API server.", valueName: "file"))
  var kubeconfig: String

  @Option(name: .long, help: ArgumentHelp("Keep logs and volumes in this folder.", valueName: "dir"))
  var data: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The program behind an image; may be given several times.", valueName: "name=path"))
  var image: [String] = []

  @Option(name: .long, help: ArgumentHelp("The name of the Node object.", valueName: "name"))
  var nodeName = "local"

  @Option(
    name: .long, help: ArgumentHelp("Place the Pods that name this scheduler in schedulerName.", valueName: "name"))
  var schedulerName = "default-scheduler"

  @Flag(inversion: .prefixedNo, help: "Place Pods that have no node; without it run what a scheduler gives the node.")
  var schedule = true

  @OptionGroup
  var logs: LogArguments

  func run() async throws {
    try await self.logs.run(level: .info) { logger in
      var options = StandaloneNodeOptions(
        kubeconfig: self.kubeconfig, dataDirectory: self.data, images: self.image, nodeName: self.nodeName)
      options.schedulerName = self.schedule ? self.schedulerName : nil
      let node = try StandaloneNode(
        options: options, environment: ProcessInfo.processInfo.environment, logger: logger)
      try await node.run()
    }
  }
}

/// What every command with an API server takes.
struct APIArguments: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Keep everything in this folder.", valueName: "dir"))
  var data: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The IPv4 or IPv6 address of the API server, * for all. Any but a loopback address requires --token-file.",
      valueName: "address"))
  var host = "127.0.0.1"

  @Option(name: .long, help: "The API server's port; 0 for any.")
  var port = 8001

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Let only the bearer tokens of this file in: a token a line, or token,user,uid,groups.", valueName: "file"))
  var tokenFile: String?

  @Flag(help: "Serve HTTPS, with a certificate of an authority that is made on the first start.")
  var tls = false

  /// The arguments as the library takes them.
  var options: APIEndpointOptions {
    var options = APIEndpointOptions(
      dataDirectory: self.data, port: self.port, tokenFile: self.tokenFile, usesTLS: self.tls)
    options.host = self.host
    return options
  }
}

/// How much is logged.
struct LogArguments: ParsableArguments {
  @Option(name: .long, help: "trace, debug, info, notice, warning, error or critical.")
  var logLevel: String?

  func validate() throws {
    if let level = self.logLevel, Logger.Level(rawValue: level) == nil {
      throw ValidationError("--log-level \(level): use trace, debug, info, notice, warning, error or critical")
    }
  }

  /// Runs `body` with the program's logger, and ends the program with one clear message if it fails.
  ///
  /// - Parameter level: what is logged unless a person says otherwise.
  func run(level: Logger.Level, _ body: (Logger) async throws -> Void) async throws {
    Logs.bootstrap(level: self.logLevel.flatMap(Logger.Level.init(rawValue:)) ?? level)
    do {
      try await body(Logger(label: "umpire"))
    } catch let error as LocalError {
      throw CommandFailure.exit(error)
    }
  }
}

/// Ends the program with one clear message and an exit code.
enum CommandFailure {
  static func exit(_ error: LocalError) -> ExitCode {
    Self.exit(error.exitCode.rawValue, error.message)
  }

  static func exit(_ code: Int32, _ message: String) -> ExitCode {
    for line in message.split(separator: "\n") {
      LogOutput.standardError("umpire: \(line)\n")
    }
    return ExitCode(code)
  }
}
