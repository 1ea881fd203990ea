import TestSupport

/// Plays scenarios with one fault at each write of the controller, and with several at once in random order.
package enum CrashSweep {
  /// One run, which its description plays again.
  package struct Run: Sendable, Hashable, CustomStringConvertible {
    /// The scenario's name.
    package var scenario: String
    package var faults: [Fault]
    package var seed: UInt64

    package init(scenario: String, faults: [Fault], seed: UInt64) {
      self.scenario = scenario
      self.faults = faults
      self.seed = seed
    }

    /// The command that plays it.
    package var description: String {
      "scripts/crash-sweep --scenario \(self.scenario)" + self.faults.map { " --fault \($0)" }.joined()
        + " --seed \(self.seed)"
    }
  }

  /// A run that was against the rules.
  package struct Failure: Sendable {
    package var run: Run
    package var violations: [String]
  }

  /// The runs of a scenario: every fault at every write, and so many seeds with one to three faults in random order.
  ///
  /// Nothing goes wrong in the first.
  ///
  /// - Parameter writes: how many writes the controller makes when nothing goes wrong.
  package static func runs(of scenario: Scenario, writes: Int, seeds: Range<UInt64>) -> [Run] {
    var runs = [Run(scenario: scenario.name, faults: [], seed: 0)]
    for kind in Fault.Kind.allCases {
      for write in stride(from: 1, through: writes, by: 1) {
        runs.append(Run(scenario: scenario.name, faults: [Fault(kind, at: write)], seed: 0))
      }
    }
    for seed in seeds {
      var chance = FuzzSource(seed: seed)
      let faults = (0...chance.number(below: 3)).map { _ in
        Fault(chance.pick(Fault.Kind.allCases), at: 1 + chance.number(below: max(writes, 1)))
      }
      runs.append(Run(scenario: scenario.name, faults: faults, seed: seed))
    }
    return runs
  }

  /// One run in so many, spread over all of them.
  ///
  /// - Parameter start: which of the first ones to begin with, so that each scenario meets other faults at other writes.
  package static func share(of runs: [Run], one share: Int, from start: Int) -> [Run] {
    stride(from: start % share, to: runs.count, by: share).map { runs[$0] }
  }

  /// Plays a run.
  ///
  /// - Parameters:
  ///   - times: how often, at least once; one that is not the same each time is against the rules.
  ///   - trace: is told of all that happens the first time.
  /// - Returns: what was against the rules; nil for a good run.
  package static func play(
    _ run: Run, times: Int = 1, trace: SimulationTrace = SimulationTrace()
  ) async throws -> Failure? {
    guard let scenario = Scenario.all.first(where: { $0.name == run.scenario }) else {
      throw SimulationError("there is no scenario \(run.scenario)")
    }
    var violations = try await Simulation.play(scenario, faults: run.faults, seed: run.seed, trace: trace).violations
    for time in stride(from: 2, through: times, by: 1) {
      let again = SimulationTrace(keepsLines: trace.keepsLines)
      let report = try await Simulation.play(scenario, faults: run.faults, seed: run.seed, trace: again)
      guard again.digest != trace.digest else { continue }
      violations.append(
        "it is another run when it is played for the \(time). time" + (trace.difference(from: again) ?? ""))
      violations += report.violations.filter { !violations.contains($0) }
    }
    return violations.isEmpty ? nil : Failure(run: run, violations: violations)
  }

  /// Plays runs, so many at a time, and tells of each as it ends.
  ///
  /// - Parameters:
  ///   - times: how often each is played, and must be the same.
  ///   - keepsLines: whether the traces can be read.
  package static func play(
    _ runs: [Run], parallel: Int, times: Int = 1, keepsLines: Bool = false,
    _ ended: (Run, SimulationTrace, Failure?) throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: (Run, SimulationTrace, Failure?).self) { group in
      for (index, run) in runs.enumerated() {
        if index >= parallel, let (run, trace, failure) = try await group.next() { try ended(run, trace, failure) }
        group.addTask {
          let trace = SimulationTrace(keepsLines: keepsLines)
          return (run, trace, try await Self.play(run, times: times, trace: trace))
        }
      }
      for try await (run, trace, failure) in group { try ended(run, trace, failure) }
    }
  }
}
