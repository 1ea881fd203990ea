import FoundationEssentials
package import KubernetesClient
import KubernetesModel
import KubernetesRuntime
package import Logging
import ServiceLifecycle
import Synchronization

/// A node that runs the containers of its Pods as local processes.
///
/// It works against any Kubernetes API server. To use a node, run it, in a task or as a service:
///
/// ```swift
/// var configuration = LocalNodeConfiguration(dataDirectory: "/var/lib/umpire")
/// configuration.images.set("my-game", program: "/opt/my-game/server")
/// let node = LocalNode(client: client, configuration: configuration, logger: logger)
/// try await node.run()
/// ```
///
/// ``run()`` first ends what an earlier node with the same state root left behind. It then registers the Node, binds
/// Pods that have no node yet, and keeps one ``PodWorker`` for each Pod that is bound to it. Volumes are folders, whose
/// paths take the place of those that they are mounted at; see ``MountMapping``. On cancellation and on
/// graceful shutdown it ends every process; the Pods stay in the API server, and the next run takes them up again.
package final class LocalNode: ServiceLifecycle.Service {
  let client: APIClient
  let configuration: LocalNodeConfiguration
  let logger: Logger
  private let context: PodWorkerContext
  private let watcher: Watcher<Pod>
  /// The Node itself, for what others want of it.
  private let ownNode: Watcher<Node>
  private let queue: WorkQueue<ObjectKey, ContinuousClock>
  private let state: Mutex<State>
  private let starts: AsyncStream<PodWorker>
  private let start: AsyncStream<PodWorker>.Continuation

  private struct State {
    var addresses: AddressPool
    var workers: [String: PodWorker] = [:]
  }

  /// How many Pods are bound at the same time.
  private static let parallelism = 8

  /// Creates a node.
  ///
  /// Nothing happens before ``run()``.
  package init(client: APIClient, configuration: LocalNodeConfiguration, logger: Logger) {
    var logger = logger
    logger[metadataKey: "node.name"] = "\(configuration.nodeName)"
    let queue = WorkQueue<ObjectKey, ContinuousClock>(
      clock: ContinuousClock(), backoff: Backoff(base: .milliseconds(100), maximum: .seconds(10)))
    self.client = client
    self.configuration = configuration
    self.logger = logger
    self.context = PodWorkerContext(
      client: client, configuration: configuration, baseEnvironment: Self.baseEnvironment, clock: NodeClock(),
      logger: logger)
    self.queue = queue
    let watcher = Watcher<Pod>(client: client, logger: logger) { change in queue.add(change.object.key) }
    self.watcher = watcher
    let own = ListOptions(fieldSelector: "metadata.name=\(configuration.nodeName)")
    self.ownNode = Watcher(client: client, options: own, logger: logger) { _ in
      // It may take Pods now that it did not take before.
      for pod in watcher.store.all() where pod.spec.nodeName?.isEmpty ?? true { queue.add(pod.key) }
    }
    self.state = Mutex(State(addresses: AddressPool(configuration.addresses)))
    (self.starts, self.start) = AsyncStream.makeStream()
  }

  /// Runs until the task is cancelled or the service is shut down; no process is left then.
  ///
  /// - Throws: ``CancellationError`` if the task was cancelled before the node had begun.
  package func run() async throws {
    let sweep = OrphanSweep(stateRoot: self.configuration.stateRoot)
    let outcome = try await sweep.run()
    if outcome.ended > 0 {
      self.logger.notice("ended processes of an earlier run", metadata: ["process.count": "\(outcome.ended)"])
    }
    if !outcome.remaining.isEmpty {
      self.logger.warning(
        "processes of an earlier run cannot be ended", metadata: ["process.ids": "\(outcome.remaining)"])
    }
    await cancelWhenGracefulShutdown { await self.serve() }
    // What has left its container's session has also left its signals behind.
    sweep.endOnce()
  }

  private func serve() async {
    await withDiscardingTaskGroup { group in
      group.addTask { await self.watcher.run() }
      group.addTask { await self.ownNode.run() }
      group.addTask { await self.keepRegistered() }
      group.addTask { await self.runWorkers() }
      group.addTask { await self.dispatch() }
    }
  }

  /// The least that a program may count on.
  ///
  /// The node's own environment stays its own.
  private static var baseEnvironment: [String: String] {
    let own = ProcessInfo.processInfo.environment
    return [
      "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME": own["HOME"] ?? "/",
      "LANG": own["LANG"] ?? "C.UTF-8",
    ]
  }

  // MARK: Workers

  private func runWorkers() async {
    await withDiscardingTaskGroup { group in
      for await worker in self.starts {
        group.addTask {
          await worker.run()
          self.state.withLock { state in
            state.workers[worker.uid] = nil
            state.addresses.release(worker.uid)
          }
        }
      }
    }
  }

  private func dispatch() async {
    await self.watcher.waitUntilSynced()
    // A watcher that is stopped before its first list counts as synced, and knows of no Pod.
    guard !Task.isCancelled else { return }
    let pods = self.watcher.store.all().filter { $0.spec.nodeName == self.configuration.nodeName }
    self.reclaimAddresses(of: pods)
    let swept = VolumeSweep(folder: self.configuration.podsFolder).run(keeping: Set(pods.compactMap(\.metadata.uid)))
    if swept > 0 { self.logger.notice("removed volumes of an earlier run", metadata: ["pod.count": "\(swept)"]) }
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      while let key = await self.queue.next() {
        if running == Self.parallelism {
          await group.next()
          running -= 1
        }
        running += 1
        group.addTask { await self.work(on: key) }
      }
      group.cancelAll()
    }
  }

  /// Gives Pods of an earlier run their addresses back, before any other Pod can get them.
  private func reclaimAddresses(of pods: [Pod]) {
    self.state.withLock { state in
      for pod in pods {
        guard let uid = pod.metadata.uid, let address = pod.status?.podIP else { continue }
        _ = state.addresses.address(for: uid, preferred: address)
      }
    }
  }

  private func work(on key: ObjectKey) async {
    do {
      try await self.reconcile(key)
      self.queue.finish(key, outcome: .done)
    } catch {
      self.logger.info("cannot take up a Pod, trying again", metadata: ["pod": "\(key)", "error": "\(error)"])
      self.queue.finish(key, outcome: .failed(minimum: nil))
    }
  }

  /// Brings what the node does for a Pod in line with what the API server has.
  private func reconcile(_ key: ObjectKey) async throws {
    let pod = self.watcher.store.get(key)
    let others = self.state.withLock { state in
      state.workers.values.filter { $0.key == key && $0.uid != pod?.metadata.uid }
    }
    for worker in others { worker.observeRemoval() }
    guard let pod, let uid = pod.metadata.uid else { return }
    switch pod.spec.nodeName ?? "" {
    case "" where self.schedules(pod): try await self.bind(pod)
    case self.configuration.nodeName where self.runs(pod): try self.take(pod, uid: uid)
    default: ()
    }
  }

  /// Whether a Pod without a node is this node's to place: it names the scheduler that the node stands in for, and the
  /// node takes it.
  private func schedules(_ pod: Pod) -> Bool {
    guard pod.spec.schedulerName == self.configuration.schedulerName else { return false }
    // Deleted before it had a node, it is let go.
    if pod.metadata.isBeingDeleted { return true }
    return self.registeredNode?.admits(pod, ignoring: self.configuration.guestTaint) ?? false
  }

  /// Whether a Pod that is bound to the node is one that it runs; a guest leaves those of a DaemonSet alone.
  private func runs(_ pod: Pod) -> Bool {
    self.configuration.guestTaint == nil || pod.spec.schedulerName == self.configuration.schedulerName
  }

  /// The Node as it is in the API server; nil until it is registered.
  var registeredNode: Node? { self.ownNode.store.get(ObjectKey(namespace: nil, name: self.configuration.nodeName)) }

  private func take(_ pod: Pod, uid: String) throws {
    let worker: PodWorker = try self.state.withLock { state in
      if let worker = state.workers[uid] { return worker }
      guard let address = state.addresses.address(for: uid, preferred: pod.status?.podIP) else {
        throw NodeError(.addressesExhausted, "every address of \(self.configuration.addresses) is in use")
      }
      let worker = PodWorker(pod: pod, address: address, context: self.context)
      state.workers[uid] = worker
      self.start.yield(worker)
      return worker
    }
    worker.observe(pod)
  }
}
