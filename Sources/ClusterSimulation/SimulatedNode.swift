import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireModel

/// Plays the node, a step at a time: binds Pods, has them run, and removes those that are deleted.
final class SimulatedNode: Sendable {
  private struct State {
    /// How many of the cluster's events it has seen.
    var position = 0
    /// Pods to look at.
    var pending: Set<ObjectKey> = []
    var addresses = 0
    /// Pods of a node that nobody reaches any more.
    var unreachable: Set<ObjectKey> = []
  }

  private let cluster: SimulatedCluster
  private let game: SimulatedGame
  private let time: SimulatedTime
  private let client: APIClient
  private let state = Mutex(State())

  init(cluster: SimulatedCluster, game: SimulatedGame, time: SimulatedTime) {
    self.cluster = cluster
    self.game = game
    self.time = time
    self.client = cluster.outside
  }

  /// Whether a Pod waits for it.
  var hasWork: Bool {
    self.see()
    return self.state.withLock { !$0.pending.isEmpty }
  }

  /// Looks at one Pod.
  func step() async throws {
    self.see()
    guard let key = self.state.withLock({ $0.pending.min() }) else { return }
    let isReachable = self.state.withLock { state in
      state.pending.remove(key)
      return !state.unreachable.contains(key)
    }
    guard isReachable else { return }
    guard let pod = try await self.client.find(Pod.self, key) else { return }
    if pod.metadata.isBeingDeleted {
      try await StandInPod.remove(pod, self.client)
    } else if pod.spec.nodeName == nil {
      try await StandInPod.bind(pod, self.client)
    } else if pod.phase == .pending {
      try await self.start(pod)
    }
  }

  /// Ends the game in one of the Pods that run, the first by name.
  func kill() async throws {
    let pods = try await self.client.list(Pod.self, namespace: "default").items
    guard let pod = pods.filter({ $0.phase == .running }).min(by: { $0.key < $1.key }) else { return }
    if let server = pod.metadata.controller?.name { self.game.play(0, on: server) }
    let status: JSONValue = ["phase": "Failed", "conditions": [["type": "Ready", "status": "False"]]]
    let _: Pod = try await self.client.patch(Pod.self, pod.key, subresource: .status, ["status": status])
  }

  /// The node is lost with all its Pods, which somebody removes without asking.
  func lose() async throws {
    self.game.end()
    for pod in try await self.client.list(Pod.self, namespace: "default").items {
      try await StandInPod.remove(pod, self.client)
    }
  }

  /// The node does not answer any more: its Pods are to go, and never do.
  func disconnect() async throws {
    self.game.end()
    for pod in try await self.client.list(Pod.self, namespace: "default").items {
      self.state.withLock { _ = $0.unreachable.insert(pod.key) }
      try await self.client.delete(Pod.self, pod.key, options: DeleteOptions(uid: pod.metadata.uid))
    }
  }

  /// The node is given up, and what was on it with it.
  func giveUp() async throws {
    let lost = self.state.withLock { state in
      defer { state.unreachable = [] }
      return state.unreachable.sorted()
    }
    for key in lost {
      try await self.client.delete(Pod.self, key, options: DeleteOptions(gracePeriodSeconds: 0))
    }
  }

  private func see() {
    let count = self.cluster.eventCount
    self.state.withLock { state in
      while state.position < count {
        let event = self.cluster.event(state.position)
        if event.resource == "pods", event.object != nil, !state.unreachable.contains(event.key) {
          state.pending.insert(event.key)
        }
        state.position += 1
      }
    }
  }

  private func start(_ pod: Pod) async throws {
    let number = self.state.withLock { state in
      state.addresses += 1
      return state.addresses
    }
    let address = try await StandInPod.start(pod, number: number, now: self.time.now, self.client)
    if let server = pod.metadata.controller?.name { self.game.bind(address, to: server) }
  }
}
