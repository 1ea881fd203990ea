package import KubernetesClient
package import KubernetesModel
package import KubernetesRuntime
package import Logging
import UmpireModel

/// Carries out what ``GameTypePlanner`` decides.
package final class GameTypeReconciler: Sendable {
  private let client: APIClient
  private let state: ClusterState
  private let events: EventRecorder
  private let surroundings: Surroundings
  private let pace: StatusPace
  private let ownWrites: OwnWrites

  package init(
    client: APIClient, state: ClusterState, events: EventRecorder, surroundings: Surroundings = Surroundings()
  ) {
    self.surroundings = surroundings
    self.ownWrites = OwnWrites(instant: surroundings.instant)
    self.pace = StatusPace(instant: surroundings.instant, ownWrites: self.ownWrites)
    self.client = client
    self.state = state
    self.events = events
  }

  package func reconcile(_ key: ObjectKey, logger: Logger) async throws -> WorkOutcome {
    guard let gameType = self.state.gameTypes.get(key) else { return .done }
    if let wait = self.ownWrites.wait(for: GameType.self, key, seen: gameType) { return .requeue(after: wait) }
    if let patch = FinalizerPatch.adding(Finalizers.children, to: gameType.metadata), !gameType.metadata.isBeingDeleted
    {
      let written: GameType = try await self.client.patch(GameType.self, key, patch)
      self.ownWrites.note(written)
      return .done
    }
    let fleets = self.state.fleets(of: gameType)
    if gameType.metadata.isBeingDeleted, fleets.isEmpty { return try await self.finish(gameType) }
    if try await self.adoptAndRelease(gameType, fleets) { return .done }
    let plan = GameTypePlanner.plan(gameType, fleets: fleets, now: self.surroundings.now())
    if let replicas = plan.create { try await self.createFleet(of: gameType, replicas: replicas, logger: logger) }
    if let name = plan.adjust { try await self.adjust(name, to: gameType) }
    for (name, replicas) in plan.scale.sorted(by: { $0.key < $1.key }) {
      try await self.client.scale(Fleet.self, ObjectKey(namespace: key.namespace, name: name), replicas: replicas)
    }
    for fleet in fleets where plan.delete.contains(fleet.metadata.name ?? "") {
      try await self.client.delete(
        Fleet.self, fleet.key, options: DeleteOptions(child: fleet.metadata, of: gameType.metadata))
      self.events.record(
        gameType.reference, .normal, reason: "FleetDeleted",
        message: "asked Fleet \(fleet.metadata.name ?? "") to go")
    }
    if let wait = try await self.pace.write(gameType, from: gameType.status, to: plan.status, client: self.client) {
      return .requeue(after: wait)
    }
    self.reportStandstill(of: gameType, in: plan.status)
    return plan.recheckAfter.map { .requeue(after: $0) } ?? .done
  }

  private func reportStandstill(of gameType: GameType, in status: GameTypeStatus) {
    let type = ConditionTypes.progressing
    guard let condition = status.conditions[type: type], condition.reason == GameTypePlanner.deadlineExceeded,
      gameType.status?.conditions[type: type]?.reason != condition.reason
    else { return }
    self.events.record(
      gameType.reference, .warning, reason: GameTypePlanner.deadlineExceeded, message: condition.message ?? "")
  }

  /// - Returns: whether anything was done, which the watch will show.
  private func adoptAndRelease(_ gameType: GameType, _ fleets: [Fleet]) async throws -> Bool {
    try await Custody.settle(
      gameType, label: Labels.gameType, children: fleets, strays: self.state.strayFleets(namingOwner: gameType.key),
      client: self.client
    ) { $0.spec.spec.hasSameTemplate(as: gameType.spec.fleetSpec.spec) }
  }

  private func finish(_ gameType: GameType) async throws -> WorkOutcome {
    let selector = ListOptions(labelSelector: "\(Labels.gameType)=\(gameType.metadata.name ?? "")")
    let left = try await self.client.list(Fleet.self, namespace: gameType.metadata.namespace, options: selector)
    guard !left.items.contains(where: { gameType.controls($0) }) else { return .requeue(after: .seconds(1)) }
    try await FinalizerPatch.remove(Finalizers.children, from: gameType, client: self.client)
    return .done
  }

  /// Makes the Fleet of the present template.
  ///
  /// Its name follows from the template, so that a stale store cannot make two of them.
  private func createFleet(of gameType: GameType, replicas: Int64, logger: Logger) async throws {
    let digest = try TemplateHash.digest(of: gameType.spec.fleetSpec.spec)
    var labels = gameType.metadata.labels ?? [:]
    labels[Labels.gameType] = gameType.metadata.name
    labels[Labels.templateHash] = digest
    var spec = gameType.spec.fleetSpec
    spec.scaling.replicas = replicas
    // A Fleet of an earlier use of the same template may still be leaving under that name.
    for attempt in 0..<16 {
      let base = ChildName.make(owner: gameType.metadata.name ?? "", length: 40, suffix: digest)
      let name = attempt == 0 ? base : "\(base)-\(attempt)"
      var metadata = ObjectMeta(name: name, namespace: gameType.metadata.namespace, labels: labels)
      metadata.ownerReferences = [gameType.controllerReference]
      metadata.finalizers = [Finalizers.children]
      do {
        _ = try await self.client.create(Fleet(metadata: metadata, spec: spec))
        logger.info("Fleet created", metadata: ["fleet": "\(name)", "replicas": "\(replicas)"])
        self.events.record(
          gameType.reference, .normal, reason: "FleetCreated",
          message: "created Fleet \(name) with \(replicas) replicas")
        return
      } catch let error as APIError where error.isAlreadyExists {
        let existing = try await self.client.find(
          Fleet.self, ObjectKey(namespace: gameType.metadata.namespace, name: name))
        // Somebody may have given a Fleet of ours another template by hand; it keeps its name.
        if let existing, gameType.controls(existing), !existing.metadata.isBeingDeleted,
          existing.spec.spec.hasSameTemplate(as: spec.spec)
        {
          return
        }
      } catch let error as APIError where error.isInvalid {
        self.events.record(gameType.reference, .warning, reason: "FleetRefused", message: error.message)
        throw error
      }
    }
  }

  private func adjust(_ name: String, to gameType: GameType) async throws {
    let key = ObjectKey(namespace: gameType.metadata.namespace, name: name)
    guard let fleet = self.state.fleets.get(key) else { return }
    var spec = gameType.spec.fleetSpec
    spec.scaling.replicas = fleet.spec.scaling.replicas
    guard
      let difference = JSONValue.mergePatch(
        from: try JSONValue(encoding: fleet.spec), to: try JSONValue(encoding: spec))
    else { return }
    let _: Fleet = try await self.client.patch(Fleet.self, key, ["spec": difference])
  }
}
