import ArgumentParser
import ClusterSimulation
import Glibc

extension Fault: ExpressibleByArgument {
  /// Reads `FAULT@WRITE`.
  public init?(argument: String) { self.init(argument) }
}

/// Plays the controllers' scenarios with a fault at every write.
@main
struct CrashSweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crash-sweep",
    abstract: "Plays the controllers' scenarios with a fault at every write.",
    discussion: """
      The whole controller works on the embedded API server in virtual time, with a stand-in node, scripted sidecars, \
      webhooks and players. Before and after each write it dies, the write is refused or its answer is lost, watches \
      break, expire or fall behind, a Pod dies, sidecars or webhooks are down; then seeds with several faults, and with \
      everything that happens at once in random order. Each run must end with exactly the wanted Servers and with \
      statuses that are true, and at no time may a player be thrown out.

      A run that fails prints the command that plays it again, alone.

      Scenarios: \(Scenario.all.map(\.name).joined(separator: ", ")).
      Faults: \(Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")), each as FAULT@WRITE.

      Exit codes: 0 every run was good, 1 one was not, 64 wrong command line.
      """)

  @Option(name: .long, help: ArgumentHelp("Only this scenario; may be given several times.", valueName: "name"))
  var scenario: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("Play one run with this fault; may be given several times.", valueName: "f@n"))
  var fault: [Fault] = []

  @Option(name: .long, help: "Play one run with this seed, 0 for the natural order.")
  var seed: UInt64?

  @Flag(
    name: .long,
    help: "Keep what happens in order: it is printed if one run is played, and where a run is another it is told.")
  var trace = false

  @Option(name: .long, help: "How many seeds each scenario is played with.")
  var seeds: UInt64 = 200

  @Option(name: .long, help: "Play one run in so many.")
  var share = 1

  @Option(name: .long, help: "How often each run is played; one that is not the same each time fails.")
  var times = 1

  @Option(name: .long, help: "How many runs at a time.")
  var parallel = 2

  func validate() throws {
    let names = Set(Scenario.all.map(\.name))
    for name in self.scenario where !names.contains(name) {
      throw ValidationError("there is no scenario \(name); there are \(names.sorted().joined(separator: ", "))")
    }
    guard (1...64).contains(self.parallel) else { throw ValidationError("--parallel must be from 1 to 64") }
    guard (1...1_000_000).contains(self.share) else { throw ValidationError("--share must be from 1 to 1000000") }
    guard (1...1_000).contains(self.times) else { throw ValidationError("--times must be from 1 to 1000") }
    guard self.seeds <= 1_000_000 else { throw ValidationError("--seeds must be at most 1000000") }
  }

  /// Whether each scenario is played once.
  private var isOneRun: Bool { !self.fault.isEmpty || self.seed != nil }

  func run() async throws {
    let scenarios = Scenario.all.filter { self.scenario.isEmpty || self.scenario.contains($0.name) }
    var (runs, failures) = (0, 0)
    for scenario in scenarios {
      let planned = try await self.runs(of: scenario)
      var failed = 0
      try await CrashSweep.play(planned, parallel: self.parallel, times: self.times, keepsLines: self.trace) {
        run, trace, failure in
        if self.isOneRun {
          for line in trace.lines { print(line) }
          Self.tell("digest \(String(trace.digest, radix: 16)) of \(run)")
        }
        guard let failure else { return }
        failed += 1
        Self.tell("FAILED  \(failure.run)")
        for violation in failure.violations.prefix(5) { Self.tell("  \(violation)") }
      }
      Self.tell("\(scenario.name): \(planned.count) runs, \(failed) failed")
      runs += planned.count
      failures += failed
    }
    print("crash-sweep: \(runs) runs of \(scenarios.count) scenarios, \(failures) failed")
    if failures > 0 { throw ExitCode.failure }
  }

  /// Prints a line at once, also into a file: a sweep takes minutes.
  private static func tell(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func runs(of scenario: Scenario) async throws -> [CrashSweep.Run] {
    guard !self.isOneRun else {
      return [CrashSweep.Run(scenario: scenario.name, faults: self.fault, seed: self.seed ?? 0)]
    }
    let report = try await Simulation.play(scenario)
    Self.tell("\(scenario.name): \(report.writes) writes when nothing goes wrong")
    let all = CrashSweep.runs(of: scenario, writes: report.writes, seeds: 1..<(self.seeds + 1))
    return CrashSweep.share(of: all, one: self.share, from: scenario.name.utf8.count)
  }
}
