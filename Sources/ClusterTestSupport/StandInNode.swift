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
      let options = DeleteOptions(uid: pod.metadata.uid, gracePeriodSeconds: 0)
      try await self.client.delete(Pod.self, pod.key, options: options)
    } else if pod.spec.nodeName == nil {
      let binding: JSONValue = [
        "apiVersion": "v1", "kind": "Binding", "metadata": ["name": .string(pod.metadata.name ?? "")],
        "target": ["apiVersion": "v1", "kind": "Node", "name": "stand-in"],
      ]
      _ = try await self.client.send(
        .create(Pod.resourceType, pod.key, subresource: .binding, body: binding.serialized()))
    } else if pod.status?.phase != .running, pod.status?.phase != .failed {
      let number = self.addresses.withLock { number in
        number += 1
        return number
      }
      let statuses: [JSONValue] = pod.spec.containers.map { container in
        [
          "name": .string(container.name), "image": .string(container.image ?? ""), "imageID": "", "ready": true,
          "restartCount": 0, "state": ["running": ["startedAt": .string(Timestamp.now.description)]],
        ]
      }
      let status: JSONValue = [
        "phase": "Running", "podIP": .string("127.99.\(number / 250).\(number % 250 + 1)"),
        "conditions": [["type": "Ready", "status": "True"]], "containerStatuses": .array(statuses),
      ]
      let _: Pod = try await self.client.patch(Pod.self, pod.key, subresource: .status, ["status": status])
    }
  }
}
