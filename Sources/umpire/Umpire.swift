import ArgumentParser

/// The command line of Umpire.
@main
struct Umpire: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire",
    abstract: "Runs game servers on Kubernetes, and lets the studio's webhooks make the calls.",
    version: "0.1.0",
    subcommands: [Local.self, Validate.self, Webhook.self])
}

/// Everything on one machine, without a cluster.
struct Local: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs everything on this machine, without a cluster.",
    subcommands: [LocalUp.self, LocalAPI.self, LocalNode.self])
}
