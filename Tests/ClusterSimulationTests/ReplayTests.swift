import ClusterSimulation
import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

extension SimulationTests {
  /// A run that fails is of use only if it can be played again.
  @Suite(.serialized, .timeLimit(.minutes(5)))
  struct ReplayTests {
    private static let runs = [
      Self.run(
        "scale-down", [.init(.crashAfter, at: 20), .init(.staleWatch, at: 31), .init(.watchExpires, at: 12)], 7),
      Self.run("orphan-and-adopt", [.init(.crashAfter, at: 24), .init(.watchBreaks, at: 12)], 3),
      Self.run("swinging", [.init(.webhookDown, at: 20), .init(.timeoutAfterEffect, at: 31)], 0),
      Self.run("drain-by-webhook", [.init(.crashAfter, at: 20), .init(.watchExpires, at: 12)], 7),
      Self.run("drain-by-webhook", [.init(.podDies, at: 30), .init(.conflict, at: 15)], 0),
    ]

    private static func run(_ scenario: String, _ faults: [Fault], _ seed: UInt64) -> CrashSweep.Run {
      CrashSweep.Run(scenario: scenario, faults: faults, seed: seed)
    }

    /// To the last choice among tasks, and not by its writes only.
    @Test(arguments: Self.runs)
    func aRunIsPlayedAgainAlike(_ run: CrashSweep.Run) async throws {
      let trace = SimulationTrace(keepsLines: true)
      let failure = try await CrashSweep.play(run, times: 4, trace: trace)
      #expect(failure == nil, "\(run)\n\(failure?.violations.joined(separator: "\n") ?? "")")
      #expect(trace.lines.count > 500)
    }

    /// Sets and dictionaries have another order in each process.
    @Test(arguments: [Self.runs[0], Self.runs[3]])
    func aRunIsPlayedAlikeInAnyProcess(_ run: CrashSweep.Run) async throws {
      let trace = SimulationTrace()
      _ = try await CrashSweep.play(run, trace: trace)
      let expected = "digest \(String(trace.digest, radix: 16)) of \(run)"
      for _ in 0..<2 {
        let output = try await Self.output(of: run)
        #expect(output.contains(expected), "\(output)")
      }
    }

    @Test func anotherSeedHasAnotherOrder() async throws {
      var digests: Set<UInt64> = []
      for seed: UInt64 in 0..<4 {
        let trace = SimulationTrace()
        _ = try await CrashSweep.play(Self.run("first-start", [], seed), trace: trace)
        digests.insert(trace.digest)
      }
      #expect(digests.count == 4)
    }

    @Test func theFirstDifferenceIsTold() async throws {
      let (one, other) = (SimulationTrace(keepsLines: true), SimulationTrace(keepsLines: true))
      _ = try await CrashSweep.play(Self.run("first-start", [], 1), trace: one)
      #expect(one.difference(from: one) == nil)
      _ = try await CrashSweep.play(Self.run("first-start", [], 2), trace: other)
      let difference = try #require(one.difference(from: other))
      #expect(difference.contains("comes task ") && difference.contains("or    task "))
    }

    /// What the program prints that plays a run.
    private static func output(of run: CrashSweep.Run) async throws -> String {
      let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let program = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex) + "/crash-sweep"
      let arguments = run.description.split(separator: " ").dropFirst().map(String.init)
      let result = try await Subprocess.run(
        .path(FilePath(String(program))), arguments: Arguments(arguments), output: .string(limit: 1 << 16))
      #expect(result.terminationStatus == .exited(0))
      return result.standardOutput
    }
  }
}
