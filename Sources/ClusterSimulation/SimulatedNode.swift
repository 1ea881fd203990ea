import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Synchronization
import UmpireModel

/// Plays the node: binds Pods, has them run, and removes those that are deleted.
final class SimulatedNode: Sendable {
  private struct State {
    /// Pods to look at.
    var pending: Set<ObjectKey> = []
    var addresses = 0
    /// Pods of a node that nobody reaches any more.
    var unreachable: Set<ObjectKey> = []
    /// Since when the first node is away; nil if it is there.
    var awaySince: Duration?
    /// Whether the first node's object is gone.
    var isDeleted = false
    /// How many Pods have been lost.
    var losses = 0
  }

  private let thread: SerialThread
  private let game: SimulatedGame
  private let time: SimulatedTime
  private let client: APIClient
  private let state = Mutex(State())
  private let wake = AsyncSignal()

  init(cluster: SimulatedCluster, game: SimulatedGame, time: SimulatedTime) {
    self.thread = cluster.thread
    self.game = game
    self.time = time
    self.client = cluster.outside
  }

  /// How many Pods have died or been lost.
  var losses: Int { self.state.withLock { $0.losses } }

  /// A Pod has changed.
  func saw(_ pod: ObjectKey) {
    let isNews = self.state.withLock { state in !state.unreachable.contains(pod) && state.pending.insert(pod).inserted }
    if isNews { self.wake.notify() }
  }

  /// Looks after the Pods until the task is cancelled.
  func run() async throws {
    while !Task.isCancelled {
      guard let key = self.state.withLock({ $0.pending.min() }) else {
        await self.wake.wait()
        continue
      }
      self.state.withLock { _ = $0.pending.remove(key) }
      try await self.thread.exclusively { try await self.look(at: key) }
    }
  }

  private func look(at key: ObjectKey) async throws {
    guard !self.state.withLock({ $0.unreachable.contains(key) }),
      let pod = try await self.client.find(Pod.self, key)
    else { return }
    if pod.metadata.isBeingDeleted {
      try await StandInPod.remove(pod, self.client)
    } else if pod.spec.nodeName == nil {
      try await StandInPod.bind(pod, to: self.scheduled, self.client)
    } else if pod.phase == .pending {
      try await self.start(pod)
    }
  }

  /// Ends the game in one of the running Pods that can be reached, the first by name.
  func kill() async throws {
    let unreachable = self.state.withLock { $0.unreachable }
    let pods = try await self.client.list(Pod.self, namespace: "default").items
    let running = pods.filter { $0.phase == .running && !unreachable.contains($0.key) }
    guard let pod = running.min(by: { $0.key < $1.key }) else { return }
    if let server = pod.metadata.controller?.name { self.game.play(0, on: server) }
    self.state.withLock { $0.losses += 1 }
    let status: JSONValue = ["phase": "Failed", "conditions": [["type": "Ready", "status": "False"]]]
    let _: Pod = try await self.client.patch(Pod.self, pod.key, subresource: .status, ["status": status])
  }

  /// The game of a Server ends, with whoever is on it, and is started again in its Pod, where others come to play.
  ///
  /// - Parameter players: how many play then, if there is such a game.
  func restartGame(of server: ObjectKey, players: Int) async throws {
    let key = ObjectKey(namespace: server.namespace, name: Server.podName(server: server.name))
    try await self.thread.exclusively {
      guard let pod = try await self.client.find(Pod.self, key), pod.phase == .running else { return }
      let now = self.time.now
      let statuses = (pod.status?.containerStatuses ?? []).map { status in
        var status = status
        var end = ContainerState.Terminated(exitCode: 137, reason: "Error")
        end.finishedAt = now
        status.restartCount += 1
        status.lastState = ContainerState(terminated: end)
        status.state = ContainerState(running: .init(startedAt: now))
        return status
      }
      let _: Pod = try await self.client.patch(
        Pod.self, key, subresource: .status, ["status": ["containerStatuses": try JSONValue(encoding: statuses)]])
      self.game.play(players, on: server.name)
    }
  }

  /// The node is lost with all its Pods, which somebody removes without asking.
  func lose() async throws {
    self.game.end()
    for pod in try await self.client.list(Pod.self, namespace: "default").items {
      self.state.withLock { $0.losses += 1 }
      try await StandInPod.remove(pod, self.client)
    }
  }

  /// The node does not answer any more: its Pods are to go, and never do.
  func disconnect() async throws {
    self.game.end()
    for pod in try await self.client.list(Pod.self, namespace: "default").items {
      self.state.withLock { state in
        state.unreachable.insert(pod.key)
        state.losses += 1
      }
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

  // MARK: A node that is away for a while

  private static let second = "stand-in-2"

  /// Where new Pods go.
  private var scheduled: String {
    self.state.withLock { $0.awaySince == nil && !$0.isDeleted } ? StandInPod.nodeName : Self.second
  }

  /// Makes both nodes.
  func register() async throws {
    for name in [StandInPod.nodeName, Self.second] {
      try await StandInPod.setNode(name, now: self.time.now, self.client)
    }
  }

  /// For how long the node of a Pod has been away; nil if it is there.
  ///
  /// A node that is deleted is away for ever.
  func away(_ pod: Pod) -> Duration? {
    guard pod.spec.nodeName == StandInPod.nodeName else { return nil }
    return self.state.withLock { state in
      state.isDeleted ? .seconds(1 << 40) : state.awaySince.map { self.time.elapsed - $0 }
    }
  }

  /// The first node stops answering, and its games go on.
  func leave() async throws {
    try await self.setReady(false)
    let now = self.time.elapsed
    self.state.withLock { $0.awaySince = now }
  }

  /// The first node answers again; what it was to do meanwhile it does now.
  func comeBack() async throws {
    let missed = self.state.withLock { state in
      state.awaySince = nil
      defer { state.unreachable = [] }
      return state.unreachable
    }
    try await self.setReady(true)
    for key in missed.sorted() { self.saw(key) }
  }

  /// The first node's object is deleted, and its games are over.
  func delete() async throws {
    let keys = try await self.podsOnFirst().map(\.key)
    self.state.withLock { state in
      state.isDeleted = true
      state.losses += keys.count
    }
    _ = try await self.thread.exclusively {
      try await self.client.delete(Node.self, ObjectKey(namespace: nil, name: StandInPod.nodeName))
    }
  }

  /// What the node controller writes of the first node and its Pods.
  private func setReady(_ isReady: Bool) async throws {
    let pods = try await self.podsOnFirst()
    if !isReady { self.state.withLock { $0.unreachable.formUnion(pods.map(\.key)) } }
    try await self.thread.exclusively {
      try await StandInPod.setNode(StandInPod.nodeName, isReady: isReady, now: self.time.now, self.client)
      for pod in pods {
        let condition: JSONValue = ["type": "Ready", "status": isReady ? "True" : "False"]
        let _: Pod = try await self.client.patch(
          Pod.self, pod.key, subresource: .status, ["status": ["conditions": [condition]]])
      }
    }
  }

  private func podsOnFirst() async throws -> [Pod] {
    try await self.client.list(Pod.self, namespace: "default").items.filter { $0.spec.nodeName == StandInPod.nodeName }
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
