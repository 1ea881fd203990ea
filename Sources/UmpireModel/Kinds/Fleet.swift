public import KubernetesModel

/// Replicas of one Server spec.
public struct Fleet: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = Umpire.resourceType("Fleet", "fleets")
  /// `umpire.dev/v1alpha1`.
  public var apiVersion: String? = Umpire.apiVersion
  /// `Fleet`.
  public var kind: String? = "Fleet"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What is wanted.
  public var spec: FleetSpec
  /// What is observed.
  public var status: FleetStatus?

  /// Creates a Fleet.
  public init(metadata: ObjectMeta, spec: FleetSpec, status: FleetStatus? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}

/// What a Fleet is to be.
public struct FleetSpec: Sendable, Hashable, Codable {
  /// How many, and who goes first.
  public var scaling: FleetScaling
  /// The Servers' spec.
  public var spec: ServerSpec

  /// Creates a spec.
  public init(scaling: FleetScaling = FleetScaling(), spec: ServerSpec) {
    self.scaling = scaling
    self.spec = spec
  }

  private enum CodingKeys: String, CodingKey { case scaling, spec }

  /// Decodes a spec and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.scaling = try container.decode(.scaling, default: FleetScaling())
    self.spec = try container.decode(ServerSpec.self, forKey: .spec)
  }
}

/// How many Servers, and who goes first.
public struct FleetScaling: Sendable, Hashable, Codable {
  /// How many Servers are wanted, 0–2147483647.
  public var replicas: Int64
  /// Servers that may be deleted now go before those that may not.
  public var prioritizeAllowed: Bool
  /// Among equals, who goes first.
  public var agePriority: AgePriority
  /// What happens to a victim that may not go yet.
  public var scaleDown: ScaleDown

  /// Creates the defaults with that many replicas.
  public init(replicas: Int64 = 1) {
    self.replicas = replicas
    self.prioritizeAllowed = true
    self.agePriority = .oldestFirst
    self.scaleDown = .delete
  }

  /// Among equals, who goes first.
  public enum AgePriority: String, Sendable, Hashable, Codable {
    /// The oldest.
    case oldestFirst = "oldest_first"
    /// The newest.
    case newestFirst = "newest_first"
  }

  /// What happens to a victim that may not go yet.
  public enum ScaleDown: String, Sendable, Hashable, Codable {
    /// It is deleted, and its deletion waits for permission.
    case delete = "Delete"
    /// It is constrained, keeps running, and can be reclaimed.
    case drain = "Drain"
  }

  private enum CodingKeys: String, CodingKey { case replicas, prioritizeAllowed, agePriority, scaleDown }

  /// Decodes scaling and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.replicas = try container.decode(.replicas, default: 1)
    self.prioritizeAllowed = try container.decode(.prioritizeAllowed, default: true)
    self.agePriority = try container.decode(.agePriority, default: .oldestFirst)
    self.scaleDown = try container.decode(.scaleDown, default: .delete)
  }
}

/// What is observed of a Fleet.
public struct FleetStatus: Sendable, Hashable, Codable {
  /// Servers that count: not being deleted and not failed.
  public var replicas: Int64
  /// Of these, how many are Ready.
  public var readyReplicas: Int64
  /// Of these, how many are Allocated.
  public var allocatedReplicas: Int64
  /// Servers that are going.
  public var drainingReplicas: Int64
  /// Selects the Fleet's Servers.
  public var selector: String
  /// What else is known.
  public var conditions: [Condition]
  /// The generation that this status speaks of.
  public var observedGeneration: Int64?

  /// Creates a status without Servers.
  public init(selector: String = "") {
    self.replicas = 0
    self.readyReplicas = 0
    self.allocatedReplicas = 0
    self.drainingReplicas = 0
    self.selector = selector
    self.conditions = []
  }

  private enum CodingKeys: String, CodingKey {
    case replicas, readyReplicas, allocatedReplicas, drainingReplicas, selector, conditions, observedGeneration
  }

  /// Decodes a status; absent numbers are 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.replicas = try container.decode(.replicas, default: 0)
    self.readyReplicas = try container.decode(.readyReplicas, default: 0)
    self.allocatedReplicas = try container.decode(.allocatedReplicas, default: 0)
    self.drainingReplicas = try container.decode(.drainingReplicas, default: 0)
    self.selector = try container.decode(.selector, default: "")
    self.conditions = try container.decode(.conditions, default: [])
    self.observedGeneration = try container.decodeIfPresent(Int64.self, forKey: .observedGeneration)
  }
}
