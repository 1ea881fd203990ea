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

  /// - Parameter namespace: whose Pods; nil for all.
  package init(client: APIClient, namespace: String? = nil) {
    self.client = client
    self.namespace = namespace
  }

  /// Works until the task is cancelled.
  package func run() async {
    let queue = WorkQueue<ObjectKey, ContinuousClock>(clock: ContinuousClock())
    let watcher = Watcher<Pod>(client: self.client, namespace: self.namespace, logger: Logger(label: "stand-in-node")) {
      change in
      queue.add(change.object.key)
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await watcher.run() }
      group.addTask {
        while let key = await queue.next() {
          var outcome = WorkOutcome.done
          if let pod = watcher.store.get(key) {
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
