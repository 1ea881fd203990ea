import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Synchronization
import Testing
import UmpireModel

@testable import UmpireController

/// What all reconcilers have in common, and what stale stores do to them.
@Suite struct ReconcilersTests {
  private let key = ObjectKey(namespace: "default", name: "arena")

  @Test func whatIsGoneIsNoFailure() async throws {
    try await ReconcilerStage.run { stage in
      let outcomes = [
        try await stage.serverReconciler().reconcile(self.key, logger: .silent),
        try await stage.fleetReconciler().reconcile(self.key, logger: .silent),
        try await stage.gameTypeReconciler().reconcile(self.key, logger: .silent),
        try await stage.autoscalerReconciler().reconcile(self.key, logger: .silent),
      ]
      #expect(outcomes.allSatisfy { $0 == .done })
    }
  }

  @Test func aStaleStoreMakesNoSecondFleetAlsoAfterARestart() async throws {
    try await ReconcilerStage.run { stage in
      var gameType = Fixtures.arena(replicas: 2)
      gameType.metadata.finalizers = [Finalizers.children]
      _ = try await stage.client.create(gameType)
      try await stage.refresh()
      for _ in 0..<3 {
        // Each begins anew, and sees no Fleet.
        _ = try? await stage.gameTypeReconciler().reconcile(self.key, logger: .silent)
      }
      #expect(try await stage.client.list(Fleet.self, namespace: "default").items.count == 1)
    }
  }

  @Test func aStaleStoreMakesNoServerTooMany() async throws {
    try await ReconcilerStage.run { stage in
      var fleet = Fleet(
        metadata: ObjectMeta(name: "arena", namespace: "default"),
        spec: FleetSpec(scaling: FleetScaling(replicas: 3), spec: Fixtures.serverSpec()))
      fleet.metadata.finalizers = [Finalizers.children]
      _ = try await stage.client.create(fleet)
      let reconciler = stage.fleetReconciler()
      for _ in 0..<3 {
        stage.state.fleets.apply(try await stage.client.get(Fleet.self, fleet.key))
        _ = try await reconciler.reconcile(fleet.key, logger: .silent)
      }
      #expect(try await stage.client.arenaServers().count == 3)
    }
  }

  @Test func aRefusedDeletionIsNotSwallowedAndIsTriedAgain() async throws {
    let held = Mutex<String?>(nil)
    try await ReconcilerStage.run(refusing: { method, path in
      guard method == "DELETE", let name = held.withLock({ $0 }), path.contains("/servers/\(name)") else { return nil }
      return Status(code: 403, reason: "Forbidden", message: "not now")
    }) { stage in
      var fleet = Fleet(
        metadata: ObjectMeta(name: "arena", namespace: "default"),
        spec: FleetSpec(scaling: FleetScaling(replicas: 3), spec: Fixtures.serverSpec()))
      fleet.metadata.finalizers = [Finalizers.children]
      _ = try await stage.client.create(fleet)
      try await stage.refresh()
      _ = try await stage.fleetReconciler().reconcile(fleet.key, logger: .silent)
      let name = try await stage.client.arenaServers()[0].metadata.name
      held.withLock { $0 = name }
      try await stage.client.scale(Fleet.self, fleet.key, replicas: 0)
      try await stage.refresh()
      let reconciler = stage.fleetReconciler()
      await #expect(throws: APIError.self) { try await reconciler.reconcile(fleet.key, logger: .silent) }
      held.withLock { $0 = nil }
      try await stage.refresh()
      _ = try await reconciler.reconcile(fleet.key, logger: .silent)
      #expect(try await stage.client.arenaServers().allSatisfy(\.metadata.isBeingDeleted))
    }
  }

  @Test func aFleetThatMayNotGrowStillClearsUp() async throws {
    let isFull = Mutex(false)
    try await ReconcilerStage.run(refusing: { method, path in
      guard method == "POST", path.contains("/servers"), isFull.withLock({ $0 }) else { return nil }
      return Status(code: 403, reason: "Forbidden", message: "exceeded quota: games")
    }) { stage in
      var fleet = Fleet(
        metadata: ObjectMeta(name: "arena", namespace: "default"),
        spec: FleetSpec(scaling: FleetScaling(replicas: 2), spec: Fixtures.serverSpec()))
      fleet.metadata.finalizers = [Finalizers.children]
      fleet.spec.spec.allowForceDelete = true
      _ = try await stage.client.create(fleet)
      try await stage.refresh()
      _ = try await stage.fleetReconciler().reconcile(fleet.key, logger: .silent)
      isFull.withLock { $0 = true }
      let over = try await stage.client.arenaServers()[0].key
      let _: Server = try await stage.client.patch(Server.self, over, ["spec": ["opsState": "WaitToBeDeleted"]])
      try await stage.client.scale(Fleet.self, fleet.key, replicas: 5)
      try await stage.refresh()
      let reconciler = stage.fleetReconciler()
      await #expect(throws: APIError.self) { try await reconciler.reconcile(fleet.key, logger: .silent) }
      let going = try await stage.client.arenaServers().filter(\.metadata.isBeingDeleted)
      #expect(going.map(\.key) == [over])
    }
  }
}
