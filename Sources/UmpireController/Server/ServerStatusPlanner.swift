import KubernetesModel
import UmpireModel

/// What a Server's status should say, given what is observed.
enum ServerStatusPlanner {
  /// - Parameters:
  ///   - pod: the Server's Pod; nil if there is none, or none any more.
  ///   - node: the Pod's node.
  ///   - deletion: the deletion rule's answer, if the Server is to go.
  static func status(
    of server: Server, pod: Pod?, node: NodeState = .unknown, deletion: DeletionRule.Decision? = nil, now: Timestamp
  ) -> ServerStatus {
    var status = server.status ?? ServerStatus()
    let loss = pod == nil ? .none : NodeLoss.decide(server, node: node, now: now)
    let lost = loss.condition(of: server, node: node, nodeName: pod?.spec.nodeName ?? "")
    if let pod { Self.note(GameContainer(of: server, in: pod), of: server, in: &status, now: now) }
    let readiness = Self.readiness(of: server, pod: pod, lost: loss == .none ? nil : lost?.message)
    status.state = Self.state(of: server, pod: pod, loss: loss, isReady: readiness.status == .true)
    status.podName = pod?.metadata.name ?? status.podName
    // Where it will run is worth no write of its own: it is told with the first that says that it runs.
    if let pod, pod.phase != .pending {
      status.address = pod.status?.podIP ?? status.address
      status.nodeName = pod.spec.nodeName ?? status.nodeName
    }
    status.observedGeneration = server.metadata.generation
    status.conditions.set(readiness, now: now)
    if let lost { status.conditions.set(lost, now: now) }
    if let deletion { status.conditions.set(Self.deletable(deletion), now: now) }
    return status
  }

  /// Notes another life of the game: what was said of the one before says nothing of it.
  private static func note(_ game: GameContainer, of server: Server, in status: inout ServerStatus, now: Timestamp) {
    guard game.restarts != status.gameRestarts ?? 0 else { return }
    for gate in Set(server.spec.readinessGates + server.spec.effectiveDeletableGates).sorted() {
      guard var condition = status.conditions[type: gate], condition.status == .true,
        !status.isOfPresentLife(condition, restarts: game.restarts)
      else { continue }
      condition.status = .false
      condition.reason = "GameRestarted"
      condition.message = "container \"\(game.name)\" has ended and was started again"
      condition.observedRestarts = game.restarts
      status.conditions.set(condition, now: now)
    }
    status.gameRestarts = game.restarts
    status.gameEndTime = game.lastEnd
  }

  /// The status of a Server whose Pod cannot be made.
  static func status(
    of server: Server, withoutPod reason: String, _ message: String, now: Timestamp
  ) -> ServerStatus {
    var status = Self.status(of: server, pod: nil, now: now)
    status.conditions.set(
      Condition(type: ConditionTypes.ready, status: .false, reason: reason, message: Self.bounded(message)), now: now)
    return status
  }

  private static let longestMessage = 1024

  private static func state(
    of server: Server, pod: Pod?, loss: NodeLoss, isReady: Bool
  ) -> ServerStatus.State {
    guard let pod else {
      // A Pod that was there and is gone takes the game with it; one that never was is about to be made.
      if server.metadata.isBeingDeleted { return .draining }
      return server.status?.podName == nil ? .starting : .failed
    }
    if Self.isTaken(pod, from: server) { return .failed }
    let isGoing = server.metadata.isBeingDeleted
    switch (pod.phase, loss) {
    case (.succeeded, _): return .exited
    case (.failed, _), (_, .over): return .failed
    case (_, .waiting), (_, .replaced): return isGoing ? .draining : .unknown
    case (.unknown, .none): return .unknown
    case (.pending, .none): return isGoing ? .draining : .starting
    case (.running, .none):
      if case .ended(let code) = GameContainer(of: server, in: pod).state { return code == 0 ? .exited : .failed }
      if isGoing || server.spec.isConstrained(ConstraintTypes.notInService) { return .draining }
      return isReady ? .ready : .running
    }
  }

  private static func readiness(of server: Server, pod: Pod?, lost: String?) -> Condition {
    guard let pod else {
      let gone = server.status?.podName != nil
      return Condition(
        type: ConditionTypes.ready, status: .false, reason: gone ? "PodGone" : "PodNotCreated",
        message: gone ? "the Pod is gone" : "the Pod does not exist yet")
    }
    if Self.isTaken(pod, from: server) {
      return Condition(
        type: ConditionTypes.ready, status: .false, reason: "PodTaken",
        message: "the Pod was deleted under the Server: evicted, or its node is lost")
    }
    if let lost, pod.phase != .succeeded, pod.phase != .failed {
      return Condition(type: ConditionTypes.ready, status: .false, reason: ConditionTypes.nodeLost, message: lost)
    }
    if let problem = Self.problem(of: pod) {
      return Condition(
        type: ConditionTypes.ready, status: .false, reason: problem.reason ?? "ContainerWaiting",
        message: problem.message)
    }
    guard pod.phase == .running else {
      let restart = pod.phase == .pending ? Self.restart(in: pod) : nil
      return Condition(
        type: ConditionTypes.ready, status: .false, reason: restart?.reason ?? "Pod\(pod.phase.rawValue)",
        message: restart?.message ?? pod.status?.message)
    }
    let game = GameContainer(of: server, in: pod)
    if let absence = game.absence { return absence }
    let gates = server.spec.readinessGates
    guard !gates.isEmpty else {
      return pod.isReady
        ? Condition(type: ConditionTypes.ready, status: .true, reason: "PodReady")
        : Condition(
          type: ConditionTypes.ready, status: .false, reason: "PodNotReady", message: Self.restart(in: pod)?.message)
    }
    let closed = gates.filter { server.status?.isTrue($0, restarts: game.restarts) != true }
    return closed.isEmpty
      ? Condition(type: ConditionTypes.ready, status: .true, reason: "GatesPassed")
      : Condition(
        type: ConditionTypes.ready, status: .false, reason: "GatesClosed",
        message: "waiting for \(closed.joined(separator: ", "))")
  }

  /// Whether somebody else has the Pod deleted, as a drain does, or the node controller when a node is lost.
  ///
  /// It may take long to go, on a lost node for ever; the Server is not waited for.
  private static func isTaken(_ pod: Pod, from server: Server) -> Bool {
    pod.metadata.isBeingDeleted && !server.metadata.isBeingDeleted
  }

  /// Why a Pod does not come up, if its status tells: no node has room, or a container cannot start.
  private static func problem(of pod: Pod) -> ContainerState.Waiting? {
    if let scheduled = pod.status?.conditions?[type: "PodScheduled"], scheduled.status == .false {
      return ContainerState.Waiting(
        reason: scheduled.reason ?? "Unschedulable", message: Self.bounded(scheduled.message))
    }
    let statuses = (pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])
    let harmless: Set<String> = ["PodInitializing", "ContainerCreating"]
    return statuses.lazy.compactMap(\.state?.waiting).first { waiting in
      waiting.reason.map { !harmless.contains($0) } ?? false
    }
  }

  /// What is known of a container that keeps its Pod from being ready because it has ended before.
  private static func restart(in pod: Pod) -> ContainerState.Waiting? {
    ((pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])).lazy
      .filter { !$0.ready }.compactMap { Self.restart(of: $0) }.first
  }

  private static func restart(of status: ContainerStatus) -> ContainerState.Waiting? {
    guard status.state?.running == nil, status.restartCount > 0,
      let ended = status.state?.terminated ?? status.lastState?.terminated
    else { return nil }
    let reason = ended.reason.map { " (\($0))" } ?? ""
    let message =
      "container \"\(status.name)\" was started again \(status.restartCount) times, and last ended with exit code "
      + "\(ended.exitCode)\(reason)" + (ended.message.map { ": \($0)" } ?? "")
    return ContainerState.Waiting(reason: "ContainerRestarting", message: Self.bounded(message))
  }

  /// Others wrote it, at any length.
  private static func bounded(_ text: String?) -> String? {
    text.map { String($0.unicodeScalars.prefix(Self.longestMessage)) }
  }

  private static func deletable(_ decision: DeletionRule.Decision) -> Condition {
    switch decision {
    case .allowed(let reason):
      Condition(type: ConditionTypes.deletable, status: .true, reason: reason.rawValue)
    case .waiting(let gates, _):
      Condition(
        type: ConditionTypes.deletable, status: .false, reason: "GatesClosed",
        message: "waiting for \(gates.joined(separator: ", "))")
    }
  }
}
