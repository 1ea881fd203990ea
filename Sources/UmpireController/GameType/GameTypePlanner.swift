import KubernetesModel
import UmpireModel

/// What to do about a GameType: its Fleets in, actions out.
enum GameTypePlanner {
  struct Plan: Equatable {
    /// The number of replicas to create a Fleet of the present template with; nil to create none.
    var create: Int64?
    /// Fleets to delete, by name.
    var delete: [String] = []
    /// Replicas to set, by Fleet.
    var scale: [String: Int64] = [:]
    /// The current Fleet, if its settings differ from the GameType's and change in place.
    var adjust: String?
    var status: GameTypeStatus
    /// When to look again though nothing changes; nil for never.
    var recheckAfter: Duration?
  }

  static func plan(_ gameType: GameType, fleets: [Fleet], now: Timestamp) -> Plan {
    let living = fleets.filter { !$0.metadata.isBeingDeleted }
    let current = Self.current(gameType, living)
    var plan = Plan(status: Self.status(of: gameType, fleets: fleets, current: current, now: now))
    plan.recheckAfter = Self.untilDeadline(gameType, plan.status, now: now)
    if gameType.metadata.isBeingDeleted {
      if !gameType.metadata.orphansChildren { plan.delete = living.compactMap(\.metadata.name) }
      return plan
    }
    let old = living.filter { $0.metadata.uid != current?.metadata.uid }
    let wanted = gameType.spec.fleetSpec.scaling.replicas
    guard let current else {
      if gameType.spec.paused && !old.isEmpty {
        // A paused GameType keeps what it has, and follows its number.
        if let serving = Self.serving(old) { plan.scale = Self.scaling(serving, to: wanted) }
        return plan
      }
      plan.create = Self.firstSize(gameType, old: old, all: fleets)
      if plan.create == nil { plan.delete = old.compactMap(\.metadata.name) }
      return plan
    }
    if Self.needsAdjustment(current, to: gameType.spec.fleetSpec) { plan.adjust = current.metadata.name }
    guard !old.isEmpty, !gameType.spec.paused else {
      if !gameType.spec.paused || old.isEmpty { plan.scale = Self.scaling(current, to: wanted) }
      return plan
    }
    switch gameType.spec.updateStrategy.type {
    case .blueGreen:
      plan.scale = Self.scaling(current, to: wanted)
      if Self.isComplete(current, wanted: wanted) {
        plan.delete = old.compactMap(\.metadata.name)
      } else if let serving = Self.serving(old) {
        // An update that was overtaken by another is given up; the Fleet that carries the players stays.
        plan.delete = old.filter { $0.metadata.uid != serving.metadata.uid }.compactMap(\.metadata.name)
      }
    case .recreate:
      plan.delete = old.compactMap(\.metadata.name)
      plan.scale = Self.scaling(current, to: wanted)
    case .rollingUpdate: Self.roll(gameType, current: current, old: old, plan: &plan)
    }
    return plan
  }

  /// The Fleet of the present template; the oldest if there are several, as a copy that somebody restores must not take
  /// the players' place.
  static func current(_ gameType: GameType, _ living: [Fleet]) -> Fleet? {
    living.filter { $0.spec.spec.hasSameTemplate(as: gameType.spec.fleetSpec.spec) }.min(by: Self.isOlder)
  }

  private static func isOlder(_ left: Fleet, _ right: Fleet) -> Bool {
    (left.metadata.creationTimestamp ?? .init(secondsSinceEpoch: 0), left.metadata.name ?? "")
      < (right.metadata.creationTimestamp ?? .init(secondsSinceEpoch: 0), right.metadata.name ?? "")
  }

  /// Of the old Fleets, the one that carries most: the most ready Servers, then the oldest.
  private static func serving(_ old: [Fleet]) -> Fleet? {
    old.max { left, right in
      let (leftReady, rightReady) = (left.status?.readyReplicas ?? 0, right.status?.readyReplicas ?? 0)
      return leftReady != rightReady ? leftReady < rightReady : Self.isOlder(right, left)
    }
  }

  /// Whether the Fleet has reported to be ready at full size since its last change.
  private static func isComplete(_ fleet: Fleet, wanted: Int64) -> Bool {
    guard let status = fleet.status, fleet.spec.scaling.replicas == wanted,
      status.observedGeneration == fleet.metadata.generation
    else { return false }
    return status.readyReplicas >= wanted
  }

  /// The size of a new Fleet; nil while it has to wait.
  private static func firstSize(_ gameType: GameType, old: [Fleet], all: [Fleet]) -> Int64? {
    let wanted = gameType.spec.fleetSpec.scaling.replicas
    switch gameType.spec.updateStrategy.type {
    case .blueGreen: return wanted
    case .recreate: return all.isEmpty ? wanted : nil
    case .rollingUpdate:
      guard !old.isEmpty else { return wanted }
      let surge = Self.surge(gameType)
      let existing = old.reduce(0) { $0 + $1.spec.scaling.replicas }
      return max(0, min(wanted, wanted + surge - existing))
    }
  }

  private static func surge(_ gameType: GameType) -> Int64 {
    let rolling = gameType.spec.updateStrategy.rollingUpdate
    let wanted = gameType.spec.fleetSpec.scaling.replicas
    let surge = rolling.maxSurge.resolved(of: wanted, roundingUp: true)
    let unavailable = rolling.maxUnavailable.resolved(of: wanted, roundingUp: false)
    // Neither up nor down would never end.
    return surge == 0 && unavailable == 0 ? 1 : surge
  }

  /// One step of a rolling update.
  ///
  /// Servers that were asked to go and still play are in nobody's count, so they never hold up the new ones.
  private static func roll(_ gameType: GameType, current: Fleet, old: [Fleet], plan: inout Plan) {
    let wanted = gameType.spec.fleetSpec.scaling.replicas
    let unavailable = gameType.spec.updateStrategy.rollingUpdate.maxUnavailable.resolved(
      of: wanted, roundingUp: false)
    let oldCount = old.reduce(0) { $0 + $1.spec.scaling.replicas }
    let size = min(wanted, max(current.spec.scaling.replicas, wanted + Self.surge(gameType) - oldCount))
    plan.scale = Self.scaling(current, to: size)
    let oldReady = old.reduce(0) { $0 + min($1.status?.readyReplicas ?? 0, $1.spec.scaling.replicas) }
    let ready = oldReady + (current.status?.readyReplicas ?? 0)
    var removable = max(0, ready - (wanted - unavailable)) + (oldCount - oldReady)
    for fleet in old.sorted(by: Self.isOlder) {
      let step = min(removable, fleet.spec.scaling.replicas)
      removable -= step
      plan.scale.merge(Self.scaling(fleet, to: fleet.spec.scaling.replicas - step)) { $1 }
      if fleet.spec.scaling.replicas - step == 0, let name = fleet.metadata.name {
        plan.delete.append(name)
        plan.scale[name] = nil
      }
    }
  }

  private static func scaling(_ fleet: Fleet, to replicas: Int64) -> [String: Int64] {
    guard let name = fleet.metadata.name, fleet.spec.scaling.replicas != replicas else { return [:] }
    return [name: replicas]
  }

  /// Everything but the template and the number is carried over in place.
  private static func needsAdjustment(_ fleet: Fleet, to spec: FleetSpec) -> Bool {
    var left = fleet.spec
    var right = spec
    left.scaling.replicas = 0
    right.scaling.replicas = 0
    // What the Fleets' own constraints and opsState say belongs to the Servers.
    return left != right
  }

  private static func status(
    of gameType: GameType, fleets: [Fleet], current: Fleet?, now: Timestamp
  ) -> GameTypeStatus {
    let wanted = gameType.spec.fleetSpec.scaling.replicas
    var status = GameTypeStatus(selector: "\(Labels.gameType)=\(gameType.metadata.name ?? "")")
    status.fleetName = current?.metadata.name
    status.fleetReplicas = current?.spec.scaling.replicas ?? 0
    status.replicas = fleets.reduce(0) { $0 + ($1.status?.replicas ?? 0) }
    status.readyReplicas = fleets.reduce(0) { $0 + ($1.status?.readyReplicas ?? 0) }
    status.updatedReplicas = current?.status?.replicas ?? 0
    status.observedGeneration = gameType.metadata.generation
    status.lastProgressTime = Self.progressTime(from: gameType.status, to: status, now: now)
    status.conditions = gameType.status?.conditions ?? []
    status.conditions.set(
      status.readyReplicas >= wanted
        ? Condition(type: ConditionTypes.available, status: .true, reason: "ReplicasReady")
        : Condition(
          type: ConditionTypes.available, status: .false, reason: "ReplicasNotReady",
          message: current?.status?.conditions[type: ConditionTypes.available]?.message), now: now)
    status.conditions.set(
      Self.progress(gameType, fleets: fleets, current: current, status: status, now: now), now: now)
    return status
  }

  private static func progress(
    _ gameType: GameType, fleets: [Fleet], current: Fleet?, status: GameTypeStatus, now: Timestamp
  ) -> Condition {
    let type = ConditionTypes.progressing
    let others = fleets.filter { $0.metadata.uid != current?.metadata.uid }
    if let current, Self.isComplete(current, wanted: gameType.spec.fleetSpec.scaling.replicas), others.isEmpty {
      return Condition(type: type, status: .true, reason: "UpdateComplete")
    }
    if gameType.spec.paused { return Condition(type: type, status: .unknown, reason: "Paused") }
    if let current, Self.isComplete(current, wanted: gameType.spec.fleetSpec.scaling.replicas) {
      return Condition(
        type: type, status: .true, reason: "OldServersLeaving",
        message: "waiting for the Servers of \(others.compactMap(\.metadata.name).sorted().joined(separator: ", "))")
    }
    if let left = Self.timeLeft(gameType, status, now: now), left <= .zero {
      let seconds = gameType.spec.progressDeadlineSeconds
      return Condition(
        type: type, status: .false, reason: Self.deadlineExceeded,
        message: "no Server has become ready for \(seconds) s"
          + (current?.status?.conditions[type: ConditionTypes.available]?.message.map { ": \($0)" } ?? ""))
    }
    return Condition(type: type, status: .true, reason: Self.updating, message: "waiting for Servers to become ready")
  }

  /// Why an update is stuck.
  static let deadlineExceeded = "ProgressDeadlineExceeded"
  private static let updating = "Updating"

  /// The time of the last step towards what is wanted: another wish, another Fleet, or one more Server that counts.
  private static func progressTime(
    from before: GameTypeStatus?, to status: GameTypeStatus, now: Timestamp
  ) -> Timestamp? {
    guard let before, let last = before.lastProgressTime else { return now }
    let isStep =
      before.observedGeneration != status.observedGeneration || before.fleetName != status.fleetName
      || status.readyReplicas > before.readyReplicas || status.updatedReplicas > before.updatedReplicas
    return isStep ? now : last
  }

  private static func timeLeft(_ gameType: GameType, _ status: GameTypeStatus, now: Timestamp) -> Duration? {
    status.lastProgressTime.map { .seconds(gameType.spec.progressDeadlineSeconds) - now.duration(since: $0) }
  }

  /// How long an update that goes on may still take for its next step.
  private static func untilDeadline(_ gameType: GameType, _ status: GameTypeStatus, now: Timestamp) -> Duration? {
    guard status.conditions[type: ConditionTypes.progressing]?.reason == Self.updating else { return nil }
    // Times are written in whole seconds.
    return Self.timeLeft(gameType, status, now: now).map { max($0, .zero) + .seconds(1) }
  }
}
