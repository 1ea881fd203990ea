package import KubernetesClient
package import KubernetesModel
package import KubernetesRuntime
package import Logging
import UmpireModel

/// Carries out what ``FleetPlanner`` decides.
package final class FleetReconciler: Sendable {
  private let client: APIClient
  private let state: ClusterState
  private let events: EventRecorder
  private let expectations: Expectations
  private let pace: StatusPace
  private let ownWrites: OwnWrites
  private let surroundings: Surroundings

  /// Requests in flight for one Fleet.
  private static let parallelism = 16

  package init(
    client: APIClient, state: ClusterState, events: EventRecorder, surroundings: Surroundings = Surroundings()
  ) {
    self.expectations = Expectations(instant: surroundings.instant)
    self.ownWrites = OwnWrites(instant: surroundings.instant)
    self.pace = StatusPace(instant: surroundings.instant, ownWrites: self.ownWrites)
    self.surroundings = surroundings
    self.client = client
    self.state = state
    self.events = events
  }

  package func reconcile(_ key: ObjectKey, logger: Logger) async throws -> WorkOutcome {
    guard let fleet = self.state.fleets.get(key), let uid = fleet.metadata.uid else { return .done }
    if let wait = self.ownWrites.wait(for: Fleet.self, key, seen: fleet) { return .requeue(after: wait) }
    if let patch = FinalizerPatch.adding(Finalizers.children, to: fleet.metadata), !fleet.metadata.isBeingDeleted {
      let written: Fleet = try await self.client.patch(Fleet.self, key, patch)
      self.ownWrites.note(written)
      return .done
    }
    let servers = self.state.servers(of: fleet)
    if try await self.adoptAndRelease(fleet, servers) { return .done }
    let outstanding = self.expectations.outstanding(
      of: uid, seen: Set(servers.compactMap(\.metadata.name)),
      deleting: Set(servers.filter(\.metadata.isBeingDeleted).compactMap(\.metadata.uid)),
      present: Set(servers.compactMap(\.metadata.uid)))
    let plan = FleetPlanner.plan(
      FleetPlanner.Observation(
        fleet: fleet, servers: servers, createdUnseen: outstanding.created.count,
        deletedUnseen: Set(outstanding.deleted.keys), now: self.surroundings.now()))
    if fleet.metadata.isBeingDeleted, servers.isEmpty, outstanding.created.isEmpty {
      return try await self.finish(fleet, uid: uid)
    }
    let wait = try await self.pace.write(fleet, from: fleet.status, to: plan.status, client: self.client)
    let byName = Dictionary(servers.compactMap { server in server.metadata.name.map { ($0, server) } }) { $1 }
    try await self.delete(plan.delete.compactMap { byName[$0] }, of: fleet, uid: uid, logger: logger)
    for name in plan.drain { try await self.setConstraint(byName[name], to: true) }
    for name in plan.reclaim { try await self.setConstraint(byName[name], to: false) }
    for name in plan.adjust { try await self.adjust(byName[name], to: fleet.spec.spec) }
    try await self.create(plan.create, of: fleet, uid: uid, logger: logger)
    // Unseen children come through the watch; should it have lost them, they are counted anew in time.
    if let wait { return .requeue(after: wait) }
    return outstanding.created.isEmpty ? .done : .requeue(after: Expectations.lifetime)
  }

  /// - Returns: whether anything was done, which the watch will show.
  private func adoptAndRelease(_ fleet: Fleet, _ servers: [Server]) async throws -> Bool {
    try await Custody.settle(
      fleet, label: Labels.fleet, children: servers, strays: self.state.strayServers(namingOwner: fleet.key),
      client: self.client
    ) { $0.spec.hasSameTemplate(as: fleet.spec.spec) }
  }

  private func finish(_ fleet: Fleet, uid: String) async throws -> WorkOutcome {
    // A Server that the store does not show yet must not be orphaned.
    let selector = ListOptions(labelSelector: FleetPlanner.selector(of: fleet))
    let left = try await self.client.list(Server.self, namespace: fleet.metadata.namespace, options: selector)
    guard !left.items.contains(where: { fleet.controls($0) }) else { return .requeue(after: .seconds(1)) }
    self.expectations.forget(uid)
    try await FinalizerPatch.remove(Finalizers.children, from: fleet, client: self.client)
    return .done
  }

  /// Creates Servers, and stops at the first refusal.
  private func create(_ count: Int, of fleet: Fleet, uid: String, logger: Logger) async throws {
    guard count > 0 else { return }
    var created = 0
    for size in SlowStart(count, bound: Self.parallelism) {
      do {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<size { group.addTask { try await self.createServer(of: fleet, uid: uid) } }
          try await group.waitForAll()
        }
      } catch {
        logger.debug("Servers refused", metadata: ["created": "\(created)", "wanted": "\(count)"])
        if let error = error as? APIError, error.status != nil {
          self.events.record(
            fleet.reference, .warning, reason: "ServerRefused", message: "a Server cannot be created: \(error.message)")
        }
        throw error
      }
      created += size
    }
    self.events.record(
      fleet.reference, .normal, reason: "ServersCreated", message: "created \(count) Server\(count == 1 ? "" : "s")")
  }

  private func createServer(of fleet: Fleet, uid: String) async throws {
    var labels = fleet.metadata.labels ?? [:]
    let name = ChildName.make(owner: fleet.metadata.name ?? "", suffix: self.surroundings.suffix())
    labels[Labels.fleet] = fleet.metadata.name
    labels[Labels.server] = name
    var metadata = ObjectMeta(name: name, namespace: fleet.metadata.namespace, labels: labels)
    metadata.ownerReferences = [fleet.controllerReference]
    metadata.finalizers = [Finalizers.deletionGate]
    self.expectations.willCreate(name, of: uid)
    do {
      try await self.create(Server(metadata: metadata, spec: fleet.spec.spec))
    } catch let error as APIError where error.isRefusal {
      // Only a clear refusal says that nothing was made; otherwise the watch will tell.
      self.expectations.didNotCreate(name, of: uid)
      throw error
    }
  }

  /// Creates a Server, and does so again if no clear answer comes: under the same name it is not made twice.
  ///
  /// Without that a Server that was not made would be missed only once nobody expects it any more.
  ///
  /// - Throws: `APIError`, a refusal only if the first answer was one.
  private func create(_ server: Server) async throws {
    let unanswered: APIError
    do {
      _ = try await self.client.create(server)
      return
    } catch let error as APIError where !error.isRefusal {
      unanswered = error
    }
    do {
      _ = try await self.client.create(server)
    } catch let error as APIError where error.isAlreadyExists {
      // The first request has made it.
    } catch let error as APIError where error.isRefusal {
      // A quota may be used up by what the first request has made.
      throw unanswered
    }
  }

  private func delete(_ victims: [Server], of fleet: Fleet, uid: String, logger: Logger) async throws {
    guard !victims.isEmpty else { return }
    let waiting = victims[...]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, server) in waiting.enumerated() {
        if index >= Self.parallelism { try await group.next() }
        let options = DeleteOptions(child: server.metadata, of: fleet.metadata)
        group.addTask {
          try await self.client.delete(Server.self, server.key, options: options)
          self.expectations.didDelete(server.metadata.uid ?? "", of: uid)
        }
      }
      try await group.waitForAll()
    }
    logger.info("Servers asked to go", metadata: ["count": "\(victims.count)"])
    self.events.record(
      fleet.reference, .normal, reason: "ServersDeleted",
      message: "asked \(victims.count) Server\(victims.count == 1 ? "" : "s") to go")
  }

  private func setConstraint(_ server: Server?, to drained: Bool) async throws {
    guard let server else { return }
    var constraints = server.spec.constraints.filter { $0.type != ConstraintTypes.notInService }
    if drained {
      constraints.append(
        Constraint(
          type: ConstraintTypes.notInService, effective: true, message: FleetPlanner.drainMessage,
          timeAdded: self.surroundings.now()))
    }
    let patch: JSONValue = [
      "metadata": ["resourceVersion": .string(server.metadata.resourceVersion ?? "")],
      "spec": ["constraints": try JSONValue(encoding: constraints)],
    ]
    let _: Server = try await self.client.patch(Server.self, server.key, patch)
  }

  private func adjust(_ server: Server?, to spec: ServerSpec) async throws {
    guard let server else { return }
    let patch: JSONValue = [
      "spec": [
        "timeout": .string(spec.timeout.description),
        "nodeLossTimeout": .string(spec.nodeLossTimeout.description),
        "allowForceDelete": .bool(spec.allowForceDelete),
        "gameContainer": spec.gameContainer.map(JSONValue.string) ?? .null,
        "webhookConfigurationName": spec.webhookConfigurationName.map(JSONValue.string) ?? .null,
      ]
    ]
    let _: Server = try await self.client.patch(Server.self, server.key, patch)
  }
}

extension APIError {
  /// Whether the API server has clearly said no, so that nothing was done.
  fileprivate var isRefusal: Bool { self.status.map { $0.code ?? 500 < 500 } ?? false }
}
