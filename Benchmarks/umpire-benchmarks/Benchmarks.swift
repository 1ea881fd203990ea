import ArgumentParser

/// Measures the client, the runtime and the embedded API server on this machine.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "umpire-benchmarks",
    abstract: "Measures the client, the runtime and the embedded API server on this machine.",
    subcommands: [RunBenchmarks.self, ServeCommand.self], defaultSubcommand: RunBenchmarks.self)
}

/// Runs the benchmarks, prints the figures beside those of the run before, and keeps them.
struct RunBenchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the benchmarks and prints each figure beside that of the run before.",
    discussion: """
      All traffic stays on loopback, and every benchmark is bounded in number and time. The figures are kept in the \
      file of --results, where those of benchmarks that did not run stay as they are; those of --small are not kept.
      """)

  @Option(name: .long, help: ArgumentHelp("Run this benchmark only; may be given several times.", valueName: "name"))
  var only: [BenchmarkName] = []

  @Flag(name: .long, help: "Take a quick look at a fraction of the size, compare with nothing and keep nothing.")
  var small = false

  @Option(name: .long, help: ArgumentHelp("The file that keeps the figures.", valueName: "file"))
  var results = "Benchmarks/results.json"

  func run() async throws {
    let file = ResultsFile(path: self.results)
    // A file that cannot be read is told before minutes of work, not after them.
    var kept = self.small ? Results() : try file.read()
    let scale = self.small ? Scale.small : Scale.full
    var failed = false
    for name in BenchmarkName.allCases where self.only.isEmpty || self.only.contains(name) {
      print("\(name.rawValue): \(name.summary)")
      do {
        let figures = try await name.run(scale)
        print(FigureTable.text(figures, before: kept.figures))
        kept.take(figures, of: name)
      } catch {
        failed = true
        print("  failed: \(error)\n")
      }
      if !self.small { try file.write(kept) }
    }
    if failed { throw ExitCode.failure }
  }
}
