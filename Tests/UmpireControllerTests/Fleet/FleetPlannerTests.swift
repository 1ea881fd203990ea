import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct FleetPlannerTests {
  private func plan(
    replicas: Int64, _ servers: [Server], created: Int = 0, deleted: Set<String> = [],
    _ change: (inout Fleet) -> Void = { _ in }
  ) -> FleetPlanner.Plan {
    var fleet = Fixtures.fleet("arena-1", replicas: replicas)
    change(&fleet)
    return FleetPlanner.plan(
      FleetPlanner.Observation(
        fleet: fleet, servers: servers, createdUnseen: created, deletedUnseen: deleted, now: Fixtures.now))
  }

  /// Whoever waits for its gates goes before those that players can join, even if these may go.
  @Test func serversThatNobodyCanJoinGoFirst() {
    var ready = Fixtures.server("ready", age: 100)
    ready.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)]
    let servers = [
      ready, Fixtures.server("full", age: 90), Fixtures.server("cold", state: .running, age: 5),
      Fixtures.server("new", state: .starting, age: 1),
    ]
    #expect(self.plan(replicas: 3, servers).delete == ["new"])
    #expect(self.plan(replicas: 2, servers.shuffled()).delete == ["new", "cold"])
    #expect(self.plan(replicas: 1, servers.shuffled()).delete == ["new", "cold", "ready"])
  }

  @Test func missingServersAreCreated() {
    #expect(self.plan(replicas: 3, [Fixtures.server("a")]).create == 2)
  }

  @Test func aStaleStoreMakesNoServerTooMany() {
    #expect(self.plan(replicas: 3, [Fixtures.server("a")], created: 2).create == 0)
    #expect(self.plan(replicas: 3, [Fixtures.server("a")], created: 1).create == 1)
  }

  @Test func theOldestGoFirst() {
    let servers = [Fixtures.server("a", age: 10), Fixtures.server("b", age: 30), Fixtures.server("c", age: 20)]
    #expect(self.plan(replicas: 1, servers).delete == ["b", "c"])
    let newest = self.plan(replicas: 1, servers) { $0.spec.scaling.agePriority = .newestFirst }
    #expect(newest.delete == ["a", "c"])
  }

  @Test func theOrderOfVictims() {
    var allocated = Fixtures.server("allocated", age: 100)
    allocated.spec.opsState = .allocated
    var maintaining = Fixtures.server("maintaining", age: 200)
    maintaining.spec.opsState = .maintaining
    var waiting = Fixtures.server("waiting", age: 1)
    waiting.spec.opsState = .waitToBeDeleted
    var killed = Fixtures.server("killed", age: 1)
    killed.spec.opsState = .kill
    var permitted = Fixtures.server("permitted", age: 1)
    permitted.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)]
    var cheap = Fixtures.server("cheap", age: 1)
    cheap.metadata.annotations = [Annotations.deletionCost: "-5"]
    let starting = Fixtures.server("starting", state: .starting, age: 1)
    let old = Fixtures.server("old", age: 50)
    let servers = [allocated, maintaining, waiting, killed, permitted, cheap, starting, old].shuffled()
    #expect(
      self.plan(replicas: 0, servers).delete
        == ["killed", "starting", "waiting", "permitted", "cheap", "old", "allocated", "maintaining"])
  }

  @Test func goingServersAreNotPickedAgain() {
    var going = Fixtures.server("a", age: 100)
    going.metadata.deletionTimestamp = Fixtures.now
    let servers = [going, Fixtures.server("b"), Fixtures.server("c")]
    #expect(self.plan(replicas: 2, servers).delete.isEmpty)
    #expect(self.plan(replicas: 2, servers).create == 0)
    #expect(self.plan(replicas: 2, servers).status.drainingReplicas == 1)
    // The deletion has been asked for, and the store does not show it yet.
    let stale = [Fixtures.server("a", age: 100), Fixtures.server("b"), Fixtures.server("c")]
    #expect(self.plan(replicas: 2, stale, deleted: ["uid-a"]).delete.isEmpty)
  }

  @Test func failedServersAreReplaced() {
    let plan = self.plan(replicas: 2, [Fixtures.server("a", state: .failed), Fixtures.server("b")])
    #expect(plan.delete == ["a"])
    #expect(plan.create == 1)
    #expect(plan.status.replicas == 1)
  }

  @Test func drainTakesOutOfServiceAndReclaims() {
    let servers = [Fixtures.server("a", age: 30), Fixtures.server("b", age: 20)]
    let drain = self.plan(replicas: 1, servers) { $0.spec.scaling.scaleDown = .drain }
    #expect(drain.drain == ["a"])
    #expect(drain.delete.isEmpty)
    var drained = servers[0]
    drained.spec.constraints = [
      Constraint(type: ConstraintTypes.notInService, effective: true, message: FleetPlanner.drainMessage)
    ]
    let rising = self.plan(replicas: 2, [drained, servers[1]]) { $0.spec.scaling.scaleDown = .drain }
    #expect(rising.reclaim == ["a"])
    #expect(rising.create == 0)
    drained.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)]
    let permitted = self.plan(replicas: 1, [drained, servers[1]]) { $0.spec.scaling.scaleDown = .drain }
    #expect(permitted.delete == ["a"])
  }

  @Test func aFleetThatGoesTakesItsServers() {
    var going = Fixtures.server("a")
    going.metadata.deletionTimestamp = Fixtures.now
    let plan = self.plan(replicas: 5, [going, Fixtures.server("b")]) { $0.metadata.deletionTimestamp = Fixtures.now }
    #expect(plan.delete == ["b"])
    #expect(plan.create == 0)
  }

  @Test func aFleetThatOrphansItsServersAsksNoneToGo() {
    let plan = self.plan(replicas: 5, [Fixtures.server("a")]) {
      $0.metadata.deletionTimestamp = Fixtures.now
      $0.metadata.finalizers = [Finalizers.children, "orphan"]
    }
    #expect(plan.delete.isEmpty && plan.create == 0)
  }

  @Test func killedServersAndThoseThatWaitAndMayGoAreReplaced() {
    var killed = Fixtures.server("killed")
    killed.spec.opsState = .kill
    var waiting = Fixtures.server("waiting")
    waiting.spec.opsState = .waitToBeDeleted
    let held = self.plan(replicas: 2, [killed, waiting])
    #expect(held.delete == ["killed"] && held.create == 1)
    waiting.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)]
    let free = self.plan(replicas: 2, [killed, waiting])
    #expect(free.delete == ["killed", "waiting"] && free.create == 2)
    // What is taken out of service for a look stays.
    var maintaining = Fixtures.server("maintaining")
    maintaining.spec.opsState = .maintaining
    maintaining.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)]
    #expect(self.plan(replicas: 1, [maintaining]).delete.isEmpty)
  }

  @Test func settingsFlowToExistingServers() {
    let plan = self.plan(replicas: 1, [Fixtures.server("a")]) { $0.spec.spec.timeout = GoDuration(.seconds(5)) }
    #expect(plan.adjust == ["a"])
    #expect(self.plan(replicas: 1, [Fixtures.server("a")]).adjust.isEmpty)
    // Gates are for new Servers: the game that runs may know nothing of them.
    let gates = self.plan(replicas: 1, [Fixtures.server("a")]) {
      $0.spec.spec.deletableGates = ["empty"]
      $0.spec.spec.readinessGates = ["warm"]
    }
    #expect(gates.adjust.isEmpty)
  }

  @Test func whoMayForceDeletionIsASettingThatFlows() {
    let plan = self.plan(replicas: 1, [Fixtures.server("a")]) {
      $0.spec.spec.allowForceDelete = true
      $0.spec.spec.webhookConfigurationName = "studio"
    }
    #expect(plan.adjust == ["a"])
  }

  @Test func aStubbornServerHoldsUpNoOther() {
    // Asked to go long ago, and it plays on: the others go all at once, and nobody twice.
    var stubborn = Fixtures.server("a", age: 100)
    stubborn.metadata.deletionTimestamp = Fixtures.now.advanced(by: .seconds(-3600))
    let others = ["b", "c", "d"].map { Fixtures.server($0, age: 50) }
    #expect(self.plan(replicas: 1, [stubborn] + others).delete == ["b", "c"])
    #expect(self.plan(replicas: 3, [stubborn] + others).delete.isEmpty)
  }

  @Test(arguments: [FleetScaling.ScaleDown.delete, .drain])
  func aScaleDownThatMustWaitIsDecidedOnce(scaleDown: FleetScaling.ScaleDown) {
    let servers = (0..<4).map { Fixtures.server("s\($0)", age: Int64(100 - $0)) }
    let change: (inout Fleet) -> Void = { $0.spec.scaling.scaleDown = scaleDown }
    let plan = self.plan(replicas: 1, servers, change)
    #expect(plan.delete + plan.drain == ["s0", "s1", "s2"])
    // Carried out, and none of them may go yet: nothing is asked again, nothing made, nothing taken back.
    let after = servers.map { server in
      var server = server
      let name = server.metadata.name ?? ""
      if plan.delete.contains(name) { server.metadata.deletionTimestamp = Fixtures.now }
      if plan.drain.contains(name) {
        server.spec.constraints = [
          Constraint(type: ConstraintTypes.notInService, effective: true, message: FleetPlanner.drainMessage)
        ]
      }
      return server
    }
    let again = self.plan(replicas: 1, after, change)
    #expect(again.delete.isEmpty && again.drain.isEmpty && again.reclaim.isEmpty && again.create == 0)
    #expect(again.status.replicas == 1 && again.status.drainingReplicas == 3)
  }

  @Test func clearingUpAndGrowingGoTogether() {
    var over = Fixtures.server("over")
    over.spec.opsState = .waitToBeDeleted
    over.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)]
    let plan = self.plan(replicas: 5, [over, Fixtures.server("a")])
    #expect(plan.delete == ["over"] && plan.create == 4)
  }

  @Test func theStatusCountsWhatIsThere() {
    var allocated = Fixtures.server("c")
    allocated.spec.opsState = .allocated
    let status = self.plan(replicas: 3, [Fixtures.server("a"), Fixtures.server("b", state: .starting), allocated])
      .status
    #expect(status.replicas == 3)
    #expect(status.readyReplicas == 2)
    #expect(status.allocatedReplicas == 1)
    #expect(status.conditions[type: "Available"]?.status == .false)
    #expect(status.selector == "umpire.dev/fleet=arena-1")
  }
}

@Suite struct ExpectationsTests {
  @Test func whatIsSeenIsSettled() {
    let expectations = Expectations(instant: { .now })
    expectations.willCreate("a", of: "f")
    expectations.willCreate("b", of: "f")
    expectations.didDelete("uid-c", of: "f")
    let first = expectations.outstanding(of: "f", seen: ["a"], deleting: [], present: ["uid-c"])
    #expect(Set(first.created.keys) == ["b"])
    #expect(Set(first.deleted.keys) == ["uid-c"])
    let second = expectations.outstanding(of: "f", seen: ["a", "b"], deleting: ["uid-c"], present: ["uid-c"])
    #expect(second == Expectations.Outstanding())
  }

  @Test func aRefusalIsForgotten() {
    let expectations = Expectations(instant: { .now })
    expectations.willCreate("a", of: "f")
    expectations.didNotCreate("a", of: "f")
    #expect(expectations.outstanding(of: "f", seen: [], deleting: [], present: []) == Expectations.Outstanding())
  }
}
