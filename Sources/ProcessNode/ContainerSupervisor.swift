package import KubernetesModel

/// The rules of one container's life, as a value.
///
/// Nothing here has an effect: every method says what is to be done.
///
/// ```
///              launch              didStart            didEnd
///  waiting ───────────▶ starting ───────────▶ running ─────────▶ ended
///     ▲                    │                                       │ may restart
///     │ spec changed       │ didFailToStart                        ▼
///     └───────────────── refused                              backing off
///                          │ time is up                            │ time is up
///                          └──────────────▶ starting ◀─────────────┘
/// ```
package struct ContainerSupervisor: Sendable, Hashable {
  /// What a container is for.
  package enum Role: Sendable, Hashable {
    /// Runs to its end before the next container starts.
    case initialization
    /// An init container that runs beside the main ones, and is stopped after them.
    case sidecar
    /// What the Pod is there for.
    case main
  }

  /// Whether a container that has ended is started again.
  package enum RestartPolicy: String, Sendable, Hashable {
    /// Always.
    case always = "Always"
    /// Only after it ended badly.
    case onFailure = "OnFailure"
    /// Never.
    case never = "Never"
  }

  /// Where a container is in its life.
  package enum State: Sendable, Hashable {
    /// It has not been started yet.
    case waiting
    /// It is being started.
    case starting
    /// It runs.
    case running(processIdentifier: Int32, since: NodeTime)
    /// It could not be started, and is tried again at that time.
    case refused(ContainerProblem, retryAt: Duration)
    /// It ended.
    case ended(ContainerState.Terminated)
    /// It ended and is started again at that time.
    case backingOff(ContainerState.Terminated, until: Duration)
  }

  /// What to do so that a container runs.
  package enum OnRun: Sendable, Hashable {
    /// Start it.
    case launch
    /// Nothing until that time.
    case wait(until: Duration)
    /// Nothing.
    case none
  }

  /// The container's name.
  package let name: String
  /// What it is for.
  package let role: Role
  /// Where it is in its life.
  package private(set) var state: State
  /// How often it was started again.
  package private(set) var restartCount: Int64
  /// How it ended before it was last started again.
  package private(set) var lastTermination: ContainerState.Terminated?
  /// Whether it runs and has started up, by its startup probe if it has one.
  package private(set) var isStarted = false
  /// Whether it has been launched and its hook has not ended well yet.
  package private(set) var awaitsHook = false
  /// Whether it runs and is ready, by its readiness probe if it has one.
  package private(set) var isReady = false
  /// Whether it has started up at some time on this node.
  package private(set) var hasBegun = false
  /// Whether an earlier node had started it.
  package let hasBegunBefore: Bool
  private let probes: Probes
  private let policy: RestartPolicy
  private var backoff: RestartBackoff
  private var lifetime: Duration = .zero
  private var sent: StopSignal?
  /// Why the hook of the process that runs has failed.
  private var hookFailure: String?

  /// Which questions decide about a container.
  package struct Probes: Sendable, Hashable {
    /// Whether a hook runs first of all.
    package var hook: Bool
    /// Whether a startup probe says when it has started up.
    package var startup: Bool
    /// Whether a readiness probe says when it is ready.
    package var readiness: Bool

    /// Creates a set of probes; by default there are none.
    package init(hook: Bool = false, startup: Bool = false, readiness: Bool = false) {
      self.hook = hook
      self.startup = startup
      self.readiness = readiness
    }
  }

  /// Creates the supervisor of a container that this node has not started yet.
  ///
  /// - Parameter known: What the Pod's status says of the container. If it speaks of a process, that was an earlier
  ///   node's, which is over.
  package init(
    name: String, role: Role, policy: RestartPolicy, limits: RestartBackoff.Limits, probes: Probes = Probes(),
    known: ContainerStatus? = nil, now: NodeTime
  ) {
    self.name = name
    self.role = role
    self.probes = probes
    self.policy = role == .sidecar ? .always : policy
    self.backoff = RestartBackoff(limits)
    self.restartCount = known?.restartCount ?? 0
    self.lastTermination = known?.lastState?.terminated
    self.hasBegunBefore = known?.started == true || known?.lastState != nil
    if let running = known?.state?.running {
      var lost = ContainerState.Terminated(
        exitCode: 137, signal: 9, reason: "NodeRestarted", message: "the node that ran the container has ended",
        startedAt: running.startedAt, finishedAt: now.timestamp)
      lost.containerID = known?.containerID
      self.state = .ended(lost)
    } else if let terminated = known?.state?.terminated ?? known?.lastState?.terminated {
      self.state = .ended(terminated)
    } else {
      self.state = .waiting
    }
  }

  /// Whether there is, or is about to be, a process.
  package var isAlive: Bool {
    switch self.state {
    case .starting, .running: true
    case .waiting, .refused, .ended, .backingOff: false
    }
  }

  /// Whether it runs.
  package var isRunning: Bool { if case .running = self.state { true } else { false } }

  /// Whether there was a process of it at some time, on this node or an earlier one.
  package var hasEverRun: Bool {
    switch self.state {
    case .running, .ended, .backingOff: true
    case .waiting, .starting, .refused: self.lastTermination != nil
    }
  }

  /// How it ended, if it has ended and is not started again.
  package var finalTermination: ContainerState.Terminated? {
    if case .ended(let terminated) = self.state, !self.restarts(after: terminated) { terminated } else { nil }
  }

  /// Says what is needed so that the container runs.
  ///
  /// An ended one is started again if its policy wants that.
  package mutating func run(now: NodeTime) -> OnRun {
    switch self.state {
    case .waiting:
      return self.launch()
    case .starting, .running:
      return .none
    case .refused(_, let retryAt):
      return now.elapsed < retryAt ? .wait(until: retryAt) : self.launch()
    case .ended(let terminated):
      guard self.restarts(after: terminated) else { return .none }
      let pause = self.backoff.next(afterRunning: self.lifetime)
      guard pause > .zero else { return self.launchAgain(after: terminated) }
      self.state = .backingOff(terminated, until: now.elapsed + pause)
      return .wait(until: now.elapsed + pause)
    case .backingOff(let terminated, let until):
      return now.elapsed < until ? .wait(until: until) : self.launchAgain(after: terminated)
    }
  }

  /// Says which signal the container needs in order to end.
  ///
  /// Each signal is sent once.
  package mutating func stop(kill: Bool) -> StopSignal? {
    if case .backingOff(let terminated, _) = self.state { self.state = .ended(terminated) }
    guard self.isRunning else { return nil }
    let signal: StopSignal = kill ? .kill : .terminate
    guard self.sent != .kill, self.sent != signal else { return nil }
    self.sent = signal
    return signal
  }

  /// Takes note that the process runs.
  package mutating func didStart(processIdentifier: Int32, now: NodeTime) {
    self.state = .running(processIdentifier: processIdentifier, since: now)
    if !self.probes.hook { self.didRunHook() }
  }

  /// Takes note that the hook has ended well.
  package mutating func didRunHook() {
    guard self.isRunning else { return }
    self.awaitsHook = false
    if !self.probes.startup { self.didStartUp() }
  }

  /// Takes note that the hook has failed: the process is about to be killed for that.
  package mutating func didFailHook(_ message: String) { self.hookFailure = message }

  /// Takes note that the startup probe says yes.
  package mutating func didStartUp() {
    guard self.isRunning else { return }
    self.isStarted = true
    self.hasBegun = true
    self.isReady = !self.probes.readiness
  }

  /// Takes note of what the readiness probe says.
  package mutating func didChangeReadiness(to isReady: Bool) {
    guard self.isStarted else { return }
    self.isReady = isReady
  }

  /// Takes note that there is no process, and why.
  package mutating func didFailToStart(_ problem: ContainerProblem, now: NodeTime) {
    self.awaitsHook = false
    // What is missing for its configuration may be there any time; anything else is mended by a person.
    let pause = problem.reason == .configuration ? self.backoff.steadyPause : self.backoff.nextAttempt()
    self.state = .refused(problem, retryAt: now.elapsed + pause)
  }

  /// Takes note that the process is over.
  package mutating func didEnd(_ exit: ContainerExit, now: NodeTime) {
    guard case .running(let processIdentifier, let since) = self.state else { return }
    self.lifetime = now.elapsed - since.elapsed
    self.sent = nil
    self.awaitsHook = false
    self.isStarted = false
    self.isReady = false
    var terminated: ContainerState.Terminated
    switch exit {
    case .exited(let code):
      terminated = ContainerState.Terminated(exitCode: Int64(code), reason: code == 0 ? "Completed" : "Error")
    case .signaled(let signal):
      terminated = ContainerState.Terminated(exitCode: 128 + Int64(signal), signal: Int64(signal), reason: "Error")
    }
    terminated.message = self.hookFailure.map { "its postStart hook has failed: \($0)" }
    self.hookFailure = nil
    terminated.startedAt = since.timestamp
    terminated.finishedAt = now.timestamp
    terminated.containerID = Self.containerID(processIdentifier)
    self.state = .ended(terminated)
  }

  /// Takes note that the container's spec is another now: what was refused is tried again at once.
  package mutating func specChanged() {
    if case .refused = self.state { self.state = .waiting }
  }

  /// How a process is called in statuses.
  package static func containerID(_ processIdentifier: Int32) -> String { "process://\(processIdentifier)" }

  private func restarts(after terminated: ContainerState.Terminated) -> Bool {
    switch self.policy {
    case .always: self.role != .initialization || terminated.exitCode != 0
    case .onFailure: terminated.exitCode != 0
    case .never: false
    }
  }

  private mutating func launch() -> OnRun {
    self.state = .starting
    self.awaitsHook = self.probes.hook
    return .launch
  }

  private mutating func launchAgain(after terminated: ContainerState.Terminated) -> OnRun {
    self.lastTermination = terminated
    self.restartCount += 1
    return self.launch()
  }
}
