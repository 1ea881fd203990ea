import KubernetesModel
import Testing

@testable import ProcessNode

struct PodLifecycleTests {
  static func life(_ pod: Pod) -> PodLifecycle {
    PodLifecycle(
      pod: pod, podAddress: "127.64.0.1", hostAddress: "127.0.0.1", limits: RestartBackoff.Limits(), now: moment(0))
  }

  static func deleting(_ pod: Pod, grace: Int64?) -> Pod {
    var pod = pod
    pod.metadata.deletionTimestamp = moment(0).timestamp
    pod.metadata.deletionGracePeriodSeconds = grace
    return pod
  }

  /// A Pod with a sidecar and a main container, both running.
  static func running() -> (pod: Pod, life: PodLifecycle) {
    let pod = makePod(containers: [shell("")], initContainers: [sidecar()])
    var life = Self.life(pod)
    #expect(life.step(now: moment(0)) == [.launch("sidecar")])
    life.didStart("sidecar", processIdentifier: 1, now: moment(0))
    #expect(life.step(now: moment(0)) == [.launch("main")])
    life.didStart("main", processIdentifier: 2, now: moment(1))
    #expect(life.step(now: moment(1)) == [])
    return (pod, life)
  }

  @Test func initContainersRunOneAfterTheOtherAndBeforeAllOthers() {
    let pod = makePod(
      containers: [shell("", name: "a"), shell("", name: "b")],
      initContainers: [shell("", name: "first"), sidecar(), shell("", name: "last")])
    var life = Self.life(pod)
    #expect(life.step(now: moment(0)) == [.launch("first")])
    life.didStart("first", processIdentifier: 1, now: moment(0))
    #expect(life.step(now: moment(0)) == [])
    life.didEnd("first", .exited(0), now: moment(1))
    #expect(life.step(now: moment(1)) == [.launch("sidecar")])
    #expect(life.step(now: moment(1)) == [])
    life.didStart("sidecar", processIdentifier: 2, now: moment(1))
    #expect(life.step(now: moment(1)) == [.launch("last")])
    life.didStart("last", processIdentifier: 3, now: moment(1))
    #expect(!life.isInitialized)
    life.didEnd("last", .exited(0), now: moment(2))
    #expect(life.step(now: moment(2)) == [.launch("a"), .launch("b")])
    #expect(life.isInitialized)
  }

  @Test func aStartupProbeHoldsBackWhatComesAfterTheSidecar() {
    var probed = sidecar()
    probed.fields["startupProbe"] = ["httpGet": ["path": "/health", "port": 8080]]
    var life = Self.life(makePod(containers: [shell("")], initContainers: [probed]))
    _ = life.step(now: moment(0))
    life.didStart("sidecar", processIdentifier: 1, now: moment(0))
    #expect(life.step(now: moment(0)) == [])
    #expect(!life.isInitialized)
    #expect(PodStatusBuilder.phase(of: life) == .pending)
    life.didStartUp("sidecar")
    #expect(life.step(now: moment(0)) == [.launch("main")])
    #expect(life.isInitialized)
  }

  @Test func aHookHoldsBackWhatComesAfterItsContainer() {
    var (hooked, other) = (sidecar(), shell("", name: "first"))
    hooked.fields["lifecycle"] = ["postStart": ["exec": ["command": ["true"]]]]
    other.fields["lifecycle"] = ["postStart": ["sleep": ["seconds": 1]]]
    var life = Self.life(makePod(containers: [other, shell("", name: "second")], initContainers: [hooked]))
    _ = life.step(now: moment(0))
    #expect(life.step(now: moment(0)) == [])
    life.didStart("sidecar", processIdentifier: 1, now: moment(0))
    #expect(life.step(now: moment(0)) == [])
    #expect(!life.isInitialized)
    life.didRunHook("sidecar")
    #expect(life.step(now: moment(0)) == [.launch("first")])
    #expect(life.isInitialized)
    life.didStart("first", processIdentifier: 2, now: moment(1))
    #expect(life.step(now: moment(1)) == [])
    #expect(!life.main[0].isReady)
    life.didRunHook("first")
    #expect(life.step(now: moment(1)) == [.launch("second")])
    #expect(life.main[0].isReady)
    // Started again, it holds up nothing that runs.
    life.didEnd("sidecar", .exited(1), now: moment(2))
    #expect(life.step(now: moment(2)) == [.launch("sidecar")])
    life.didStart("second", processIdentifier: 3, now: moment(2))
    #expect(life.main.allSatisfy { $0.isReady })
  }

  @Test func aStartupProbeIsAskedAfterTheHook() {
    var both = sidecar()
    both.fields["lifecycle"] = ["postStart": ["exec": ["command": ["true"]]]]
    both.fields["startupProbe"] = ["httpGet": ["path": "/health", "port": 8080]]
    var life = Self.life(makePod(containers: [shell("")], initContainers: [both]))
    _ = life.step(now: moment(0))
    life.didStart("sidecar", processIdentifier: 1, now: moment(0))
    life.didRunHook("sidecar")
    #expect(life.step(now: moment(0)) == [])
    life.didStartUp("sidecar")
    #expect(life.step(now: moment(0)) == [.launch("main")])
  }

  @Test func anInitContainerThatFailsForGoodEndsThePod() {
    var life = Self.life(
      makePod(containers: [shell("")], initContainers: [shell("", name: "first")], restartPolicy: "Never"))
    _ = life.step(now: moment(0))
    life.didStart("first", processIdentifier: 1, now: moment(0))
    life.didEnd("first", .exited(2), now: moment(1))
    #expect(life.step(now: moment(1)) == [])
    #expect(life.stage == .ended)
    #expect(PodStatusBuilder.phase(of: life) == .failed)
  }

  @Test func aSidecarThatIsStartedAgainHoldsNobodyUp() {
    var (_, life) = Self.running()
    life.didEnd("sidecar", .exited(1), now: moment(2))
    #expect(life.step(now: moment(2)) == [.launch("sidecar")])
    life.didStart("sidecar", processIdentifier: 3, now: moment(2))
    life.didEnd("sidecar", .exited(1), now: moment(3))
    life.didEnd("main", .exited(1), now: moment(3))
    #expect(life.step(now: moment(3)) == [.wake(at: .seconds(13)), .launch("main")])
  }

  @Test func deletionStopsMainContainersFirstAndSidecarsAfterThem() {
    var (pod, life) = Self.running()
    life.observe(Self.deleting(pod, grace: 30))
    #expect(life.step(now: moment(10)) == [.signal("main", .terminate), .wake(at: .seconds(40))])
    #expect(life.step(now: moment(11)) == [.wake(at: .seconds(40))])
    #expect(!life.mustBeRemoved)
    life.didEnd("main", .signaled(15), now: moment(12))
    #expect(life.step(now: moment(12)) == [.signal("sidecar", .terminate), .wake(at: .seconds(40))])
    life.didEnd("sidecar", .exited(0), now: moment(13))
    #expect(life.step(now: moment(13)) == [])
    #expect(life.mustBeRemoved)
    life.observeRemoval()
    #expect(life.isOver)
    #expect(!life.mustBeRemoved)
  }

  @Test func whatDoesNotEndInTimeIsKilled() {
    var (pod, life) = Self.running()
    life.observe(Self.deleting(pod, grace: 5))
    _ = life.step(now: moment(10))
    #expect(life.step(now: moment(15)) == [.signal("main", .kill)])
    life.didEnd("main", .signaled(9), now: moment(15))
    // The time is used up, yet a sidecar may say good-bye.
    #expect(life.step(now: moment(15)) == [.signal("sidecar", .terminate), .wake(at: .seconds(17))])
    #expect(life.step(now: moment(17)) == [.signal("sidecar", .kill)])
  }

  @Test func withoutAGracePeriodEverythingIsKilledAtOnce() {
    var (pod, life) = Self.running()
    life.observe(Self.deleting(pod, grace: 0))
    #expect(life.step(now: moment(10)) == [.signal("main", .kill)])
    life.didEnd("main", .signaled(9), now: moment(10))
    #expect(life.step(now: moment(10)) == [.signal("sidecar", .kill)])
  }

  @Test func aHastierDeletionShortensTheTime() {
    var (pod, life) = Self.running()
    life.observe(Self.deleting(pod, grace: 60))
    _ = life.step(now: moment(10))
    life.observe(Self.deleting(pod, grace: 1))
    #expect(life.step(now: moment(20)) == [.wake(at: .seconds(21))])
    life.observe(Self.deleting(pod, grace: 60))
    #expect(life.step(now: moment(20)) == [.wake(at: .seconds(21))])
  }

  @Test func aPodThatIsGoneLosesItsProcessesAtOnce() {
    var (_, life) = Self.running()
    life.observeRemoval()
    #expect(life.step(now: moment(10)) == [.signal("main", .kill)])
    life.didEnd("main", .signaled(9), now: moment(10))
    #expect(life.step(now: moment(10)) == [.signal("sidecar", .kill)])
    life.didEnd("sidecar", .signaled(9), now: moment(10))
    _ = life.step(now: moment(10))
    #expect(life.isOver)
  }

  @Test func aContainerThatIsJustStartingIsStoppedOnceItRuns() {
    var life = Self.life(makePod(containers: [shell("")]))
    _ = life.step(now: moment(0))
    life.observe(Self.deleting(life.pod, grace: 5))
    #expect(life.step(now: moment(0)) == [.wake(at: .seconds(5))])
    life.didStart("main", processIdentifier: 1, now: moment(1))
    #expect(life.step(now: moment(1)).first == .signal("main", .terminate))
  }

  @Test func aPodThatNeverStartedIsRemovedAtOnce() {
    var life = Self.life(makePod(containers: [shell("")]))
    life.observe(Self.deleting(life.pod, grace: 30))
    #expect(life.step(now: moment(0)) == [])
    #expect(life.mustBeRemoved)
  }

  @Test func sidecarsAreStoppedWhenThePodIsDone() {
    var life = Self.life(
      makePod(containers: [shell("")], initContainers: [sidecar()], restartPolicy: "Never"))
    _ = life.step(now: moment(0))
    life.didStart("sidecar", processIdentifier: 1, now: moment(0))
    _ = life.step(now: moment(0))
    life.didStart("main", processIdentifier: 2, now: moment(0))
    life.didEnd("main", .exited(0), now: moment(1))
    #expect(life.step(now: moment(1)).first == .signal("sidecar", .terminate))
    #expect(PodStatusBuilder.phase(of: life) == .running)
    life.didEnd("sidecar", .signaled(15), now: moment(2))
    _ = life.step(now: moment(2))
    #expect(PodStatusBuilder.phase(of: life) == .succeeded)
    #expect(!life.mustBeRemoved)
    life.observe(Self.deleting(life.pod, grace: 30))
    _ = life.step(now: moment(3))
    #expect(life.mustBeRemoved)
  }

  @Test func aPodThatWasOverBeforeStaysOver() {
    var pod = makePod(containers: [shell("")])
    pod.status = PodStatus(phase: .succeeded)
    var life = Self.life(pod)
    #expect(life.step(now: moment(0)) == [])
    #expect(life.wasOverBefore)
    #expect(life.stage == .ended)
  }

  @Test func afterARestartOfTheNodeContainersStartInOrderAgain() {
    var pod = makePod(containers: [shell("")], initContainers: [sidecar()])
    var before = Self.running().life
    _ = before.step(now: moment(1))
    pod.status = PodStatusBuilder.status(of: before, now: moment(1).timestamp)
    var life = Self.life(pod)
    #expect(life.step(now: moment(0)) == [.launch("sidecar")])
    life.didStart("sidecar", processIdentifier: 11, now: moment(0))
    #expect(life.step(now: moment(0)) == [.launch("main")])
    #expect(PodStatusBuilder.phase(of: life) == .running)
    #expect(life.main.first?.restartCount == 1)
  }
}
