package import KubernetesClient
package import KubernetesModel
package import KubernetesRuntime
package import Logging
import Synchronization
import UmpireModel

/// Carries out what ``ServerPlanner`` decides.
package final class ServerReconciler: Sendable {
  private let client: APIClient
  private let state: ClusterState
  private let sidecars: SidecarConversation
  private let events: EventRecorder
  private let configuration: ControllerConfiguration
  private let surroundings: Surroundings
  private let ownWrites: OwnWrites
  /// Makes the accounts of sidecars; nil where that is somebody else's task.
  private let accounts: SidecarAccounts?
  /// The uids of Servers whose sidecar has taken the order to shut down.
  private let told = Mutex<[ObjectKey: String]>([:])

  package init(
    client: APIClient, state: ClusterState, sidecars: SidecarConversation, events: EventRecorder,
    configuration: ControllerConfiguration, surroundings: Surroundings = Surroundings()
  ) {
    self.surroundings = surroundings
    self.ownWrites = OwnWrites(instant: surroundings.instant)
    self.client = client
    self.state = state
    self.sidecars = sidecars
    self.events = events
    self.configuration = configuration
    self.accounts =
      configuration.makesSidecarAccounts ? SidecarAccounts(client: client, instant: surroundings.instant) : nil
  }

  package func reconcile(_ key: ObjectKey, logger: Logger) async throws -> WorkOutcome {
    guard let server = self.state.servers.get(key) else {
      self.told.withLock { _ = $0.removeValue(forKey: key) }
      return .done
    }
    if let wait = self.wait(for: server) { return .requeue(after: wait) }
    let pod = self.state.pod(of: server)
    let node = try await self.nodeState(of: pod)
    let now = self.surroundings.now()
    let (action, status) = ServerPlanner.plan(server, pod: pod, node: node, now: now)
    switch action {
    case .ignore: return .done
    case .addFinalizer:
      if let patch = FinalizerPatch.adding(Finalizers.deletionGate, to: server.metadata) {
        let written: Server = try await self.client.patch(Server.self, key, patch)
        self.ownWrites.note(written)
      }
      return .done
    case .createPod: return try await self.createPod(for: server, logger: logger)
    case .deleteServer:
      try await self.client.delete(Server.self, key, options: DeleteOptions(uid: server.metadata.uid))
      self.events.record(server.reference, .normal, reason: "Killed", message: "opsState is Kill")
      return .done
    case .observe(let recheckAfter), .awaitPodEnd(let recheckAfter):
      try await self.write(status, of: server)
      self.reportStateChange(of: server, to: status)
      if let pod, let patch = EvictionGuard.patch(for: server, pod: pod, now: now) {
        let written: Pod = try await self.client.patch(Pod.self, pod.key, patch)
        self.ownWrites.note(written)
      }
      return recheckAfter.map { .requeue(after: $0) } ?? .done
    case .askForPermission(let recheckAfter):
      return try await self.askForPermission(
        server, pod: pod, status: status, recheckAfter: recheckAfter, logger: logger)
    case .deletePod(let reason, let force):
      return try await self.deletePod(of: server, pod: pod, because: reason, force: force, logger: logger)
    case .finish: return try await self.finish(server)
    }
  }

  /// What is known of a Pod's node.
  ///
  /// The Node of a Pod that was just scheduled may be newer than the store, so the API server is asked before a node
  /// counts as deleted.
  private func nodeState(of pod: Pod?) async throws -> NodeState {
    guard let name = pod?.spec.nodeName, !name.isEmpty, self.state.nodes.isListed else { return .unknown }
    let key = ObjectKey(namespace: nil, name: name)
    if let node = self.state.nodes.get(key) { return NodeState(node) }
    return try await self.client.find(Node.self, key).map { NodeState($0) } ?? .deleted
  }

  /// How long to wait until the stores show what we have written; nil if they do.
  private func wait(for server: Server) -> Duration? {
    if let wait = self.ownWrites.wait(for: Server.self, server.key, seen: server) { return wait }
    let key = server.podKey
    return self.ownWrites.wait(for: Pod.self, key, seen: self.state.pods.get(key))
  }

  private func write(_ status: ServerStatus, of server: Server) async throws {
    if let written = try await StatusPatch.write(server, from: server.status, to: status, client: self.client) {
      self.ownWrites.note(written)
    }
  }

  private func createPod(for server: Server, logger: Logger) async throws -> WorkOutcome {
    let namespace = server.metadata.namespace ?? ""
    if server.usesSidecarAccount, let accounts = self.accounts {
      guard try await accounts.prepare(namespace, logger: logger) else { return .requeue(after: .milliseconds(20)) }
    }
    var sidecar = self.configuration.sidecar
    if server.spec.sidecar.enabled { sidecar.controllerKey = try await self.sidecars.verificationKey() }
    let pod = PodTemplate.pod(for: server, sidecar: sidecar)
    do {
      self.ownWrites.note(try await self.client.create(pod))
    } catch let error as APIError where error.isAlreadyExists {
      // Ours, made before a restart, comes through the watch; anybody else's stands in the way until it goes.
      let existing = try await self.client.find(Pod.self, pod.key)
      if let existing, !server.controls(existing) {
        let message = "Pod \(server.podName) exists and belongs to something else"
        try await self.report("PodNameTaken", message, of: server)
        return .failed(minimum: nil)
      }
    } catch let error as APIError where [400, 403, 422].contains(error.status?.code) {
      // A quota, a policy or a fault in the Pod: it may last. So may an account that somebody has deleted, if not for long.
      self.accounts?.forget(namespace)
      let message = PodRefusal.message(error.message, for: server, defaults: self.configuration.sidecar)
      try await self.report("PodRefused", message, of: server)
      throw error
    }
    return .done
  }

  /// Says why there is no Pod.
  private func report(_ reason: String, _ message: String, of server: Server) async throws {
    self.events.record(server.reference, .warning, reason: reason, message: message)
    try await self.write(
      ServerStatusPlanner.status(of: server, withoutPod: reason, message, now: self.surroundings.now()), of: server)
  }

  /// Tells the sidecar once that the game should end, and asks it each time whether the Server may go.
  private func askForPermission(
    _ server: Server, pod: Pod?, status: ServerStatus, recheckAfter: Duration, logger: Logger
  ) async throws -> WorkOutcome {
    try await self.write(status, of: server)
    guard let address = pod?.status?.podIP, server.spec.sidecar.enabled else { return .requeue(after: recheckAfter) }
    let uid = server.metadata.uid
    let sidecar = SidecarConversation.Party(address: address, port: server.spec.sidecar.port, server: uid ?? "")
    do {
      if self.told.withLock({ $0[server.key] }) != uid {
        try await self.sidecars.requestShutdown(sidecar)
        self.told.withLock { $0[server.key] = uid }
      }
      guard server.spec.effectiveDeletableGates.contains(ConditionTypes.deleteAllowed),
        try await self.sidecars.isDeletionAllowed(sidecar)
      else { return .requeue(after: recheckAfter) }
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      logger.debug("Sidecar does not answer", metadata: ["error": "\(error)"])
      return .requeue(after: recheckAfter)
    }
    let (action, _) = ServerPlanner.plan(
      server, pod: pod, grantedGates: [ConditionTypes.deleteAllowed], now: self.surroundings.now())
    guard case .deletePod(let reason, let force) = action else { return .requeue(after: recheckAfter) }
    return try await self.deletePod(of: server, pod: pod, because: reason, force: force, logger: logger)
  }

  private func deletePod(
    of server: Server, pod: Pod?, because reason: DeletionRule.Reason, force: Bool, logger: Logger
  ) async throws -> WorkOutcome {
    guard let pod else { return .done }
    logger.info("Deleting the Pod of a Server", metadata: ["reason": "\(reason.rawValue)", "force": "\(force)"])
    var options = DeleteOptions(child: pod.metadata, of: server.metadata)
    if force { options.gracePeriodSeconds = 0 }
    try await self.client.delete(Pod.self, pod.key, options: options)
    self.ownWrites.noteDeletion(of: pod)
    // What goes as it should is told by the condition Deletable; an Event for each would be a write for each.
    if reason == .timeout {
      self.events.record(
        server.reference, .warning, reason: "PodDeleted",
        message: "deleted without permission: the timeout of \(server.spec.timeout) has passed")
    }
    return .done
  }

  /// Lets the Server go.
  ///
  /// The store may not know yet of a Pod that was just made, so the API server is asked.
  private func finish(_ server: Server) async throws -> WorkOutcome {
    if let pod = try await self.client.find(Pod.self, server.podKey), server.controls(pod) {
      return .requeue(after: .milliseconds(200))
    }
    try await FinalizerPatch.remove(Finalizers.deletionGate, from: server, client: self.client)
    return .done
  }

  private func reportStateChange(of server: Server, to status: ServerStatus) {
    let before = server.status
    if let lost = status.conditions[type: ConditionTypes.nodeLost], let reason = lost.reason,
      lost.reason != before?.conditions[type: ConditionTypes.nodeLost]?.reason
    {
      self.events.record(
        server.reference, lost.status == .true ? .warning : .normal, reason: lost.status == .true ? lost.type : reason,
        message: lost.message ?? "")
    }
    let readiness = status.conditions[type: ConditionTypes.ready]
    if status.state == .failed, before?.state != .failed {
      self.events.record(
        server.reference, .warning, reason: "Failed", message: readiness?.message ?? "the Pod ended badly")
    } else if readiness?.reason != before?.conditions[type: ConditionTypes.ready]?.reason,
      let message = readiness?.message, status.state == .starting, let reason = readiness?.reason
    {
      self.events.record(server.reference, .warning, reason: reason, message: message)
    }
  }
}
