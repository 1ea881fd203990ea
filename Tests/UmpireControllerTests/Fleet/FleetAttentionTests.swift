import KubernetesModel
import KubernetesRuntime
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct FleetAttentionTests {
  private func isDrawn(_ change: (inout Server) -> Void) -> Bool {
    let before = Fixtures.server("a")
    var after = before
    after.metadata.resourceVersion = "2"
    change(&after)
    return FleetAttention.isDrawn(by: .updated(from: before, to: after))
  }

  @Test func whatTheFleetReadsDrawsIt() {
    #expect(self.isDrawn { $0.status?.state = .failed })
    #expect(self.isDrawn { $0.metadata.deletionTimestamp = Fixtures.now })
    #expect(self.isDrawn { $0.metadata.annotations = [Annotations.deletionCost: "1"] })
    #expect(self.isDrawn { $0.metadata.labels = [Labels.fleet: "other"] })
    #expect(self.isDrawn { $0.metadata.ownerReferences = [Fixtures.fleet("f", replicas: 1).controllerReference] })
    #expect(self.isDrawn { $0.metadata.generation = 7 })
    #expect(self.isDrawn { $0.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)] })
    #expect(self.isDrawn { $0.status?.conditions = [Condition(type: "Ready", status: .false, reason: "ErrImagePull")] })
    #expect(FleetAttention.isDrawn(by: .added(Fixtures.server("a"))))
    #expect(FleetAttention.isDrawn(by: .removed(Fixtures.server("a"))))
  }

  @Test func whatItDoesNotReadLeavesItInPeace() {
    #expect(!self.isDrawn { $0.metadata.annotations = ["example.com/seen": "1"] })
    #expect(!self.isDrawn { $0.status?.address = "127.0.0.2" })
    #expect(!self.isDrawn { $0.status?.conditions = [Condition(type: "DeleteAllowed", status: .false)] })
  }

  @Test func patienceGrowsWithTheFleetUpToABound() {
    #expect(FleetAttention.patience(servers: 3) == .zero)
    #expect(FleetAttention.patience(servers: 1_000) == .milliseconds(50))
    #expect(FleetAttention.patience(servers: 100_000) == .milliseconds(500))
  }
}
