package import KubernetesModel

/// Says what the API server should know of a Pod.
///
/// A pure function of its life.
package enum PodStatusBuilder {
  /// The status of a Pod as it is now.
  ///
  /// Conditions that somebody else has set are kept, and so are the times of those that have not changed.
  package static func status(of life: PodLifecycle, now: Timestamp) -> PodStatus {
    var status = PodStatus(phase: Self.phase(of: life))
    status.hostIP = life.hostAddress
    status.podIP = life.podAddress
    status.startTime = life.startTime
    status.initContainerStatuses =
      life.initialization.isEmpty ? nil : life.initialization.map { Self.status(of: $0, in: life) }
    status.containerStatuses = life.main.map { Self.status(of: $0, in: life) }
    status.conditions = Self.conditions(of: life, phase: status.phase ?? .pending, now: now)
    return status
  }

  // MARK: Phase

  static func phase(of life: PodLifecycle) -> PodStatus.Phase {
    let hasFailedInit = life.initialization.contains { $0.role == .initialization && $0.endedBadly }
    switch life.stage {
    case .active:
      guard life.isInitialized, life.main.allSatisfy(\.hasEverRun) else { return .pending }
      return .running
    case .stopping, .stoppingSidecars:
      return life.main.contains(where: \.hasEverRun) ? .running : .pending
    case .ended:
      let succeeded = !hasFailedInit && life.main.allSatisfy(\.endedWell)
      return succeeded ? .succeeded : .failed
    }
  }

  // MARK: Containers

  static func status(of container: ContainerSupervisor, in life: PodLifecycle) -> ContainerStatus {
    var status = ContainerStatus(name: container.name, image: life.container(container.name)?.image ?? "")
    status.restartCount = container.restartCount
    status.ready = container.isReady
    status.started = container.isStarted
    var last = container.lastTermination
    switch container.state {
    case .waiting, .starting:
      status.state = ContainerState(waiting: Self.waiting(for: container, in: life))
    case .running(let processIdentifier, let since):
      status.state = ContainerState(running: ContainerState.Running(startedAt: since.timestamp))
      status.containerID = ContainerSupervisor.containerID(processIdentifier)
    case .refused(let problem, _):
      status.state = ContainerState(
        waiting: ContainerState.Waiting(reason: problem.reason.rawValue, message: problem.message))
    case .ended(let terminated):
      status.state = ContainerState(terminated: terminated)
      status.containerID = terminated.containerID
      // An init container that has done its part is ready for ever.
      status.ready = container.role == .initialization && terminated.exitCode == 0
    case .backingOff(let terminated, _):
      status.state = ContainerState(
        waiting: ContainerState.Waiting(
          reason: "CrashLoopBackOff",
          message:
            "container \(container.name) ended with exit code \(terminated.exitCode) and is started again after a while"
            + (terminated.message.map { ": \($0)" } ?? "")))
      last = terminated
    }
    status.lastState = last.map { ContainerState(terminated: $0) }
    return status
  }

  private static func waiting(for container: ContainerSupervisor, in life: PodLifecycle) -> ContainerState.Waiting {
    let waitsForOthers = container.state == .waiting && !life.isInitialized
    return ContainerState.Waiting(reason: waitsForOthers ? "PodInitializing" : "ContainerCreating")
  }

  // MARK: Conditions

  private static func conditions(of life: PodLifecycle, phase: PodStatus.Phase, now: Timestamp) -> [Condition] {
    var conditions = life.pod.status?.conditions ?? []
    conditions.set(Condition(type: "PodScheduled", status: .true), now: now)
    let uninitialized = life.initialization.filter { container in
      container.role == .sidecar
        ? !container.hasBegun && !container.hasBegunBefore : container.finalTermination?.exitCode != 0
    }
    conditions.set(
      uninitialized.isEmpty || phase == .succeeded
        ? Condition(type: "Initialized", status: .true)
        : Condition(
          type: "Initialized", status: .false, reason: "ContainersNotInitialized",
          message: Self.list("incomplete", uninitialized)),
      now: now)
    var containersReady = Condition(type: "ContainersReady", status: .true)
    let unready = (life.initialization.filter { $0.role == .sidecar } + life.main).filter { !$0.isReady }
    if phase == .succeeded {
      containersReady = Condition(type: "ContainersReady", status: .false, reason: "PodCompleted")
    } else if phase == .failed {
      containersReady = Condition(type: "ContainersReady", status: .false, reason: "PodFailed")
    } else if !unready.isEmpty {
      containersReady = Condition(
        type: "ContainersReady", status: .false, reason: "ContainersNotReady", message: Self.list("unready", unready))
    }
    conditions.set(containersReady, now: now)
    var ready = containersReady
    ready.type = "Ready"
    let gates = life.pod.spec.readinessGates.filter { !conditions.isTrue($0) }
    if ready.status == .true, let gate = gates.first {
      ready = Condition(
        type: "Ready", status: .false, reason: "ReadinessGatesNotReady", message: "condition \(gate) is not true")
    }
    conditions.set(ready, now: now)
    return conditions
  }

  private static func list(_ adjective: String, _ containers: [ContainerSupervisor]) -> String {
    "containers with \(adjective) status: [\(containers.map(\.name).joined(separator: " "))]"
  }
}

extension ContainerSupervisor {
  fileprivate var endedWell: Bool { if case .ended(let end) = self.state { end.exitCode == 0 } else { false } }

  fileprivate var endedBadly: Bool { if case .ended(let end) = self.state { end.exitCode != 0 } else { false } }
}

extension PodSpec {
  /// The conditions that must be true, beside the containers' readiness, for the Pod to be ready.
  fileprivate var readinessGates: [String] {
    self.fields["readinessGates"]?.arrayValue?.compactMap { $0["conditionType"]?.stringValue } ?? []
  }
}
