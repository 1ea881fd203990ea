public import KubernetesModel

/// One or two Fleets, upgraded without losing players.
public struct GameType: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = Umpire.resourceType("GameType", "gametypes")
  /// `umpire.dev/v1alpha1`.
  public var apiVersion: String? = Umpire.apiVersion
  /// `GameType`.
  public var kind: String? = "GameType"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What is wanted.
  public var spec: GameTypeSpec
  /// What is observed.
  public var status: GameTypeStatus?

  /// Creates a GameType.
  public init(metadata: ObjectMeta, spec: GameTypeSpec, status: GameTypeStatus? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}

/// What a GameType is to be.
public struct GameTypeSpec: Sendable, Hashable, Codable {
  /// The current Fleet's spec.
  public var fleetSpec: FleetSpec
  /// How a change of the Server spec is carried out.
  public var updateStrategy: UpdateStrategy
  /// A paused GameType starts and continues no update; scaling goes on.
  public var paused: Bool
  /// Seconds without progress after which an update counts as stuck; 600 by default.
  public var progressDeadlineSeconds: Int64

  /// Creates a spec.
  public init(fleetSpec: FleetSpec, updateStrategy: UpdateStrategy = UpdateStrategy(), paused: Bool = false) {
    self.fleetSpec = fleetSpec
    self.updateStrategy = updateStrategy
    self.paused = paused
    self.progressDeadlineSeconds = 600
  }

  private enum CodingKeys: String, CodingKey { case fleetSpec, updateStrategy, paused, progressDeadlineSeconds }

  /// Decodes a spec and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.fleetSpec = try container.decode(FleetSpec.self, forKey: .fleetSpec)
    self.updateStrategy = try container.decode(.updateStrategy, default: UpdateStrategy())
    self.paused = try container.decode(.paused, default: false)
    self.progressDeadlineSeconds = try container.decode(.progressDeadlineSeconds, default: 600)
  }
}

/// How a change of the Server spec is carried out.
public struct UpdateStrategy: Sendable, Hashable, Codable {
  /// The way.
  public var type: Kind
  /// The steps of a rolling update.
  public var rollingUpdate: RollingUpdate

  /// Creates a strategy.
  public init(type: Kind = .blueGreen, rollingUpdate: RollingUpdate = RollingUpdate()) {
    self.type = type
    self.rollingUpdate = rollingUpdate
  }

  /// The way a change is carried out.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The new Fleet comes up at full size before the old one is asked to go.
    case blueGreen = "BlueGreen"
    /// In steps.
    case rollingUpdate = "RollingUpdate"
    /// The old Fleet goes first.
    case recreate = "Recreate"
  }

  /// The steps of a rolling update.
  public struct RollingUpdate: Sendable, Hashable, Codable {
    /// How many more than wanted may exist.
    public var maxSurge: IntegerOrPercent
    /// How many fewer than wanted may be ready.
    public var maxUnavailable: IntegerOrPercent

    /// Creates steps; a quarter by default.
    public init(maxSurge: IntegerOrPercent = .percent(25), maxUnavailable: IntegerOrPercent = .percent(25)) {
      self.maxSurge = maxSurge
      self.maxUnavailable = maxUnavailable
    }

    private enum CodingKeys: String, CodingKey { case maxSurge, maxUnavailable }

    /// Decodes steps and fills in the defaults.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.maxSurge = try container.decode(.maxSurge, default: .percent(25))
      self.maxUnavailable = try container.decode(.maxUnavailable, default: .percent(25))
    }
  }

  private enum CodingKeys: String, CodingKey { case type, rollingUpdate }

  /// Decodes a strategy and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.type = try container.decode(.type, default: .blueGreen)
    self.rollingUpdate = try container.decode(.rollingUpdate, default: RollingUpdate())
  }
}

/// A number, or a share of another number.
public enum IntegerOrPercent: Sendable, Hashable, Codable {
  /// A number.
  case integer(Int64)
  /// A share, in percent.
  case percent(Int64)

  /// The number meant, given the whole.
  ///
  /// - Parameter roundingUp: whether a share is rounded up.
  public func resolved(of whole: Int64, roundingUp: Bool) -> Int64 {
    switch self {
    case .integer(let number): number
    case .percent(let percent): (whole * percent + (roundingUp ? 99 : 0)) / 100
    }
  }

  /// Decodes a number or a string such as `25%`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // A mismatch only says that it is the other of the two.
    if let number = try? container.decode(Int64.self) {
      self = .integer(number)
      return
    }
    let text = try container.decode(String.self)
    guard text.last == "%", text.count <= 6, let percent = Int64(text.dropLast()), percent >= 0 else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is neither a number nor a percentage such as 25%")
    }
    self = .percent(percent)
  }

  /// Encodes as it was written.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let number): try container.encode(number)
    case .percent(let percent): try container.encode("\(percent)%")
    }
  }
}

/// What is observed of a GameType.
public struct GameTypeStatus: Sendable, Hashable, Codable {
  /// The current Fleet.
  public var fleetName: String?
  /// How many Servers its spec asks for.
  public var fleetReplicas: Int64
  /// Servers over all Fleets that count.
  public var replicas: Int64
  /// Ready Servers over all Fleets.
  public var readyReplicas: Int64
  /// Servers of the current Fleet.
  public var updatedReplicas: Int64
  /// When an update last came nearer to its end.
  public var lastProgressTime: Timestamp?
  /// Selects the GameType's Servers.
  public var selector: String
  /// `Progressing`, `Available`.
  public var conditions: [Condition]
  /// The generation that this status speaks of.
  public var observedGeneration: Int64?

  /// Creates a status without Fleets.
  public init(selector: String = "") {
    self.fleetReplicas = 0
    self.replicas = 0
    self.readyReplicas = 0
    self.updatedReplicas = 0
    self.selector = selector
    self.conditions = []
  }

  private enum CodingKeys: String, CodingKey {
    case fleetName, fleetReplicas, replicas, readyReplicas, updatedReplicas, lastProgressTime, selector, conditions,
      observedGeneration
  }

  /// Decodes a status; absent numbers are 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.fleetName = try container.decodeIfPresent(String.self, forKey: .fleetName)
    self.fleetReplicas = try container.decode(.fleetReplicas, default: 0)
    self.replicas = try container.decode(.replicas, default: 0)
    self.readyReplicas = try container.decode(.readyReplicas, default: 0)
    self.updatedReplicas = try container.decode(.updatedReplicas, default: 0)
    self.lastProgressTime = try container.decodeIfPresent(Timestamp.self, forKey: .lastProgressTime)
    self.selector = try container.decode(.selector, default: "")
    self.conditions = try container.decode(.conditions, default: [])
    self.observedGeneration = try container.decodeIfPresent(Int64.self, forKey: .observedGeneration)
  }
}
