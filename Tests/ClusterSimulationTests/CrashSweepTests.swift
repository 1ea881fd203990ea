import ClusterSimulation
import Testing

/// Each simulation keeps a thread of its own busy, so that they are played one after the other.
@Suite(.serialized) enum SimulationTests {}

extension SimulationTests {
  /// A share of what `scripts/crash-sweep` plays.
  @Suite(.serialized, .timeLimit(.minutes(10)))
  struct CrashSweepTests {
    /// One run in so many.
    private static let share = 300

    @Test(arguments: Scenario.all.enumerated().map { ($0.offset, $0.element.name) })
    func nothingIsLostAndNobodyThrownOut(_ number: Int, _ name: String) async throws {
      let scenario = try #require(Scenario.all.first { $0.name == name })
      let calm = try await Simulation.play(scenario)
      #expect(calm.violations == [] && calm.writes > 0, "when nothing goes wrong")
      let all = CrashSweep.runs(of: scenario, writes: calm.writes, seeds: 1..<81)
      let share = CrashSweep.share(of: all, one: Self.share, from: number)
      var played = 0
      try await CrashSweep.play(share, parallel: 1) { run, _, failure in
        played += 1
        #expect(failure == nil, "\(run)\n\(failure?.violations.joined(separator: "\n") ?? "")")
      }
      #expect(played == share.count && played > 0)
    }

    @Test func webhooksAreAskedAndCanBeDown() async throws {
      for name in ["swinging", "scale-down-by-webhook", "drain-by-webhook"] {
        let scenario = try #require(Scenario.all.first { $0.name == name })
        let calm = try await Simulation.play(scenario)
        #expect(calm.webhooks.answers > 0 && calm.webhooks.failures == 0, "\(name)")
        let middle = try await Simulation.play(scenario, faults: [Fault(.webhookDown, at: calm.writes * 3 / 4)])
        #expect(middle.webhooks.failures > 0, "\(name)")
        #expect(middle.violations == [], "\(name)")
      }
    }

    @Test(arguments: Fault.Kind.allCases)
    func faultsAreReadAsTheyAreWritten(_ kind: Fault.Kind) {
      let fault = Fault(kind, at: 12)
      #expect(Fault(fault.description) == fault)
      #expect(Fault("\(kind.rawValue)@0") == nil)
      #expect(Fault(kind.rawValue) == nil)
    }
  }
}
