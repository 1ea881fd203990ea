import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct DeletionRuleTests {
  private func going(_ change: (inout Server) -> Void = { _ in }) -> Server {
    var server = Fixtures.server("a")
    server.metadata.deletionTimestamp = Fixtures.now
    change(&server)
    return server
  }

  private func decide(_ server: Server, pod: Pod?, after: Duration = .zero, granted: Set<String> = [])
    -> DeletionRule.Decision
  {
    DeletionRule.decide(server: server, pod: pod, grantedGates: granted, now: Fixtures.now.advanced(by: after))
  }

  @Test func aRunningServerWaitsForItsGate() {
    let server = self.going()
    #expect(
      self.decide(server, pod: Fixtures.pod(of: server))
        == .waiting(gates: ["DeleteAllowed"], recheckAfter: .seconds(2)))
  }

  @Test func theGatesOpenTheWay() {
    let server = self.going { $0.status?.conditions = [Condition(type: "DeleteAllowed", status: .true)] }
    #expect(self.decide(server, pod: Fixtures.pod(of: server)) == .allowed(.gatesPassed))
    let plain = self.going()
    #expect(self.decide(plain, pod: Fixtures.pod(of: plain), granted: ["DeleteAllowed"]) == .allowed(.gatesPassed))
  }

  @Test func everyGateMustBeTrue() {
    let server = self.going {
      $0.spec.deletableGates = ["drained", "saved"]
      $0.status?.conditions = [
        Condition(type: "drained", status: .true), Condition(type: "saved", status: .unknown),
        Condition(type: "DeleteAllowed", status: .true),
      ]
    }
    #expect(
      self.decide(server, pod: Fixtures.pod(of: server)) == .waiting(gates: ["saved"], recheckAfter: .seconds(2)))
  }

  /// The yes of a webhook that was asked before the Server was taken back says nothing of the players of today.
  @Test func theAnswerOfAWebhookCountsForItsGenerationOnly() {
    var answer = Condition(type: "empty", status: .true, reason: "Allowed", observedGeneration: 3)
    answer.lastProbeTime = Fixtures.now
    let server = self.going {
      $0.metadata.generation = 5
      $0.spec.deletableGates = ["empty"]
      $0.status?.conditions = [answer]
    }
    let pod = Fixtures.pod(of: server)
    #expect(self.decide(server, pod: pod) == .waiting(gates: ["empty"], recheckAfter: .seconds(2)))
    #expect(!VictimOrder.isDeletable(server))
    var fresh = server
    fresh.metadata.generation = 3
    #expect(self.decide(fresh, pod: pod) == .allowed(.gatesPassed))
    #expect(VictimOrder.isDeletable(fresh))
    // The game's own word stands until the game takes it back.
    var flag = answer
    flag.lastProbeTime = nil
    var flagged = server
    flagged.status?.conditions = [flag]
    #expect(self.decide(flagged, pod: pod) == .allowed(.gatesPassed))
  }

  @Test func aPodThatIsGoneNeverBlocks() {
    let server = self.going()
    #expect(self.decide(server, pod: nil) == .allowed(.podGone))
    #expect(self.decide(server, pod: Fixtures.pod(of: server, phase: .failed)) == .allowed(.podEnded))
    #expect(self.decide(server, pod: Fixtures.pod(of: server, phase: .succeeded)) == .allowed(.podEnded))
    #expect(self.decide(server, pod: Fixtures.pod(of: server, phase: .pending)) == .allowed(.podNeverStarted))
  }

  @Test func aLostNodeIsNoPermission() {
    let server = self.going()
    guard case .waiting = self.decide(server, pod: Fixtures.pod(of: server, phase: .unknown)) else {
      Issue.record("a Server on a node that does not answer must wait")
      return
    }
  }

  @Test func forceAndKillNeedNoPermission() {
    let forced = self.going { $0.spec.allowForceDelete = true }
    #expect(self.decide(forced, pod: Fixtures.pod(of: forced)) == .allowed(.forceDelete))
    let killed = self.going { $0.spec.opsState = .kill }
    #expect(self.decide(killed, pod: Fixtures.pod(of: killed)) == .allowed(.killed))
  }

  @Test func theTimeoutIsMetToTheSecond() {
    let server = self.going { $0.spec.timeout = GoDuration(.seconds(60)) }
    let pod = Fixtures.pod(of: server)
    #expect(
      self.decide(server, pod: pod, after: .seconds(59))
        == .waiting(gates: ["DeleteAllowed"], recheckAfter: .seconds(1)))
    #expect(self.decide(server, pod: pod, after: .seconds(60)) == .allowed(.timeout))
  }
}

@Suite struct ServerPlannerTests {
  @Test func aNewServerGetsAPod() {
    var server = Fixtures.server("a", state: .starting)
    server.status = nil
    let (action, status) = ServerPlanner.plan(server, pod: nil, now: Fixtures.now)
    #expect(action == .createPod)
    #expect(status.state == .starting)
  }

  @Test func aHandMadeServerGetsItsFinalizerFirst() {
    var server = Fixtures.server("a", state: .starting)
    server.status = nil
    server.metadata.finalizers = nil
    #expect(ServerPlanner.plan(server, pod: nil, now: Fixtures.now).action == .addFinalizer)
  }

  @Test func aReadyPodMakesAReadyServer() {
    let server = Fixtures.server("a", state: .starting)
    let (action, status) = ServerPlanner.plan(server, pod: Fixtures.pod(of: server), now: Fixtures.now)
    #expect(action == .observe(recheckAfter: nil))
    #expect(status.state == .ready)
    #expect(status.address == "127.64.0.1")
  }

  @Test func readinessGatesMustBeTrue() {
    var spec = Fixtures.serverSpec()
    spec.readinessGates = ["warm"]
    var server = Fixtures.server("a", state: .starting, spec: spec)
    #expect(ServerPlanner.plan(server, pod: Fixtures.pod(of: server), now: Fixtures.now).status.state == .running)
    server.status?.conditions = [Condition(type: "warm", status: .true)]
    #expect(ServerPlanner.plan(server, pod: Fixtures.pod(of: server), now: Fixtures.now).status.state == .ready)
  }

  @Test func aPodThatDiesFailsTheServerAndIsNotMadeAnew() {
    let server = Fixtures.server("a")
    let gone = ServerPlanner.plan(server, pod: nil, now: Fixtures.now)
    #expect(gone.action == .observe(recheckAfter: nil))
    #expect(gone.status.state == .failed)
    #expect(
      ServerPlanner.plan(server, pod: Fixtures.pod(of: server, phase: .failed), now: Fixtures.now).status.state
        == .failed)
  }

  @Test func anImageThatIsNotThereIsNamed() {
    let server = Fixtures.server("a", state: .starting)
    var pod = Fixtures.pod(of: server, phase: .pending)
    pod.status?.containerStatuses?[0].state = ContainerState(
      waiting: .init(reason: "ErrImagePull", message: "no program for image game:1"))
    let status = ServerPlanner.plan(server, pod: pod, now: Fixtures.now).status
    #expect(status.state == .starting)
    #expect(status.conditions[type: "Ready"]?.reason == "ErrImagePull")
    #expect(status.conditions[type: "Ready"]?.message == "no program for image game:1")
  }

  @Test func deletionGoesStepByStep() {
    var server = Fixtures.server("a")
    server.metadata.deletionTimestamp = Fixtures.now
    var pod = Fixtures.pod(of: server)
    #expect(
      ServerPlanner.plan(server, pod: pod, now: Fixtures.now).action == .askForPermission(recheckAfter: .seconds(2)))
    #expect(
      ServerPlanner.plan(server, pod: pod, grantedGates: ["DeleteAllowed"], now: Fixtures.now).action
        == .deletePod(.gatesPassed, force: false))
    pod.metadata.deletionTimestamp = Fixtures.now
    #expect(ServerPlanner.plan(server, pod: pod, now: Fixtures.now).action == .awaitPodEnd(recheckAfter: nil))
    #expect(ServerPlanner.plan(server, pod: nil, now: Fixtures.now).action == .finish)
    server.metadata.finalizers = nil
    #expect(ServerPlanner.plan(server, pod: nil, now: Fixtures.now).action == .ignore)
  }

  @Test func theSidecarsConditionsAreKept() {
    var server = Fixtures.server("a")
    server.status?.conditions = [Condition(type: "ShutdownRequested", status: .true)]
    let status = ServerPlanner.plan(server, pod: Fixtures.pod(of: server), now: Fixtures.now).status
    #expect(status.conditions.isTrue("ShutdownRequested"))
  }

  @Test func nothingChangesWhenNothingHappened() {
    var server = Fixtures.server("a")
    let pod = Fixtures.pod(of: server)
    server.status = ServerPlanner.plan(server, pod: pod, now: Fixtures.now).status
    let later = ServerPlanner.plan(server, pod: pod, now: Fixtures.now.advanced(by: .seconds(60)))
    #expect(later.status == server.status)
  }
}
