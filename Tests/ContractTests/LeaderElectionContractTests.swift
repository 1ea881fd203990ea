import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import TestSupport
import Testing

/// Who worked, in order, and whether anybody worked beside another.
private final class Turns: Sendable {
  private struct State {
    var order: [String] = []
    var working = 0
    var wasAlone = true
  }

  private let state = Mutex(State())
  var order: [String] { self.state.withLock { $0.order } }
  var wasAlone: Bool { self.state.withLock { $0.wasAlone } }

  func begin(_ name: String) {
    self.state.withLock { state in
      state.order.append(name)
      state.working += 1
      if state.working > 1 { state.wasAlone = false }
    }
  }

  func end() { self.state.withLock { $0.working -= 1 } }
}

/// Several contenders for one Lease: what an API server must give them is an atomic write of a version.
@Suite(.timeLimit(.minutes(2))) struct LeaderElectionContractTests {
  private func election(
    _ cluster: ContractCluster, _ name: String, _ timing: LeaseTiming
  ) -> LeaderElection<ContinuousClock> {
    LeaderElection(
      client: cluster.client, key: cluster.key("lead"), identity: name, clock: ContinuousClock(),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      options: LeaderElectionOptions(timing: timing, jitter: { 0 }))
  }

  @Test(arguments: ContractBackend.available)
  func oneLeadsAndTheNextTakesOverWhatIsReleased(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      let timing = LeaseTiming(lease: .seconds(60), renewDeadline: .seconds(40), retryPeriod: .milliseconds(50))
      let turns = Turns()
      let contenders = (0..<3).map { self.election(cluster, "contender-\($0)", timing) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, election) in contenders.enumerated() {
          group.addTask {
            try await election.run {
              turns.begin("contender-\(number)")
              defer { turns.end() }
              // Works until the lease has been renewed once, then lets go.
              let before = try await cluster.client.get(Lease.self, cluster.key("lead")).spec?.renewTime
              try await eventually("the lease is renewed") {
                try await cluster.client.get(Lease.self, cluster.key("lead")).spec?.renewTime != before
              }
            }
          }
        }
        try await group.waitForAll()
      }
      // Long before the lease would have ended by itself, each has had its turn, and none beside another.
      #expect(turns.order.sorted() == ["contender-0", "contender-1", "contender-2"])
      #expect(turns.wasAlone)
      let lease = try await cluster.client.get(Lease.self, cluster.key("lead"))
      #expect(lease.spec?.leaseTransitions == 2)
      #expect(lease.spec?.holderIdentity == "")
    }
  }
}
