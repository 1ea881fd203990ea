/// A namespace.
public struct Namespace: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "", version: "v1", kind: "Namespace", plural: "namespaces", isNamespaced: false)
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `Namespace`.
  public var kind: String? = "Namespace"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta

  /// Creates a namespace.
  public init(name: String) { self.metadata = ObjectMeta(name: name) }
}

/// Configuration as text.
public struct ConfigMap: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(group: "", version: "v1", kind: "ConfigMap", plural: "configmaps")
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `ConfigMap`.
  public var kind: String? = "ConfigMap"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// The texts by key.
  public var data: [String: String]?

  /// Creates a ConfigMap.
  public init(metadata: ObjectMeta, data: [String: String]? = nil) {
    self.metadata = metadata
    self.data = data
  }
}

/// Secret bytes.
///
/// Never logged, never copied into a status.
public struct Secret: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(group: "", version: "v1", kind: "Secret", plural: "secrets")
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `Secret`.
  public var kind: String? = "Secret"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// Base64 by key.
  public var data: [String: String]?
  /// For example `Opaque` or `kubernetes.io/tls`.
  public var type: String?

  /// Creates a Secret.
  public init(metadata: ObjectMeta, data: [String: String]? = nil, type: String? = nil) {
    self.metadata = metadata
    self.data = data
    self.type = type
  }
}

/// A Service: a stable name for the Pods that its selector finds.
public struct Service: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(group: "", version: "v1", kind: "Service", plural: "services")
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `Service`.
  public var kind: String? = "Service"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// Ports and selector.
  public var spec: Spec?

  /// Creates a Service.
  public init(metadata: ObjectMeta, spec: Spec? = nil) {
    self.metadata = metadata
    self.spec = spec
  }

  /// What the Service forwards, and to which Pods.
  public struct Spec: Sendable, Hashable, Codable {
    /// Labels of the Pods.
    public var selector: [String: String]?
    /// The ports.
    public var ports: [Port]?

    /// Creates a spec.
    public init(selector: [String: String]? = nil, ports: [Port]? = nil) {
      self.selector = selector
      self.ports = ports
    }
  }

  /// One port of a Service.
  public struct Port: Sendable, Hashable, Codable {
    /// The port's name.
    public var name: String?
    /// The number that callers use.
    public var port: Int64
    /// The number, or the name, of the Pods' port; `port` when absent.
    public var targetPort: JSONValue?

    /// Creates a port.
    public init(name: String? = nil, port: Int64, targetPort: JSONValue? = nil) {
      self.name = name
      self.port = port
      self.targetPort = targetPort
    }
  }
}

/// A machine that runs Pods.
public struct Node: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "", version: "v1", kind: "Node", plural: "nodes", isNamespaced: false)
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `Node`.
  public var kind: String? = "Node"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What is wanted of the node.
  public var spec: Spec?
  /// What is known of the node.
  public var status: Status?

  /// Creates a node.
  public init(metadata: ObjectMeta, spec: Spec? = nil, status: Status? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  /// Whether a scheduler may place the Pod on the node: it is not cordoned, and the Pod tolerates its taints.
  ///
  /// - Parameter ignored: a taint that does not count.
  public func admits(_ pod: Pod, ignoring ignored: Taint? = nil) -> Bool {
    guard self.spec?.unschedulable != true else {
      // What runs on every node, such as a DaemonSet's Pod, tolerates a cordon.
      return pod.spec.tolerates(Taint(key: "node.kubernetes.io/unschedulable", effect: "NoSchedule"))
    }
    return (self.spec?.taints ?? []).allSatisfy {
      $0 == ignored || $0.effect == "PreferNoSchedule" || pod.spec.tolerates($0)
    }
  }

  /// What is wanted of a node.
  public struct Spec: Sendable, Hashable, Codable {
    /// Whether the node takes no new Pods, as after `kubectl cordon`.
    public var unschedulable: Bool?
    /// What keeps Pods off the node.
    public var taints: [Taint]?

    /// Creates a specification.
    public init(unschedulable: Bool? = nil, taints: [Taint]? = nil) {
      self.unschedulable = unschedulable
      self.taints = taints
    }
  }

  /// What is known of a node.
  public struct Status: Sendable, Hashable, Codable {
    /// `Ready` and others.
    public var conditions: [Condition]?
    /// The node's addresses.
    public var addresses: [Address]?

    /// Creates a status.
    public init(conditions: [Condition]? = nil, addresses: [Address]? = nil) {
      self.conditions = conditions
      self.addresses = addresses
    }
  }

  /// An address of a node.
  public struct Address: Sendable, Hashable, Codable {
    /// For example `InternalIP` or `Hostname`.
    public var type: String
    /// The address itself.
    public var address: String

    /// Creates an address.
    public init(type: String, address: String) {
      self.type = type
      self.address = address
    }
  }
}

/// What happened to an object (`v1.Event`).
public struct Event: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(group: "", version: "v1", kind: "Event", plural: "events")
  /// `v1`.
  public var apiVersion: String? = "v1"
  /// `Event`.
  public var kind: String? = "Event"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What it happened to.
  public var involvedObject: ObjectReference
  /// One word, CamelCase.
  public var reason: String?
  /// A sentence for a person.
  public var message: String?
  /// `Normal` or `Warning`.
  public var type: String?
  /// Who says so.
  public var source: Source?
  /// First seen.
  public var firstTimestamp: Timestamp?
  /// Last seen.
  public var lastTimestamp: Timestamp?
  /// How often.
  public var count: Int64?
  /// The controller that reports.
  public var reportingComponent: String?
  /// The instance of that controller.
  public var reportingInstance: String?

  /// Creates an event.
  public init(metadata: ObjectMeta, involvedObject: ObjectReference) {
    self.metadata = metadata
    self.involvedObject = involvedObject
  }

  /// Who reports an event.
  public struct Source: Sendable, Hashable, Codable {
    /// The component's name.
    public var component: String?
    /// The node, where it matters.
    public var host: String?

    /// Creates a source.
    public init(component: String? = nil, host: String? = nil) {
      self.component = component
      self.host = host
    }
  }
}

/// A lock that its holder has to renew (`coordination.k8s.io/v1`).
public struct Lease: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases")
  /// `coordination.k8s.io/v1`.
  public var apiVersion: String? = "coordination.k8s.io/v1"
  /// `Lease`.
  public var kind: String? = "Lease"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// Who holds it, and since when.
  public var spec: Spec?

  /// Creates a lease.
  public init(metadata: ObjectMeta, spec: Spec? = nil) {
    self.metadata = metadata
    self.spec = spec
  }

  /// Who holds a lease, and since when.
  public struct Spec: Sendable, Hashable, Codable {
    /// The holder.
    public var holderIdentity: String?
    /// Seconds after `renewTime` until others may take it.
    public var leaseDurationSeconds: Int64?
    /// When the holder took it.
    public var acquireTime: MicroTimestamp?
    /// When the holder last renewed it.
    public var renewTime: MicroTimestamp?
    /// How often it changed hands.
    public var leaseTransitions: Int64?

    /// Creates a spec.
    public init(
      holderIdentity: String? = nil, leaseDurationSeconds: Int64? = nil, acquireTime: MicroTimestamp? = nil,
      renewTime: MicroTimestamp? = nil, leaseTransitions: Int64? = nil
    ) {
      self.holderIdentity = holderIdentity
      self.leaseDurationSeconds = leaseDurationSeconds
      self.acquireTime = acquireTime
      self.renewTime = renewTime
      self.leaseTransitions = leaseTransitions
    }
  }
}

/// How many of some Pods may be evicted (`policy/v1`).
public struct PodDisruptionBudget: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = ResourceType(
    group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets")
  /// `policy/v1`.
  public var apiVersion: String? = "policy/v1"
  /// `PodDisruptionBudget`.
  public var kind: String? = "PodDisruptionBudget"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// Which Pods, and how many of them.
  public var spec: Spec

  /// Creates a budget.
  public init(metadata: ObjectMeta, spec: Spec) {
    self.metadata = metadata
    self.spec = spec
  }

  /// Which Pods, and how many of them.
  public struct Spec: Sendable, Hashable, Codable {
    /// How many Pods must stay: a number, or a share such as `"50%"`.
    public var minAvailable: JSONValue?
    /// How many Pods may be away: a number, or a share such as `"50%"`.
    public var maxUnavailable: JSONValue?
    /// Which Pods it is about.
    public var selector: LabelSelector?

    /// Creates a spec that keeps at least so many Pods.
    public init(minAvailable: Int64, selector: LabelSelector) {
      self.minAvailable = .integer(minAvailable)
      self.selector = selector
    }
  }
}
