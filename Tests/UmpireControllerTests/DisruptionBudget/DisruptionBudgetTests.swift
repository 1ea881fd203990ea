import ClusterTestSupport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct DisruptionBudgetTests {
  private func action(_ existing: PodDisruptionBudget?, hasServers: Bool) -> DisruptionBudgetPlanner.Action {
    DisruptionBudgetPlanner.action(in: "games", existing: existing, hasServers: hasServers)
  }

  @Test func aNamespaceWithServersHasOne() throws {
    #expect(self.action(nil, hasServers: false) == .none)
    guard case .create(let budget) = self.action(nil, hasServers: true) else {
      Issue.record("something else is to be done")
      return
    }
    #expect(budget.metadata.namespace == "games")
    #expect(budget.spec.selector?.matches([Labels.protected: "true"]) == true)
    #expect(self.action(budget, hasServers: true) == .none)
    #expect(self.action(budget, hasServers: false) == .delete)
    var changed = budget
    changed.spec.minAvailable = 0
    guard case .restore(let patch) = self.action(changed, hasServers: true) else {
      Issue.record("something else is to be done")
      return
    }
    #expect(patch["spec"]?["minAvailable"] == budget.spec.minAvailable)
    var going = budget
    going.metadata.deletionTimestamp = Fixtures.now
    #expect(self.action(going, hasServers: false) == .none)
  }

  @Test func noEvictionEndsAServerThatMayNotGo() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 1))
      let server = try await eventually("the Server is ready") {
        try await client.arenaServers().first { $0.status?.state == .ready }
      }
      let key = DisruptionBudgetReconciler.key(in: "default")
      try await eventually("the budget is there") { try await client.find(PodDisruptionBudget.self, key) != nil }
      let pod = ObjectKey(namespace: "default", name: server.podName)
      #expect(try await client.evict(pod) == 429)
      // Somebody weakens the budget, or takes it away: it is put right.
      let _: PodDisruptionBudget = try await client.patch(
        PodDisruptionBudget.self, key, ["spec": ["minAvailable": 0]])
      try await eventually("it holds again") {
        try await client.find(PodDisruptionBudget.self, key)?.spec.minAvailable != 0
      }
      let before = try await client.get(PodDisruptionBudget.self, key)
      try await client.delete(PodDisruptionBudget.self, key)
      try await eventually("it is back") {
        let now = try await client.find(PodDisruptionBudget.self, key)
        return now != nil && now?.metadata.uid != before.metadata.uid
      }
      #expect(try await client.evict(pod) == 429)
      // Once it may go, an eviction is let through, and the Server is replaced.
      try await client.allowDeletion(of: server.key)
      try await eventually("its Pod is no longer protected") {
        try await client.get(Pod.self, pod).metadata.label(Labels.protected) == nil
      }
      #expect(try await client.evict(pod) == 201)
      try await eventually("another Server is ready") {
        let servers = try await client.arenaServers()
        return servers.count == 1 && servers[0].metadata.uid != server.metadata.uid
          && servers[0].status?.state == .ready
      }
      // Without Servers there is no budget.
      let name = try await client.arenaServers()[0].key
      try await client.allowDeletion(of: name)
      try await client.delete(GameType.self, ObjectKey(namespace: "default", name: "arena"))
      try await eventually("the budget is gone") { try await client.find(PodDisruptionBudget.self, key) == nil }
    }
  }
}
