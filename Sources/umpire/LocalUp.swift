import ArgumentParser
import FoundationEssentials
import Logging
import Metrics
import UmpireLocal

/// `umpire local up`.
struct LocalUp: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Starts the API server, the controller and a node that runs Pods as local processes.",
    discussion: """
      Writes a kubeconfig and prints how to use it. Ctrl-C and SIGTERM stop everything in order; no process is left \
      behind. With --data everything survives a restart, also a crash; without it nothing does.

      Volumes (configMap, secret, downwardAPI, projected, emptyDir) are folders, and nothing is mounted: a path at or \
      below a mountPath becomes the folder's in command, args, workingDir and the values of env, at the beginning of a \
      text, behind a '=' and in lists with colons. Paths within files and scripts stay as they are, and readOnly is \
      not enforced.

      Exit codes: 0 stopped as asked, 64 wrong command line, 65 a bad file or a damaged database, 66 a missing file, \
      69 a port or program is not to be had, 70 the demo failed, 73 a folder cannot be made, 75 another instance is \
      in the way.
      """)

  @OptionGroup
  var api: APIArguments

  @Option(
    name: .customShort("f"), parsing: .upToNextOption,
    help: ArgumentHelp("Apply these YAML files.", valueName: "file"))
  var files: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("The program behind an image; may be given several times.", valueName: "name=path"))
  var image: [String] = []

  @Flag(help: "Play the demo: a game grows and shrinks by its webhook's answers, and nobody is thrown out.")
  var demo = false

  @Flag(help: "With --demo: end after it, with exit code 0 only if every step was seen.")
  var once = false

  @OptionGroup
  var logs: LogArguments

  func validate() throws {
    if self.once && !self.demo { throw ValidationError("--once goes with --demo") }
  }

  func run() async throws {
    var options = LocalClusterOptions(api: self.api.options, manifests: self.files, images: self.image)
    options.playsDemo = self.demo
    options.endsAfterDemo = self.once
    // The demo's table is not to be torn by what goes as it should.
    try await self.logs.run(level: self.demo ? .error : .info) { logger in
      let cluster = try LocalCluster(
        options: options, environment: ProcessInfo.processInfo.environment, logger: logger,
        metricsFactory: NOOPMetricsHandler.instance)
      try await cluster.run()
    }
  }
}
