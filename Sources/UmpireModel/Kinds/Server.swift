public import KubernetesModel

/// One game server: a Pod, wrapped, that is deleted only when it may be.
public struct Server: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = Umpire.resourceType("Server", "servers")
  /// `umpire.dev/v1alpha1`.
  public var apiVersion: String? = Umpire.apiVersion
  /// `Server`.
  public var kind: String? = "Server"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What is wanted.
  public var spec: ServerSpec
  /// What is observed.
  public var status: ServerStatus?

  /// Creates a Server.
  public init(metadata: ObjectMeta, spec: ServerSpec, status: ServerStatus? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  /// The name of the Server's Pod.
  public var podName: String { Self.podName(server: self.metadata.name ?? "") }

  /// The name of the Pod of the Server of this name.
  public static func podName(server: String) -> String { "\(server)-pod" }

  /// The WebhookConfiguration to ask, named by the spec or by the annotation.
  public var webhookConfigurationName: String? {
    self.spec.webhookConfigurationName ?? self.metadata.annotation(Annotations.webhookConfigurationName)
  }
}

/// What a Server is to be.
public struct ServerSpec: Sendable, Hashable, Codable {
  /// The Pod, kept whole.
  public var pod: PodSpec
  /// Counted from the deletion timestamp; past it deletion needs no permission.
  ///
  /// 40 minutes by default.
  public var timeout: GoDuration
  /// How long a Server whose node is lost is waited for before its Fleet makes a replacement.
  ///
  /// One minute by default.
  public var nodeLossTimeout: GoDuration
  /// The name of the container that is the game; nil for the first.
  public var gameContainer: String?
  /// Deletion never needs permission.
  public var allowForceDelete: Bool
  /// Conditions that make the Server Ready; without any the Pod's readiness counts.
  public var readinessGates: [String]
  /// Conditions that must be true before the Server may go; see ``effectiveDeletableGates``.
  public var deletableGates: [String]
  /// What holds for the Server for now.
  public var constraints: [Constraint]
  /// What the operators want of it.
  public var opsState: OpsState
  /// The WebhookConfiguration to ask.
  public var webhookConfigurationName: String?
  /// The sidecar beside the game.
  public var sidecar: SidecarSpec

  /// Creates a spec with defaults for everything but the Pod.
  public init(pod: PodSpec) {
    self.pod = pod
    self.timeout = Self.defaultTimeout
    self.nodeLossTimeout = Self.defaultNodeLossTimeout
    self.allowForceDelete = false
    self.readinessGates = []
    self.deletableGates = []
    self.constraints = []
    self.opsState = .none
    self.sidecar = SidecarSpec()
  }

  /// 40 minutes.
  public static let defaultTimeout = GoDuration(.seconds(40 * 60))

  /// One minute.
  public static let defaultNodeLossTimeout = GoDuration(.seconds(60))

  /// The gates that count: those of the spec, or the one that the sidecar's `/allow_delete` sets.
  public var effectiveDeletableGates: [String] {
    self.deletableGates.isEmpty ? [ConditionTypes.deleteAllowed] : self.deletableGates
  }

  /// Whether two specs run the same thing.
  ///
  /// Everything else can change on a running Server, or concerns new ones only.
  public func hasSameTemplate(as other: ServerSpec) -> Bool {
    self.pod == other.pod && self.sidecar == other.sidecar
  }

  /// Whether a constraint of this type is in effect.
  public func isConstrained(_ type: String) -> Bool {
    self.constraints.contains { $0.type == type && $0.effective != false }
  }

  private enum CodingKeys: String, CodingKey {
    case pod, timeout, nodeLossTimeout, gameContainer, allowForceDelete, readinessGates, deletableGates, constraints
    case opsState, webhookConfigurationName, sidecar
  }

  /// Decodes a spec and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.pod = try container.decode(PodSpec.self, forKey: .pod)
    self.timeout = try container.decode(.timeout, default: Self.defaultTimeout)
    self.nodeLossTimeout = try container.decode(.nodeLossTimeout, default: Self.defaultNodeLossTimeout)
    self.gameContainer = try container.decodeIfPresent(String.self, forKey: .gameContainer)
    self.allowForceDelete = try container.decode(.allowForceDelete, default: false)
    self.readinessGates = try container.decode(.readinessGates, default: [])
    self.deletableGates = try container.decode(.deletableGates, default: [])
    self.constraints = try container.decode(.constraints, default: [])
    self.opsState = try container.decode(.opsState, default: .none)
    self.webhookConfigurationName = try container.decodeIfPresent(String.self, forKey: .webhookConfigurationName)
    self.sidecar = try container.decode(.sidecar, default: SidecarSpec())
  }
}

/// What the operators want of a Server.
public enum OpsState: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nothing in particular.
  case none = "None"
  /// Players are on it.
  case allocated = "Allocated"
  /// It goes first when the Fleet shrinks.
  case waitToBeDeleted = "WaitToBeDeleted"
  /// It is being worked on and goes last.
  case maintaining = "Maintaining"
  /// It goes without permission.
  case kill = "Kill"
}

/// Something that holds for a Server for now, such as taking no new players.
public struct Constraint: Sendable, Hashable, Codable {
  /// Unique in the list.
  public var type: String
  /// Whether it is in effect; absent means yes.
  public var effective: Bool?
  /// A sentence for a person.
  public var message: String?
  /// Since when.
  public var timeAdded: Timestamp?

  /// Creates a constraint.
  public init(type: String, effective: Bool? = nil, message: String? = nil, timeAdded: Timestamp? = nil) {
    self.type = type
    self.effective = effective
    self.message = message
    self.timeAdded = timeAdded
  }
}

/// The sidecar that is put beside the game.
public struct SidecarSpec: Sendable, Hashable, Codable {
  /// Whether there is one.
  public var enabled: Bool
  /// Its image; the controller's own default when nil.
  public var image: String?
  /// Whether it starts before the game, as a native sidecar, or beside it.
  public var startOrder: StartOrder
  /// The port of its REST interface, 1–65535.
  public var port: Int64
  /// Kept as they are.
  public var resources: JSONValue?
  /// The ConfigMap that holds `config.yaml`.
  public var configMapName: String?

  /// Creates the default sidecar.
  public init() {
    self.enabled = true
    self.startOrder = .before
    self.port = Self.defaultPort
  }

  /// 8080.
  public static let defaultPort: Int64 = 8080
  /// The name of the sidecar's container, which no other container of the Pod can have.
  public static let containerName = "umpire-sidecar"

  /// When the sidecar starts.
  public enum StartOrder: String, Sendable, Hashable, Codable {
    /// A native sidecar: an init container with `restartPolicy: Always`.
    case before = "Before"
    /// A plain container.
    case after = "After"
  }

  private enum CodingKeys: String, CodingKey { case enabled, image, startOrder, port, resources, configMapName }

  /// Decodes the sidecar and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.enabled = try container.decode(.enabled, default: true)
    self.image = try container.decodeIfPresent(String.self, forKey: .image)
    self.startOrder = try container.decode(.startOrder, default: .before)
    self.port = try container.decode(.port, default: Self.defaultPort)
    self.resources = try container.decodeIfPresent(JSONValue.self, forKey: .resources)
    self.configMapName = try container.decodeIfPresent(String.self, forKey: .configMapName)
  }
}

/// What is observed of a Server.
public struct ServerStatus: Sendable, Hashable, Codable {
  /// Where the Server is in its life.
  public var state: State
  /// Gates and what else is known.
  public var conditions: [Condition]
  /// The Pod's address.
  public var address: String?
  /// The Pod's node.
  public var nodeName: String?
  /// The Pod's name.
  public var podName: String?
  /// How often the game was started again; nil for never.
  ///
  /// With each time a new life of the game begins.
  public var gameRestarts: Int64?
  /// When the game's last life ended, by the clock of its node.
  public var gameEndTime: Timestamp?
  /// The generation that this status speaks of.
  public var observedGeneration: Int64?

  /// Creates the status of a Server that has only just been made.
  public init(state: State = .starting, conditions: [Condition] = []) {
    self.state = state
    self.conditions = conditions
  }

  /// Where a Server is in its life.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its Pod is not running yet.
    case starting = "Starting"
    /// Its Pod runs, and its readiness gates are not all true.
    case running = "Running"
    /// Players may join.
    case ready = "Ready"
    /// It was asked to go, or takes no new players.
    case draining = "Draining"
    /// Its Pod ended well.
    case exited = "Exited"
    /// Its Pod ended badly, or is gone.
    case failed = "Failed"
    /// Its node does not answer.
    case unknown = "Unknown"
  }

  private enum CodingKeys: String, CodingKey {
    case state, conditions, address, nodeName, podName, gameRestarts, gameEndTime, observedGeneration
  }

  /// Decodes a status; one that the sidecar alone has written has conditions and nothing else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.state = try container.decode(.state, default: .starting)
    self.conditions = try container.decode(.conditions, default: [])
    self.address = try container.decodeIfPresent(String.self, forKey: .address)
    self.nodeName = try container.decodeIfPresent(String.self, forKey: .nodeName)
    self.podName = try container.decodeIfPresent(String.self, forKey: .podName)
    self.gameRestarts = try container.decodeIfPresent(Int64.self, forKey: .gameRestarts)
    self.gameEndTime = try container.decodeIfPresent(Timestamp.self, forKey: .gameEndTime)
    self.observedGeneration = try container.decodeIfPresent(Int64.self, forKey: .observedGeneration)
  }

  /// Whether a condition says something of the game's present life.
  ///
  /// What nobody says the life of was written since the restart was noticed: that set back all that was true before.
  ///
  /// - Parameter restarts: how often the game was started again; nil for as often as this status says.
  public func isOfPresentLife(_ condition: Condition, restarts: Int64? = nil) -> Bool {
    let noticed = self.gameRestarts ?? 0
    return condition.observedRestarts ?? noticed == restarts ?? noticed
  }

  /// Whether a condition is true of the game's present life.
  ///
  /// - Parameters:
  ///   - type: the condition's type.
  ///   - restarts: how often the game was started again; nil for as often as this status says.
  public func isTrue(_ type: String, restarts: Int64? = nil) -> Bool {
    guard let condition = self.conditions[type: type], condition.status == .true else { return false }
    return self.isOfPresentLife(condition, restarts: restarts)
  }
}
