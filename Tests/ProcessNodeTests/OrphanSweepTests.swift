import Subprocess
import TestSupport
import Testing

@testable import ProcessNode

struct OrphanSweepTests {
  /// Starts a shell that carries a node's marker, and gives its number to `body` while it runs.
  private func withProcess(
    root: String, _ script: String, _ body: @escaping @Sendable (Int32) async throws -> Void
  ) async throws -> TerminationStatus {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = []
    let result = try await Subprocess.run(
      .name("sh"), arguments: ["-c", script], environment: .inherit.updating(["UMPIRE_NODE_STATE": root]),
      platformOptions: options, input: .none, output: .discarded, error: .discarded
    ) { execution in
      try await body(execution.processIdentifier.value)
    }
    return result.terminationStatus
  }

  @Test func endsProcessesOfItsOwnRootWithTheirChildren() async throws {
    try await withTemporaryFolder { folder in
      let status = try await self.withProcess(root: folder, "sleep 1000 & echo $! > \(folder)/child; wait") { _ in
        let child = try await eventually("the child is there") { Int32(text("\(folder)/child").dropLast()) }
        let outcome = try await OrphanSweep(stateRoot: folder).run()
        #expect(outcome.remaining.isEmpty)
        #expect(outcome.ended >= 1)
        #expect(!isRunning(child))
      }
      #expect(status == .signaled(9))
    }
  }

  @Test func leavesProcessesOfOtherRootsAlone() async throws {
    try await withTemporaryFolder { folder in
      _ = try await self.withProcess(root: "\(folder)/other", "exec sleep 1000") { processIdentifier in
        let outcome = try await OrphanSweep(stateRoot: folder).run()
        #expect(outcome == OrphanSweep.Outcome(ended: 0, remaining: []))
        #expect(isRunning(processIdentifier))
        _ = try await OrphanSweep(stateRoot: "\(folder)/other").run()
      }
    }
  }

  @Test func readsARecordWhoseNameIsHostile() throws {
    let stat = "42 (a) b (c) S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0"
    let record = try #require(ProcessRecord(42, stat: stat))
    #expect(record.parent == 7)
    #expect(record.group == 42)
    #expect(record.startTime == 987_654)
    #expect(ProcessRecord(42, stat: "nonsense") == nil)
  }
}
