/// A Pod: containers that run together on one node.
public struct Pod: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(group: "", version: "v1", kind: "Pod", plural: "pods")
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `Pod`.
  public var kind: String? = "Pod"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What runs.
  public var spec: PodSpec
  /// What is known of it.
  public var status: PodStatus?

  /// Creates a Pod.
  public init(metadata: ObjectMeta, spec: PodSpec, status: PodStatus? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  /// Where the Pod is in its life; `Pending` until something is known.
  public var phase: PodStatus.Phase { self.status?.phase ?? .pending }

  /// Whether the Pod's condition `Ready` is true.
  public var isReady: Bool { self.status?.conditions?.isTrue("Ready") ?? false }
}

/// What is known of a Pod.
public struct PodStatus: Sendable, Hashable, Codable {
  /// Where the Pod is in its life.
  public var phase: Phase?
  /// `PodScheduled`, `Initialized`, `ContainersReady`, `Ready`.
  public var conditions: [Condition]?
  /// The generation that this status speaks of.
  public var observedGeneration: Int64?
  /// A sentence for a person.
  public var message: String?
  /// One word, such as `Evicted`.
  public var reason: String?
  /// The node's address.
  public var hostIP: String?
  /// The Pod's address.
  public var podIP: String?
  /// When the node took the Pod.
  public var startTime: Timestamp?
  /// The main containers.
  public var containerStatuses: [ContainerStatus]?
  /// The init containers.
  public var initContainerStatuses: [ContainerStatus]?

  /// Creates an empty status.
  public init(phase: Phase? = nil) { self.phase = phase }

  /// Where a Pod is in its life.
  public enum Phase: String, Sendable, Hashable, Codable {
    /// Not every container has started yet.
    case pending = "Pending"
    /// At least one container runs.
    case running = "Running"
    /// Every container ended well and none will be started again.
    case succeeded = "Succeeded"
    /// Every container ended, at least one of them badly.
    case failed = "Failed"
    /// The node does not answer.
    case unknown = "Unknown"
  }
}

/// What is known of one container.
public struct ContainerStatus: Sendable, Hashable, Codable {
  /// The container's name.
  public var name: String
  /// What it does now.
  public var state: ContainerState?
  /// What it did before its last restart.
  public var lastState: ContainerState?
  /// Whether it is ready.
  public var ready: Bool
  /// How often it was started again.
  public var restartCount: Int64
  /// The image that runs.
  public var image: String
  /// The image's id.
  public var imageID: String
  /// The container's id.
  public var containerID: String?
  /// Whether it has started.
  public var started: Bool?

  /// Creates a status.
  public init(name: String, image: String) {
    self.name = name
    self.image = image
    self.imageID = ""
    self.ready = false
    self.restartCount = 0
  }

  private enum CodingKeys: String, CodingKey {
    case name, state, lastState, ready, restartCount, image, imageID, containerID, started
  }

  /// Decodes a status; fields that a kubelet may leave out have their zero values.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.name = try container.decode(String.self, forKey: .name)
    self.state = try container.decodeIfPresent(ContainerState.self, forKey: .state)
    self.lastState = try container.decodeIfPresent(ContainerState.self, forKey: .lastState)
    self.ready = try container.decodeIfPresent(Bool.self, forKey: .ready) ?? false
    self.restartCount = try container.decodeIfPresent(Int64.self, forKey: .restartCount) ?? 0
    self.image = try container.decodeIfPresent(String.self, forKey: .image) ?? ""
    self.imageID = try container.decodeIfPresent(String.self, forKey: .imageID) ?? ""
    self.containerID = try container.decodeIfPresent(String.self, forKey: .containerID)
    self.started = try container.decodeIfPresent(Bool.self, forKey: .started)
  }
}

/// Exactly one of the three is set.
public struct ContainerState: Sendable, Hashable, Codable {
  /// Not started yet, or about to be started again.
  public var waiting: Waiting?
  /// Running.
  public var running: Running?
  /// Ended.
  public var terminated: Terminated?

  /// Creates a state.
  public init(waiting: Waiting? = nil, running: Running? = nil, terminated: Terminated? = nil) {
    self.waiting = waiting
    self.running = running
    self.terminated = terminated
  }

  /// Why a container waits.
  public struct Waiting: Sendable, Hashable, Codable {
    /// One word, such as `ErrImagePull`.
    public var reason: String?
    /// A sentence for a person.
    public var message: String?

    /// Creates a waiting state.
    public init(reason: String? = nil, message: String? = nil) {
      self.reason = reason
      self.message = message
    }
  }

  /// Since when a container runs.
  public struct Running: Sendable, Hashable, Codable {
    /// When it was started.
    public var startedAt: Timestamp?

    /// Creates a running state.
    public init(startedAt: Timestamp? = nil) { self.startedAt = startedAt }
  }

  /// How a container ended.
  public struct Terminated: Sendable, Hashable, Codable {
    /// The exit code; 128 + the signal's number where one ended it.
    public var exitCode: Int64
    /// The signal that ended it.
    public var signal: Int64?
    /// `Completed`, `Error` or another word.
    public var reason: String?
    /// A sentence for a person.
    public var message: String?
    /// When it was started.
    public var startedAt: Timestamp?
    /// When it ended.
    public var finishedAt: Timestamp?
    /// The container's id.
    public var containerID: String?

    /// Creates a terminated state.
    public init(
      exitCode: Int64, signal: Int64? = nil, reason: String? = nil, message: String? = nil,
      startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil
    ) {
      self.exitCode = exitCode
      self.signal = signal
      self.reason = reason
      self.message = message
      self.startedAt = startedAt
      self.finishedAt = finishedAt
    }
  }
}
