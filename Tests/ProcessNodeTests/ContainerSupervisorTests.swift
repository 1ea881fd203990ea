import KubernetesModel
import Testing

@testable import ProcessNode

struct ContainerSupervisorTests {
  private func supervisor(
    _ policy: ContainerSupervisor.RestartPolicy = .always, role: ContainerSupervisor.Role = .main,
    known: ContainerStatus? = nil
  ) -> ContainerSupervisor {
    ContainerSupervisor(
      name: "main", role: role, policy: policy, limits: RestartBackoff.Limits(), known: known, now: moment(0))
  }

  @Test func aNewContainerIsLaunchedOnce() {
    var container = self.supervisor()
    #expect(container.run(now: moment(0)) == .launch)
    #expect(container.run(now: moment(0)) == .none)
    container.didStart(processIdentifier: 7, now: moment(1))
    #expect(container.run(now: moment(1)) == .none)
    #expect(container.isRunning)
    #expect(container.restartCount == 0)
  }

  @Test func itIsStartedAgainAtOnceAndThenLaterAndLater() {
    var container = self.supervisor()
    _ = container.run(now: moment(0))
    container.didStart(processIdentifier: 7, now: moment(0))
    container.didEnd(.exited(1), now: moment(1))
    #expect(container.run(now: moment(1)) == .launch)
    #expect(container.restartCount == 1)
    #expect(container.lastTermination?.exitCode == 1)
    container.didStart(processIdentifier: 8, now: moment(1))
    container.didEnd(.exited(0), now: moment(2))
    #expect(container.run(now: moment(2)) == .wait(until: .seconds(12)))
    #expect(container.run(now: moment(11)) == .wait(until: .seconds(12)))
    #expect(container.run(now: moment(12)) == .launch)
    #expect(container.restartCount == 2)
  }

  @Test(arguments: [
    (ContainerSupervisor.RestartPolicy.always, Int32(0), true), (.always, 1, true), (.onFailure, 0, false),
    (.onFailure, 1, true), (.never, 0, false), (.never, 1, false),
  ])
  func thePolicyDecides(policy: ContainerSupervisor.RestartPolicy, code: Int32, restarts: Bool) {
    var container = self.supervisor(policy)
    _ = container.run(now: moment(0))
    container.didStart(processIdentifier: 7, now: moment(0))
    container.didEnd(.exited(code), now: moment(1))
    #expect((container.finalTermination == nil) == restarts)
    #expect((container.run(now: moment(1)) == .launch) == restarts)
  }

  @Test func aSidecarIsAlwaysStartedAgain() {
    var container = self.supervisor(.never, role: .sidecar)
    _ = container.run(now: moment(0))
    container.didStart(processIdentifier: 7, now: moment(0))
    container.didEnd(.exited(0), now: moment(1))
    #expect(container.run(now: moment(1)) == .launch)
  }

  @Test func anInitContainerThatSucceededIsNotStartedAgain() {
    var container = self.supervisor(.always, role: .initialization)
    _ = container.run(now: moment(0))
    container.didStart(processIdentifier: 7, now: moment(0))
    container.didEnd(.exited(0), now: moment(1))
    #expect(container.run(now: moment(1)) == .none)
    #expect(container.finalTermination?.reason == "Completed")
  }

  @Test func whatIsRefusedIsTriedAgainLaterOrWhenTheSpecChanges() {
    var container = self.supervisor(.never)
    _ = container.run(now: moment(0))
    let problem = ContainerProblem(reason: .imagePull, message: "unknown")
    container.didFailToStart(problem, now: moment(0))
    #expect(container.state == .refused(problem, retryAt: .seconds(10)))
    #expect(container.run(now: moment(9)) == .wait(until: .seconds(10)))
    container.specChanged()
    #expect(container.run(now: moment(9)) == .launch)
    #expect(container.restartCount == 0)
  }

  @Test func whatWaitsForItsConfigurationIsTriedAgainAtASteadyPace() {
    var container = self.supervisor(.never)
    let problem = ContainerProblem(reason: .configuration, message: "not found")
    for attempt in 0..<3 {
      let now = moment(Int64(attempt) * 10)
      #expect(container.run(now: now) == .launch)
      container.didFailToStart(problem, now: now)
      #expect(container.state == .refused(problem, retryAt: now.elapsed + .seconds(10)))
    }
  }

  @Test func eachSignalIsSentOnceAndOnlyToARunningProcess() {
    var container = self.supervisor()
    #expect(container.stop(kill: false) == nil)
    _ = container.run(now: moment(0))
    #expect(container.stop(kill: false) == nil)
    container.didStart(processIdentifier: 7, now: moment(0))
    #expect(container.stop(kill: false) == .terminate)
    #expect(container.stop(kill: false) == nil)
    #expect(container.stop(kill: true) == .kill)
    #expect(container.stop(kill: true) == nil)
    #expect(container.stop(kill: false) == nil)
    container.didEnd(.signaled(9), now: moment(1))
    #expect(container.stop(kill: true) == nil)
    guard case .ended(let end) = container.state else {
      Issue.record("it has not ended")
      return
    }
    #expect(end.exitCode == 137)
    #expect(end.signal == 9)
    #expect(end.containerID == "process://7")
  }

  @Test func aProcessOfAnEarlierNodeIsOver() {
    var known = ContainerStatus(name: "main", image: "game")
    known.restartCount = 3
    known.state = ContainerState(running: ContainerState.Running(startedAt: moment(-100).timestamp))
    var always = self.supervisor(.always, known: known)
    #expect(always.run(now: moment(0)) == .launch)
    #expect(always.restartCount == 4)
    #expect(always.lastTermination?.reason == "NodeRestarted")
    let never = self.supervisor(.never, known: known)
    #expect(never.finalTermination?.exitCode == 137)
    #expect(never.finalTermination?.startedAt == moment(-100).timestamp)
  }
}
