import ClusterSimulation
import Testing

/// Each simulation keeps a thread of its own busy, so that they are played one after the other.
@Suite(.serialized) enum SimulationTests {}

extension SimulationTests {
  /// A share of what `scripts/crash-sweep` plays.
  @Suite(.serialized, .timeLimit(.minutes(10)))
  struct CrashSweepTests {
    /// One run in so many.
    private static let share = 120

    @Test(arguments: Scenario.all.enumerated().map { ($0.offset, $0.element.name) })
    func nothingIsLostAndNobodyThrownOut(_ number: Int, _ name: String) async throws {
      let scenario = try #require(Scenario.all.first { $0.name == name })
      let writes = try await Simulation.play(scenario).writes
      let all = CrashSweep.runs(of: scenario, writes: writes, seeds: 1..<81)
      let share = CrashSweep.share(of: all, one: Self.share, from: number)
      var played = 0
      try await CrashSweep.play(share, parallel: 1) { run, failure in
        played += 1
        #expect(failure == nil, "\(run)\n\(failure?.violations.joined(separator: "\n") ?? "")")
      }
      #expect(played == share.count && played > 0)
    }

    @Test(arguments: ["scale-down", "swinging", "drain-by-webhook"], [0, 7])
    func aRunIsPlayedAgainAlike(_ name: String, _ seed: UInt64) async throws {
      let scenario = try #require(Scenario.all.first { $0.name == name })
      let faults = [Fault(.crashAfter, at: 20), Fault(.staleWatch, at: 31), Fault(.watchExpires, at: 12)]
      let first = try await Simulation.play(scenario, faults: faults, seed: seed)
      let second = try await Simulation.play(scenario, faults: faults, seed: seed)
      #expect(first.violations == second.violations)
      withKnownIssue("in a random order a run has once been another when it was played again", isIntermittent: true) {
        #expect(first.writesByTarget == second.writesByTarget)
        #expect(first.digest == second.digest)
      } when: {
        seed != 0
      }
      // Another seed has another order.
      let other = try await Simulation.play(scenario, faults: faults, seed: seed + 1)
      #expect(first.digest != other.digest)
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
