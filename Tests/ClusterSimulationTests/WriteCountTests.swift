import Testing
import UmpireModel

@testable import ClusterSimulation

extension SimulationTests {
  /// The API server is shared by all: what a Server costs it is counted, refused writes too, and does not grow unseen.
  struct WriteCountTests {
    private func writes(_ body: @escaping @Sendable (Simulation) async throws -> Void) async throws -> [String: Int] {
      let report = try await Simulation.play(Scenario(name: "counted", play: body))
      #expect(report.violations == [])
      return report.requestsByTarget
    }

    private static let perServer = ["POST servers", "POST pods", "PATCH servers", "PATCH servers/status", "PATCH pods"]

    /// From the wish to the Ready Server: the Server, its Pod, and two statuses.
    @Test func aServerThatBecomesReadyTakesFourWrites() async throws {
      for count in [1, 10] {
        let writes = try await self.writes { stage in
          try await stage.create(replicas: Int64(count))
          try await stage.settle()
          try await stage.expect(servers: count)
        }
        let own = Self.perServer.reduce(0) { $0 + (writes[$1] ?? 0) }
        #expect(own <= 4 * count, "\(writes)")
      }
    }

    /// What owners say of their children is not written anew for each of them.
    @Test func statusesOfOwnersDoNotGrowWithTheServers() async throws {
      let writes = try await self.writes { stage in
        try await stage.create(replicas: 12)
        try await stage.settle()
        try await stage.expect(servers: 12)
      }
      for target in ["PATCH fleets/status", "PATCH gametypes/status"] {
        #expect((writes[target] ?? 0) <= 4, "\(writes)")
      }
    }

    /// To its end: the deletion, a status, the Pod, the finalizer.
    @Test func aServerThatGoesTakesFourMore() async throws {
      let count = 6
      let (before, after) = (
        try await self.writes { stage in
          try await stage.create(replicas: Int64(count))
          try await stage.settle()
        },
        try await self.writes { stage in
          try await stage.create(replicas: Int64(count))
          try await stage.settle()
          try await stage.scale(to: 0)
          try await stage.settle()
        }
      )
      let targets = Self.perServer + ["DELETE servers", "DELETE pods"]
      let own = targets.reduce(0) { $0 + (after[$1] ?? 0) - (before[$1] ?? 0) }
      #expect(own <= 4 * count, "\(before)\n\(after)")
    }

    /// Nothing is written, and nothing read but the watches.
    @Test func nothingIsAskedAtRest() async throws {
      let writes = try await self.writes { stage in
        try await stage.create(replicas: 3)
        try await stage.settle()
      }
      let later = try await self.writes { stage in
        try await stage.create(replicas: 3)
        for _ in 0..<5 { try await stage.settle() }
      }
      #expect(writes == later)
    }
  }
}
