import KubernetesModel
import Testing

@testable import ProcessNode

struct PodStatusBuilderTests {
  private func status(_ life: PodLifecycle, at seconds: Int64 = 100) -> PodStatus {
    PodStatusBuilder.status(of: life, now: moment(seconds).timestamp)
  }

  @Test func aRunningPodIsReadyAndHasItsAddress() throws {
    let (_, life) = PodLifecycleTests.running()
    let status = self.status(life)
    #expect(status.phase == .running)
    #expect(status.podIP == "127.64.0.1")
    #expect(status.hostIP == "127.0.0.1")
    #expect(status.startTime == moment(0).timestamp)
    for type in ["PodScheduled", "Initialized", "ContainersReady", "Ready"] {
      #expect(status.conditions?.isTrue(type) == true, "\(type)")
    }
    let main = try #require(status.containerStatuses?.first)
    #expect(main.ready && main.started == true)
    #expect(main.containerID == "process://2")
    #expect(main.state?.running?.startedAt == moment(1).timestamp)
    #expect(status.initContainerStatuses?.map(\.name) == ["sidecar"])
  }

  @Test func aReadinessProbeDecidesWhetherAPodIsReady() throws {
    var probed = shell("")
    probed.fields["readinessProbe"] = ["tcpSocket": ["port": 7777]]
    var life = PodLifecycleTests.life(makePod(containers: [probed]))
    _ = life.step(now: moment(0))
    life.didStart("main", processIdentifier: 1, now: moment(0))
    #expect(self.status(life).phase == .running)
    #expect(self.status(life).containerStatuses?.first?.started == true)
    #expect(self.status(life).containerStatuses?.first?.ready == false)
    life.didChangeReadiness("main", to: true)
    #expect(self.status(life).conditions?.isTrue("Ready") == true)
    life.didChangeReadiness("main", to: false)
    #expect(self.status(life).conditions?.isTrue("Ready") == false)
    life.didEnd("main", .exited(1), now: moment(1))
    life.didChangeReadiness("main", to: true)
    #expect(self.status(life).containerStatuses?.first?.ready == false)
  }

  @Test func anUnknownImageKeepsThePodPending() throws {
    var life = PodLifecycleTests.life(makePod(containers: [shell(""), shell("", name: "other")]))
    _ = life.step(now: moment(0))
    life.didStart("other", processIdentifier: 1, now: moment(0))
    life.didFailToStart("main", ContainerProblem(reason: .imagePull, message: "no program"), now: moment(0))
    let status = self.status(life)
    #expect(status.phase == .pending)
    #expect(status.containerStatuses?.first?.state?.waiting?.reason == "ErrImagePull")
    #expect(status.containerStatuses?.first?.state?.waiting?.message == "no program")
    #expect(status.conditions?[type: "Ready"]?.status == .false)
    #expect(status.conditions?[type: "Ready"]?.message == "containers with unready status: [main]")
  }

  @Test func mainContainersWaitForTheInitContainers() throws {
    var life = PodLifecycleTests.life(makePod(containers: [shell("")], initContainers: [sidecar()]))
    _ = life.step(now: moment(0))
    let status = self.status(life)
    #expect(status.phase == .pending)
    #expect(status.initContainerStatuses?.first?.state?.waiting?.reason == "ContainerCreating")
    #expect(status.containerStatuses?.first?.state?.waiting?.reason == "PodInitializing")
    #expect(status.conditions?[type: "Initialized"]?.status == .false)
  }

  @Test func aCrashLoopIsSaidAsAKubeletSaysIt() throws {
    var life = PodLifecycleTests.life(makePod(containers: [shell("")]))
    for second in Int64(0)..<2 {
      _ = life.step(now: moment(second))
      life.didStart("main", processIdentifier: 1, now: moment(second))
      life.didEnd("main", .exited(7), now: moment(second))
    }
    _ = life.step(now: moment(2))
    let status = self.status(life)
    let main = try #require(status.containerStatuses?.first)
    #expect(status.phase == .running)
    #expect(main.state?.waiting?.reason == "CrashLoopBackOff")
    #expect(main.lastState?.terminated?.exitCode == 7)
    #expect(main.restartCount == 1)
    #expect(!main.ready)
  }

  @Test func theExitCodesDecideHowAPodEnds() {
    for (codes, phase) in [([0, 0], PodStatus.Phase.succeeded), ([0, 1], .failed)] as [([Int32], PodStatus.Phase)] {
      var life = PodLifecycleTests.life(
        makePod(containers: [shell("", name: "a"), shell("", name: "b")], restartPolicy: "Never"))
      _ = life.step(now: moment(0))
      for (name, code) in zip(["a", "b"], codes) {
        life.didStart(name, processIdentifier: 1, now: moment(0))
        life.didEnd(name, .exited(code), now: moment(1))
      }
      _ = life.step(now: moment(1))
      let status = self.status(life)
      #expect(status.phase == phase)
      #expect(status.conditions?[type: "Ready"]?.reason == (phase == .succeeded ? "PodCompleted" : "PodFailed"))
    }
  }

  @Test func transitionTimesAndForeignConditionsAreKept() throws {
    var (pod, life) = PodLifecycleTests.running()
    pod.status = self.status(life, at: 50)
    pod.status?.conditions?.append(Condition(type: "studio.example/Warm", status: .true))
    life.observe(pod)
    let status = self.status(life, at: 100)
    #expect(status.conditions?[type: "Ready"]?.lastTransitionTime == moment(50).timestamp)
    #expect(status.conditions?.isTrue("studio.example/Warm") == true)
    life.didEnd("main", .exited(1), now: moment(100))
    #expect(
      self.status(life, at: 101).conditions?[type: "Ready"]?.lastTransitionTime == moment(101).timestamp)
  }

  @Test func aReadinessGateHoldsReadyBack() {
    var (pod, life) = PodLifecycleTests.running()
    pod.spec.fields["readinessGates"] = [["conditionType": "studio.example/Warm"]]
    life.observe(pod)
    #expect(self.status(life).conditions?.isTrue("Ready") == false)
    #expect(self.status(life).conditions?.isTrue("ContainersReady") == true)
    pod.status = PodStatus()
    pod.status?.conditions = [Condition(type: "studio.example/Warm", status: .true)]
    life.observe(pod)
    #expect(self.status(life).conditions?.isTrue("Ready") == true)
  }
}
