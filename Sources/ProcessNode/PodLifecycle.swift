package import KubernetesModel

/// The rules of one Pod's life on this node, as a value: what is observed goes in, what is to be done comes out.
///
/// ```
///  active ──────────────▶ stopping ─────────────▶ stoppingSidecars ────────────▶ ended
///    │   deletion asked     SIGTERM, then SIGKILL,  ▲ main containers are over,    processes are over
///    │   for, or Pod gone   to the main containers  │ sidecars are told to end
///    └──────────────────────────────────────────────┘
///        every main container is over for good
/// ```
///
/// ``step(now:)`` may be called at any time and as often as one likes: it compares what is with what should be, and asks
/// for the difference.
package struct PodLifecycle: Sendable {
  /// Where the Pod is on its way.
  package enum Stage: Sendable, Hashable {
    /// Containers are started, and started again.
    case active
    /// Main and init containers are being stopped; they are killed at the deadline.
    case stopping(deadline: Duration)
    /// Sidecars are being stopped, the last one first; they are killed at the deadline.
    case stoppingSidecars(deadline: Duration)
    /// No process is left, and none will be started.
    case ended
  }

  /// Something to do.
  package enum Action: Sendable, Hashable {
    /// Start the container of that name.
    case launch(String)
    /// Signal the container of that name.
    case signal(String, StopSignal)
    /// Call ``PodLifecycle/step(now:)`` again at that time.
    case wake(at: Duration)
  }

  /// The newest known Pod.
  package private(set) var pod: Pod
  /// The Pod's address.
  package let podAddress: String
  /// The node's address.
  package let hostAddress: String
  /// When the node took the Pod.
  package let startTime: Timestamp
  /// Where the Pod is on its way.
  package private(set) var stage: Stage
  /// Init containers and sidecars, in order.
  package private(set) var initialization: [ContainerSupervisor]
  /// The main containers, in order.
  package private(set) var main: [ContainerSupervisor]
  /// Whether the Pod is no longer in the API server.
  package private(set) var isGone = false
  /// Whether the Pod ended in an earlier life, so that its status is not this node's to write.
  package let wasOverBefore: Bool

  /// What a sidecar gets at least between its signals, when the main containers have used the time up.
  private static let leastGrace: Duration = .seconds(2)

  /// Creates the life of a Pod that was just bound to this node, or that an earlier node with its name had begun.
  package init(
    pod: Pod, podAddress: String, hostAddress: String, limits: RestartBackoff.Limits, now: NodeTime
  ) {
    self.pod = pod
    self.podAddress = podAddress
    self.hostAddress = hostAddress
    self.startTime = pod.status?.startTime ?? now.timestamp
    let policy = pod.spec.restartPolicy.flatMap(ContainerSupervisor.RestartPolicy.init(rawValue:)) ?? .always
    func supervisor(_ container: Container, _ role: ContainerSupervisor.Role) -> ContainerSupervisor {
      let statuses = role == .main ? pod.status?.containerStatuses : pod.status?.initContainerStatuses
      return ContainerSupervisor(
        name: container.name, role: role, policy: policy, limits: limits,
        probes: ContainerSupervisor.Probes(
          hook: ContainerHook(of: container) != nil,
          startup: ContainerProbe("startupProbe", of: container) != nil,
          readiness: ContainerProbe("readinessProbe", of: container) != nil),
        known: statuses?.first { $0.name == container.name }, now: now)
    }
    // An init container that runs to its end has no probes, and Kubernetes allows it none.
    self.initialization = pod.spec.initContainers.map {
      supervisor($0, $0.restartPolicy == "Always" ? .sidecar : .initialization)
    }
    self.main = pod.spec.containers.map { supervisor($0, .main) }
    self.wasOverBefore = pod.phase == .succeeded || pod.phase == .failed
    self.stage = self.wasOverBefore ? .ended : .active
  }

  /// Whether the Pod must now be removed from the API server.
  package var mustBeRemoved: Bool { self.stage == .ended && self.pod.metadata.isBeingDeleted && !self.isGone }

  /// Whether nothing remains to be done for the Pod.
  package var isOver: Bool { self.stage == .ended && self.isGone }

  /// Whether every init container has done its part.
  package var isInitialized: Bool {
    self.initialization.allSatisfy { container in
      container.role == .sidecar
        ? container.hasBegun || container.hasBegunBefore : container.finalTermination?.exitCode == 0
    }
  }

  /// The spec of a container.
  package func container(_ name: String) -> Container? {
    (self.pod.spec.initContainers + self.pod.spec.containers).first { $0.name == name }
  }

  /// Takes note of a newer Pod.
  package mutating func observe(_ pod: Pod) {
    let old = self.pod
    self.pod = pod
    guard old.spec != pod.spec else { return }
    self.update { $0.specChanged() }
  }

  /// Takes note that the API server no longer has the Pod.
  ///
  /// Whatever still runs is killed at once.
  package mutating func observeRemoval() { self.isGone = true }

  /// Takes note that a container's process runs.
  package mutating func didStart(_ name: String, processIdentifier: Int32, now: NodeTime) {
    self.update(name) { $0.didStart(processIdentifier: processIdentifier, now: now) }
  }

  /// Takes note that a container's `postStart` hook has ended well.
  package mutating func didRunHook(_ name: String) { self.update(name) { $0.didRunHook() } }

  /// Takes note that a container's `postStart` hook has failed, and why.
  package mutating func didFailHook(_ name: String, _ message: String) { self.update(name) { $0.didFailHook(message) } }

  /// Takes note that a container's startup probe says yes.
  package mutating func didStartUp(_ name: String) { self.update(name) { $0.didStartUp() } }

  /// Takes note of what a container's readiness probe says.
  package mutating func didChangeReadiness(_ name: String, to isReady: Bool) {
    self.update(name) { $0.didChangeReadiness(to: isReady) }
  }

  /// Takes note that a container has no process, and why.
  package mutating func didFailToStart(_ name: String, _ problem: ContainerProblem, now: NodeTime) {
    self.update(name) { $0.didFailToStart(problem, now: now) }
  }

  /// Takes note that a container's process is over.
  package mutating func didEnd(_ name: String, _ exit: ContainerExit, now: NodeTime) {
    self.update(name) { $0.didEnd(exit, now: now) }
  }

  /// Says what is to be done now.
  package mutating func step(now: NodeTime) -> [Action] {
    var actions: [Action] = []
    self.chooseStage(now: now)
    switch self.stage {
    case .active: self.start(now: now, &actions)
    case .stopping(let deadline): self.stop(by: deadline, now: now, &actions)
    case .stoppingSidecars(let deadline): self.stopSidecars(by: deadline, now: now, &actions)
    case .ended: ()
    }
    return actions
  }

  // MARK: Stages

  private mutating func chooseStage(now: NodeTime) {
    switch self.stage {
    case .active:
      if self.isGone || self.pod.metadata.isBeingDeleted {
        self.stage = .stopping(deadline: now.elapsed + self.grace)
      } else if self.isFinished {
        self.stage = .stoppingSidecars(deadline: now.elapsed + self.grace)
      }
    case .stopping(let deadline):
      // A second, hastier deletion may shorten the time, never lengthen it.
      self.stage = .stopping(deadline: min(deadline, now.elapsed + self.grace))
    case .stoppingSidecars(let deadline):
      let mustHurry = self.isGone || self.pod.metadata.isBeingDeleted && self.grace == .zero
      if mustHurry { self.stage = .stoppingSidecars(deadline: min(deadline, now.elapsed)) }
    case .ended:
      ()
    }
    if case .stopping(let deadline) = self.stage, !self.containersToStopFirst.contains(where: \.isAlive) {
      let least = self.grace == .zero ? .zero : Self.leastGrace
      self.stage = .stoppingSidecars(deadline: max(deadline, now.elapsed + least))
    }
    if case .stoppingSidecars = self.stage, !self.all.contains(where: \.isAlive) {
      self.update { _ = $0.stop(kill: true) }
      self.stage = .ended
    }
  }

  /// Every main container is over for good, or an init container failed for good.
  private var isFinished: Bool {
    if self.initialization.contains(where: { $0.role == .initialization && $0.failedForGood }) { return true }
    return !self.main.isEmpty && self.main.allSatisfy { $0.finalTermination != nil }
  }

  private var grace: Duration {
    if self.isGone { return .zero }
    let seconds =
      self.pod.metadata.deletionGracePeriodSeconds ?? self.pod.spec.terminationGracePeriodSeconds ?? 30
    // A day is longer than any process needs, and short enough for arithmetic.
    return .seconds(min(max(seconds, 0), 86_400))
  }

  private mutating func start(now: NodeTime, _ actions: inout [Action]) {
    for index in self.initialization.indices {
      guard self.initialization[index].finalTermination == nil else { continue }
      Self.apply(self.initialization[index].run(now: now), self.initialization[index].name, &actions)
      // A sidecar that has started up once holds nothing up, even while it is being started again.
      guard self.initialization[index].role == .sidecar, self.initialization[index].hasBegun else { return }
    }
    for index in self.main.indices {
      Self.apply(self.main[index].run(now: now), self.main[index].name, &actions)
      // A kubelet starts one container after the other, and a hook is part of a start.
      guard !self.main[index].awaitsHook else { return }
    }
  }

  private mutating func stop(by deadline: Duration, now: NodeTime, _ actions: inout [Action]) {
    let kill = now.elapsed >= deadline
    for index in self.initialization.indices where self.initialization[index].role == .initialization {
      if let signal = self.initialization[index].stop(kill: kill) {
        actions.append(.signal(self.initialization[index].name, signal))
      }
    }
    for index in self.main.indices {
      if let signal = self.main[index].stop(kill: kill) { actions.append(.signal(self.main[index].name, signal)) }
    }
    if !kill { actions.append(.wake(at: deadline)) }
  }

  private mutating func stopSidecars(by deadline: Duration, now: NodeTime, _ actions: inout [Action]) {
    let kill = now.elapsed >= deadline
    for index in self.initialization.indices.reversed() where self.initialization[index].isAlive {
      if let signal = self.initialization[index].stop(kill: kill) {
        actions.append(.signal(self.initialization[index].name, signal))
      }
      // One after the other, as each may need the ones before it; all at once when the time is up.
      if !kill { break }
    }
    if !kill { actions.append(.wake(at: deadline)) }
  }

  // MARK: Containers

  private var all: [ContainerSupervisor] { self.initialization + self.main }

  private var containersToStopFirst: [ContainerSupervisor] { self.all.filter { $0.role != .sidecar } }

  private mutating func update(_ name: String? = nil, _ change: (inout ContainerSupervisor) -> Void) {
    for index in self.initialization.indices where name == nil || self.initialization[index].name == name {
      change(&self.initialization[index])
    }
    for index in self.main.indices where name == nil || self.main[index].name == name { change(&self.main[index]) }
  }

  private static func apply(_ result: ContainerSupervisor.OnRun, _ name: String, _ actions: inout [Action]) {
    switch result {
    case .launch: actions.append(.launch(name))
    case .wait(let until): actions.append(.wake(at: until))
    case .none: ()
    }
  }
}

extension ContainerSupervisor {
  fileprivate var failedForGood: Bool { self.finalTermination.map { $0.exitCode != 0 } ?? false }
}
