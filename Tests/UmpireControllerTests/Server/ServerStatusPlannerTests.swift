import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

struct ServerStatusPlannerTests {
  private func status(_ server: Server, _ pod: Pod?) -> ServerStatus {
    ServerStatusPlanner.status(of: server, pod: pod, now: Fixtures.now)
  }

  @Test func aPodThatIsTakenMakesTheServerFailed() {
    let server = Fixtures.server("a")
    var pod = Fixtures.pod(of: server)
    #expect(self.status(server, pod).state == .ready)
    pod.metadata.deletionTimestamp = Fixtures.now
    let status = self.status(server, pod)
    #expect(status.state == .failed)
    #expect(status.conditions[type: ConditionTypes.ready]?.reason == "PodTaken")
    // Ours goes that way too, and is no failure.
    var leaving = server
    leaving.metadata.deletionTimestamp = Fixtures.now
    #expect(self.status(leaving, pod).state == .draining)
  }

  @Test func aRunningPodThatSaysNothingOfItselfIsRunningAndNotReady() {
    let server = Fixtures.server("a", state: .starting)
    var pod = Fixtures.pod(of: server)
    pod.status?.conditions = nil
    pod.status?.containerStatuses = nil
    let status = self.status(server, pod)
    #expect(status.state == .running)
    #expect(status.conditions[type: ConditionTypes.ready]?.reason == "PodNotReady")
    // Nor is anything known of a Pod that has only just been made.
    pod.status = nil
    #expect(self.status(server, pod).state == .starting)
  }

  @Test func whatKeepsAPodFromComingUpIsNamed() {
    let server = Fixtures.server("a", state: .starting)
    func ready(_ change: (inout PodStatus) -> Void) -> Condition? {
      var pod = Fixtures.pod(of: server, phase: .pending)
      pod.status?.containerStatuses = nil
      var status = pod.status ?? PodStatus(phase: .pending)
      change(&status)
      pod.status = status
      return self.status(server, pod).conditions[type: ConditionTypes.ready]
    }
    let unschedulable = ready {
      $0.conditions = [
        Condition(
          type: "PodScheduled", status: .false, reason: "Unschedulable", message: "0/2 nodes: insufficient cpu")
      ]
    }
    #expect(unschedulable?.reason == "Unschedulable")
    #expect(unschedulable?.message == "0/2 nodes: insufficient cpu")
    // A kubelet reports a sidecar whose hook fails again and again as one that has ended well.
    let restarting = ready {
      var sidecar = ContainerStatus(name: "umpire-sidecar", image: "wrong:1")
      sidecar.restartCount = 3
      sidecar.state = ContainerState(terminated: .init(exitCode: 0, reason: "Completed"))
      $0.initContainerStatuses = [sidecar]
    }
    #expect(restarting?.reason == "ContainerRestarting")
    #expect(
      restarting?.message
        == "container \"umpire-sidecar\" was started again 3 times, and last ended with exit code 0 (Completed)")
    // An init container that was tried twice and has done its part says nothing.
    let done = ready {
      var initial = ContainerStatus(name: "assets", image: "assets:1")
      initial.restartCount = 1
      initial.ready = true
      initial.state = ContainerState(terminated: .init(exitCode: 0, reason: "Completed"))
      $0.initContainerStatuses = [initial]
    }
    #expect(done?.reason == "PodPending")
  }

  @Test func aPodWhoseSidecarWasNeverPutInIsJudgedAllTheSame() {
    for change: (inout Pod) -> Void in [
      { $0.spec.initContainers = [] }, { $0.spec.containers = [] }, { $0.status?.initContainerStatuses = [] },
    ] {
      let server = Fixtures.server("a", state: .starting)
      var pod = Fixtures.pod(of: server)
      change(&pod)
      #expect(self.status(server, pod).state == .ready)
      var going = server
      going.metadata.deletionTimestamp = Fixtures.now
      let action = ServerPlanner.plan(going, pod: pod, now: Fixtures.now).action
      #expect(action == .askForPermission(recheckAfter: .seconds(2)))
    }
  }

  @Test(
    arguments: [(nil, ServerStatus.State.draining), (true, .draining), (false, .ready)] as [(Bool?, ServerStatus.State)]
  )
  func aConstraintNeedsNoTimeNoMessageAndNoEffect(effective: Bool?, state: ServerStatus.State) {
    var server = Fixtures.server("a")
    server.spec.constraints = [Constraint(type: ConstraintTypes.notInService, effective: effective)]
    #expect(self.status(server, Fixtures.pod(of: server)).state == state)
  }

  @Test func whereItRunsIsToldOnceItRuns() {
    let server = Fixtures.server("a", state: .starting)
    var pod = Fixtures.pod(of: server, phase: .pending, ready: false)
    pod.spec.nodeName = "node-1"
    let pending = self.status(server, pod)
    #expect(pending.state == .starting && pending.nodeName == nil && pending.address == nil)
    #expect(pending.podName == server.podName)
    pod = Fixtures.pod(of: server)
    pod.spec.nodeName = "node-1"
    let running = self.status(server, pod)
    #expect(running.state == .ready && running.nodeName == "node-1" && running.address == "127.64.0.1")
  }
}
