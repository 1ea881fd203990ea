import KubernetesModel
import UmpireModel

/// What to do about a Fleet: observed Servers in, actions out.
enum FleetPlanner {
  /// What is observed.
  struct Observation {
    var fleet: Fleet
    /// The Servers that the Fleet controls, as the store shows them.
    var servers: [Server]
    /// Servers that were created and are not in the store yet.
    var createdUnseen: Int = 0
    /// Uids of Servers whose deletion was asked for and that the store shows without it.
    var deletedUnseen: Set<String> = []
    var now: Timestamp
  }

  struct Plan: Equatable {
    /// How many Servers to create.
    var create = 0
    /// Servers to delete, by name.
    var delete: [String] = []
    /// Servers to take out of service until they may go.
    var drain: [String] = []
    /// Drained Servers that are wanted again.
    var reclaim: [String] = []
    /// Servers whose settings differ from the Fleet's and may change in place.
    var adjust: [String] = []
    var status: FleetStatus
  }

  static func plan(_ observation: Observation) -> Plan {
    let fleet = observation.fleet
    var plan = Plan(status: Self.status(observation))
    let present = observation.servers.filter { !Self.isGoing($0, observation) }
    if fleet.metadata.isBeingDeleted {
      if !fleet.metadata.orphansChildren { plan.delete = present.compactMap(\.metadata.name) }
      return plan
    }
    // Failed Servers make room at once; they hold nobody. So do those whose match is over.
    let isFinished = { (server: Server) in Self.isDead(server) || Self.isDone(server) }
    plan.delete = present.filter(isFinished).compactMap(\.metadata.name)
    // A Server on a lost node is left alone: the node may return with the game running.
    let living = present.filter { !isFinished($0) && !$0.isReplacedAsLost }
    let drained = living.filter(Self.isDrainedByUs)
    let serving = living.filter { !Self.isDrainedByUs($0) }
    let wanted = Int(clamping: fleet.spec.scaling.replicas)
    let count = serving.count + observation.createdUnseen
    plan.adjust = living.filter { Self.needsAdjustment($0, to: fleet.spec.spec) }.compactMap(\.metadata.name)
    if count < wanted {
      // The ones that were to go last are taken back first.
      let reclaimed = VictimOrder.sorted(drained, scaling: fleet.spec.scaling).reversed().prefix(wanted - count)
      plan.reclaim = reclaimed.compactMap(\.metadata.name)
      plan.create = wanted - count - plan.reclaim.count
    } else if count > wanted {
      let victims = VictimOrder.sorted(serving, scaling: fleet.spec.scaling).prefix(count - wanted)
      switch fleet.spec.scaling.scaleDown {
      case .delete: plan.delete += victims.compactMap(\.metadata.name)
      case .drain:
        plan.delete += victims.filter(VictimOrder.isDeletable).compactMap(\.metadata.name)
        plan.drain = victims.filter { !VictimOrder.isDeletable($0) }.compactMap(\.metadata.name)
      }
    }
    let reclaimed = Set(plan.reclaim)
    plan.delete += drained.filter { VictimOrder.isDeletable($0) && !reclaimed.contains($0.metadata.name ?? "") }
      .compactMap(\.metadata.name)
    return plan
  }

  /// The text by which we know our own constraint again.
  static let drainMessage = "the Fleet is shrinking"

  private static func isGoing(_ server: Server, _ observation: Observation) -> Bool {
    server.metadata.isBeingDeleted || observation.deletedUnseen.contains(server.metadata.uid ?? "")
  }

  private static func isDead(_ server: Server) -> Bool {
    switch server.status?.state ?? .starting {
    case .failed, .exited: true
    case .starting, .running, .ready, .draining, .unknown: false
    }
  }

  /// Whether the Server has asked to go, and may: another takes its place.
  private static func isDone(_ server: Server) -> Bool {
    switch server.spec.opsState {
    case .kill: true
    case .waitToBeDeleted: VictimOrder.isDeletable(server)
    case .none, .allocated, .maintaining: false
    }
  }

  private static func isDrainedByUs(_ server: Server) -> Bool {
    server.spec.constraints.contains {
      $0.type == ConstraintTypes.notInService && $0.effective != false && $0.message == Self.drainMessage
    }
  }

  /// Settings that are not part of what runs flow to existing Servers.
  ///
  /// Gates do not: a game that was started with some gates may know nothing of others, and would never open them.
  static func needsAdjustment(_ server: Server, to spec: ServerSpec) -> Bool {
    server.spec.timeout != spec.timeout || server.spec.nodeLossTimeout != spec.nodeLossTimeout
      || server.spec.allowForceDelete != spec.allowForceDelete || server.spec.gameContainer != spec.gameContainer
      || server.spec.webhookConfigurationName != spec.webhookConfigurationName
  }

  static func selector(of fleet: Fleet) -> String { "\(Labels.fleet)=\(fleet.metadata.name ?? "")" }

  private static func status(_ observation: Observation) -> FleetStatus {
    let fleet = observation.fleet
    var status = FleetStatus(selector: Self.selector(of: fleet))
    status.conditions = fleet.status?.conditions ?? []
    status.observedGeneration = fleet.metadata.generation
    for server in observation.servers {
      if Self.isGoing(server, observation) || Self.isDrainedByUs(server) {
        status.drainingReplicas += 1
      } else if !Self.isDead(server), !server.isReplacedAsLost {
        status.replicas += 1
        if server.status?.state == .ready { status.readyReplicas += 1 }
        if server.spec.opsState == .allocated { status.allocatedReplicas += 1 }
      }
    }
    let wanted = fleet.spec.scaling.replicas
    status.conditions.set(
      status.readyReplicas >= wanted
        ? Condition(type: ConditionTypes.available, status: .true, reason: "ReplicasReady")
        : Condition(
          type: ConditionTypes.available, status: .false, reason: "ReplicasNotReady",
          message: Self.obstacle(observation.servers)), now: observation.now)
    return status
  }

  /// The first problem that keeps a Server from starting, for the Fleet's own status.
  private static func obstacle(_ servers: [Server]) -> String? {
    let harmless: Set<String> = [
      "PodPending", "PodNotCreated", "PodNotReady", "PodGone", "GatesClosed", "GameNotStarted",
    ]
    for server in servers where !server.metadata.isBeingDeleted {
      if let ready = server.status?.conditions[type: ConditionTypes.ready], ready.status == .false,
        let reason = ready.reason, !harmless.contains(reason)
      {
        return "\(server.metadata.name ?? ""): \(reason)" + (ready.message.map { ": \($0)" } ?? "")
      }
    }
    return nil
  }
}
