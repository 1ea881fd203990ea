import KubernetesModel
import UmpireModel

/// Who goes first when a Fleet shrinks.
enum VictimOrder {
  /// The Servers in the order in which they are to go.
  static func sorted(_ servers: [Server], scaling: FleetScaling) -> [Server] {
    servers.map { (server: $0, rank: Self.rank(of: $0, scaling: scaling)) }
      .sorted { $0.rank < $1.rank }
      .map(\.server)
  }

  /// Compared field by field, the lowest first.
  private struct Rank: Comparable {
    var stage: Int
    var opsState: Int
    var isHeld: Bool
    var deletionCost: Int64
    var age: Int64
    var name: String

    static func < (left: Rank, right: Rank) -> Bool {
      if left.stage != right.stage { return left.stage < right.stage }
      if left.opsState != right.opsState { return left.opsState < right.opsState }
      if left.isHeld != right.isHeld { return !left.isHeld }
      if left.deletionCost != right.deletionCost { return left.deletionCost < right.deletionCost }
      if left.age != right.age { return left.age < right.age }
      return left.name < right.name
    }
  }

  private static func rank(of server: Server, scaling: FleetScaling) -> Rank {
    let created = server.metadata.creationTimestamp?.microsecondsSinceEpoch ?? 0
    return Rank(
      stage: Self.stage(of: server), opsState: Self.order(of: server.spec.opsState),
      isHeld: scaling.prioritizeAllowed && !Self.isDeletable(server),
      deletionCost: server.metadata.annotation(Annotations.deletionCost).flatMap(Int64.init) ?? .max,
      age: scaling.agePriority == .oldestFirst ? created : -created, name: server.metadata.name ?? "")
  }

  /// How far a Server has come: one that players can join goes after all that they cannot.
  private static func stage(of server: Server) -> Int {
    switch server.status?.state ?? .starting {
    case .failed, .exited: 0
    case .starting: 1
    case .running: 2
    case .ready, .draining, .unknown: 3
    }
  }

  private static func order(of state: OpsState) -> Int {
    switch state {
    case .kill: 0
    case .waitToBeDeleted: 1
    case .none: 2
    case .allocated: 3
    case .maintaining: 4
    }
  }

  /// Whether the conditions in the store permit deletion now.
  static func isDeletable(_ server: Server) -> Bool {
    if server.spec.allowForceDelete || server.spec.opsState == .kill { return true }
    return server.closedDeletableGates().isEmpty
  }
}
