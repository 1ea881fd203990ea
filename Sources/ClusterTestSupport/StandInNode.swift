package import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization

/// Plays the node: sets Pods Running and Ready, and removes those that are deleted.
///
/// It runs nothing.
package final class StandInNode: Sendable {
  private let client: APIClient
  private let addresses = Mutex(0)

  private let namespace: String?
  private let workers: Int

  /// - Parameters:
  ///   - namespace: whose Pods; nil for all.
  ///   - workers: how many Pods it works on at once.
  package init(client: APIClient, namespace: String? = nil, workers: Int = 1) {
    self.client = client
    self.namespace = namespace
    self.workers = workers
  }

  /// Works until the task is cancelled.
  package func run() async {
    let queue = WorkQueue<ObjectKey, ContinuousClock>(clock: ContinuousClock())
    let watcher = Watcher<Pod>(client: self.client, namespace: self.namespace, logger: Logger(label: "stand-in-node")) {
      change in
      queue.add(change.object.key)
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.stayReady() }
      group.addTask { await watcher.run() }
      group.addTask { await self.work(queue, watcher.store) }
    }
  }

  /// Says that the node is ready, and again before a cluster's node controller would doubt it.
  private func stayReady() async {
    while !Task.isCancelled {
      do {
        try await StandInPod.setNode(StandInPod.nodeName, now: .now, self.client)
        try await Task.sleep(for: .seconds(10))
      } catch {
        // Cancellation ends the loop at its head.
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// Takes the node off a cluster that goes on without it.
  package func remove() async throws {
    try await self.client.delete(Node.self, ObjectKey(namespace: nil, name: StandInPod.nodeName))
  }

  private func work(_ queue: WorkQueue<ObjectKey, ContinuousClock>, _ store: ObjectStore<Pod>) async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      // The queue has one taker.
      while let key = await queue.next() {
        if running == self.workers {
          await group.next()
          running -= 1
        }
        running += 1
        group.addTask {
          var outcome = WorkOutcome.done
          if let pod = store.get(key) {
            do { try await self.serve(pod) } catch { outcome = .failed(minimum: nil) }
          }
          queue.finish(key, outcome: outcome)
        }
      }
    }
  }

  private func serve(_ pod: Pod) async throws {
    if pod.metadata.isBeingDeleted {
      try await StandInPod.remove(pod, self.client)
    } else if pod.spec.nodeName == nil {
      try await StandInPod.bind(pod, self.client)
    } else if pod.status?.phase != .running, pod.status?.phase != .failed {
      let number = self.addresses.withLock { number in
        number += 1
        return number
      }
      try await StandInPod.start(pod, number: number, now: .now, self.client)
    }
  }
}
