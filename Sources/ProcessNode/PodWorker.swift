import FoundationEssentials
package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// What all workers of one node have in common.
package struct PodWorkerContext: Sendable {
  /// Speaks to the API server.
  package var client: APIClient
  /// The node's configuration.
  package var configuration: LocalNodeConfiguration
  /// The least that every program may count on.
  package var baseEnvironment: [String: String]
  /// Tells the node's time.
  package var clock: NodeClock
  /// The node's logger.
  package var logger: Logger

  /// Creates a context.
  package init(
    client: APIClient, configuration: LocalNodeConfiguration, baseEnvironment: [String: String], clock: NodeClock,
    logger: Logger
  ) {
    self.client = client
    self.configuration = configuration
    self.baseEnvironment = baseEnvironment
    self.clock = clock
    self.logger = logger
  }
}

/// Carries out the life of one Pod: starts and stops its processes, and reports on them.
///
/// It holds the Pod's ``PodLifecycle`` and does what that says. Whoever watches the API server tells it what has changed:
///
/// ```swift
/// let worker = PodWorker(pod: pod, address: "127.64.0.1", context: context)
/// group.addTask { await worker.run() }
/// worker.observe(newerPod)
/// worker.observeRemoval()  // run() returns once every process is over
/// ```
///
/// When the task of `run()` is cancelled, every process is ended and nothing is written any more.
package final class PodWorker: Sendable {
  /// The Pod's uid: a Pod of the same name that was made anew has another worker.
  package let uid: String
  /// The Pod's namespace and name.
  package let key: ObjectKey
  let context: PodWorkerContext
  let logger: Logger
  let volumes: PodVolumes
  let state: Mutex<State>
  private let changes: AsyncStream<Void>
  private let change: AsyncStream<Void>.Continuation
  // Nudges, never data: what there is to report lies in the state.
  let reports: AsyncStream<Void>
  let report: AsyncStream<Void>.Continuation

  struct State {
    var life: PodLifecycle
    var processes: [String: ContainerProcess] = [:]
    var nextWake: Duration?
    var written: Written?
    var isRemovalSent = false
    /// Whether the API server has said that there is no such Pod.
    var isUnknown = false

    /// The last status that was written, and the version that the Pod got by it.
    struct Written: Hashable {
      var status: JSONValue
      var version: String?
    }
  }

  /// Creates the worker of a Pod that is bound to this node.
  ///
  /// Nothing starts before ``run()``.
  package init(pod: Pod, address: String, context: PodWorkerContext) {
    self.uid = pod.metadata.uid ?? ""
    self.key = pod.key
    self.context = context
    var logger = context.logger
    logger[metadataKey: "pod.namespace"] = "\(pod.metadata.namespace ?? "")"
    logger[metadataKey: "pod.name"] = "\(pod.metadata.name ?? "")"
    self.logger = logger
    self.volumes = PodVolumes(
      folder: context.configuration.podFolder(uid: self.uid), client: context.client, logger: logger)
    let life = PodLifecycle(
      pod: pod, podAddress: address, hostAddress: context.configuration.hostAddress,
      limits: context.configuration.restartBackoff, now: context.clock.now)
    self.state = Mutex(State(life: life))
    (self.changes, self.change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    (self.reports, self.report) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Takes note of a newer version of the Pod.
  package func observe(_ pod: Pod) {
    self.state.withLock { $0.observe(pod) }
    self.change.yield()
  }

  /// Takes note that the API server has removed the Pod: whatever still runs is killed.
  package func observeRemoval() {
    self.state.withLock { $0.life.observeRemoval() }
    self.change.yield()
  }

  /// Works until the Pod has been removed and its last process is over, or until the task is cancelled.
  package func run() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.reportAll() }
      group.addTask { await self.followVolumes() }
      self.change.yield()
      for await _ in self.changes {
        let (actions, isOver) = self.state.withLock { state in
          (state.life.step(now: self.context.clock.now), state.life.isOver)
        }
        self.report.yield()
        if isOver { break }
        for action in actions { self.perform(action, in: &group) }
      }
      group.cancelAll()
    }
    // A Pod whose node stops keeps what it has.
    if self.state.withLock({ $0.life.isOver }) { self.volumes.remove() }
  }

  /// Takes note of something that happened to a container.
  func record(_ note: (inout PodLifecycle) -> Void) {
    self.state.withLock { note(&$0.life) }
    self.change.yield()
  }

  // MARK: Effects

  private func perform(_ action: PodLifecycle.Action, in group: inout DiscardingTaskGroup) {
    switch action {
    case .launch(let name):
      group.addTask { await self.runContainer(name) }
    case .signal(let name, let signal):
      self.state.withLock { $0.processes[name] }?.send(signal)
    case .wake(let moment):
      // A later wake-up is asked for again when the earlier one has come.
      let isEarliest = self.state.withLock { state in
        guard state.nextWake.map({ moment < $0 }) ?? true else { return false }
        state.nextWake = moment
        return true
      }
      guard isEarliest else { return }
      group.addTask { await self.wake(at: moment) }
    }
  }

  private func wake(at moment: Duration) async {
    // Cancellation means that the worker is going away.
    guard (try? await self.context.clock.sleep(until: moment)) != nil else { return }
    self.state.withLock { if $0.nextWake == moment { $0.nextWake = nil } }
    self.change.yield()
  }

  private func runContainer(_ name: String) async {
    let clock = self.context.clock
    do {
      let (container, launch, log) = try await self.launch(name)
      let (started, start) = AsyncStream<ContainerProcess>.makeStream()
      let exit = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await process in started {
            await self.attend(to: container, process: process, launch: launch, log: log)
          }
        }
        defer { group.cancelAll() }
        return try await ContainerProcess.run(
          launch, log: log, shutdownGrace: self.context.configuration.shutdownGrace
        ) { process in
          self.state.withLock { state in
            state.processes[name] = process
            state.life.didStart(name, processIdentifier: process.processIdentifier, now: clock.now)
          }
          self.change.yield()
          start.yield(process)
        }
      }
      self.logger.debug("container ended", metadata: ["container.name": "\(name)", "container.exit": "\(exit)"])
      self.state.withLock { state in
        state.processes[name] = nil
        state.life.didEnd(name, exit, now: clock.now)
      }
    } catch {
      // The node is stopping: it is not the container's fault that it does not run.
      if Task.isCancelled { return }
      let problem =
        error as? ContainerProblem ?? ContainerProblem(reason: .run, message: "cannot start the container: \(error)")
      self.logger.info(
        "container cannot be started",
        metadata: [
          "container.name": "\(name)", "problem.reason": "\(problem.reason.rawValue)",
          "problem.message": "\(problem.message)",
        ])
      self.state.withLock { state in
        state.processes[name] = nil
        state.life.didFailToStart(name, problem, now: clock.now)
      }
    }
    self.change.yield()
  }
}

extension PodWorker.State {
  /// Takes a Pod over unless it is older than the one that is known.
  mutating func observe(_ pod: Pod) {
    if let new = pod.metadata.resourceVersion.flatMap(UInt64.init),
      let known = self.life.pod.metadata.resourceVersion.flatMap(UInt64.init), new < known
    {
      return
    }
    self.life.observe(pod)
  }
}
