public import KubernetesModel

/// How many Servers a GameType should have, as the studio's webhook says.
public struct GameAutoscaler: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = Umpire.resourceType("GameAutoscaler", "gameautoscalers")
  /// `umpire.dev/v1alpha1`.
  public var apiVersion: String? = Umpire.apiVersion
  /// `GameAutoscaler`.
  public var kind: String? = "GameAutoscaler"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// What is wanted.
  public var spec: GameAutoscalerSpec
  /// What is observed.
  public var status: GameAutoscalerStatus?

  /// Creates an autoscaler.
  public init(metadata: ObjectMeta, spec: GameAutoscalerSpec, status: GameAutoscalerStatus? = nil) {
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }
}

/// What an autoscaler is to do.
public struct GameAutoscalerSpec: Sendable, Hashable, Codable {
  /// The GameType, in the same namespace.
  public var gameName: String
  /// Whom to ask, and how.
  public var policy: Policy
  /// When to ask.
  public var sync: Sync
  /// Never fewer, 0–2147483647.
  public var minReplicas: Int64
  /// Never more, 0–2147483647.
  public var maxReplicas: Int64
  /// How fast to follow the answers.
  public var behavior: Behavior
  /// What counts while the webhook does not answer.
  public var failurePolicy: FailurePolicy
  /// The number for `Fallback`.
  public var fallbackReplicas: Int64?
  /// Failures in a row before the policy applies, at least 1.
  public var failureThreshold: Int64
  /// Decides and reports, and does not scale.
  public var dryRun: Bool

  /// Creates a spec with defaults.
  public init(gameName: String, policy: Policy, sync: Sync = Sync()) {
    self.gameName = gameName
    self.policy = policy
    self.sync = sync
    self.minReplicas = 0
    self.maxReplicas = Self.defaultMaximum
    self.behavior = Behavior()
    self.failurePolicy = .hold
    self.failureThreshold = 3
    self.dryRun = false
  }

  /// 1000.
  public static let defaultMaximum: Int64 = 1000

  /// The failure policy that counts: the endpoint's own, if it has one.
  public var effectiveFailurePolicy: FailurePolicy { self.policy.webhook.failurePolicy ?? self.failurePolicy }

  /// What counts while the webhook does not answer.
  public enum FailurePolicy: String, Sendable, Hashable, Codable {
    /// The number that there is.
    case hold = "Hold"
    /// `minReplicas`.
    case minimum = "Minimum"
    /// `fallbackReplicas`.
    case fallback = "Fallback"
  }

  private enum CodingKeys: String, CodingKey {
    case gameName, policy, sync, minReplicas, maxReplicas, behavior, failurePolicy, fallbackReplicas
    case failureThreshold, dryRun
  }

  /// Decodes a spec and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.gameName = try container.decode(String.self, forKey: .gameName)
    self.policy = try container.decode(Policy.self, forKey: .policy)
    self.sync = try container.decode(.sync, default: Sync())
    self.minReplicas = try container.decode(.minReplicas, default: 0)
    self.maxReplicas = try container.decode(.maxReplicas, default: Self.defaultMaximum)
    self.behavior = try container.decode(.behavior, default: Behavior())
    self.failurePolicy = try container.decode(.failurePolicy, default: .hold)
    self.fallbackReplicas = try container.decodeIfPresent(Int64.self, forKey: .fallbackReplicas)
    self.failureThreshold = try container.decode(.failureThreshold, default: 3)
    self.dryRun = try container.decode(.dryRun, default: false)
  }
}

extension GameAutoscalerSpec {
  /// Whom to ask.
  public struct Policy: Sendable, Hashable, Codable {
    /// `webhook`.
    public var type: Kind
    /// The webhook.
    public var webhook: ScalingEndpoint

    /// Creates a webhook policy.
    public init(webhook: ScalingEndpoint) {
      self.type = .webhook
      self.webhook = webhook
    }

    /// The ways to decide.
    public enum Kind: String, Sendable, Hashable, Codable {
      /// The studio's endpoint decides.
      case webhook
    }
  }

  /// When to ask.
  public struct Sync: Sendable, Hashable, Codable {
    /// `fixedinterval`.
    public var type: Kind
    /// From the start of one question to the start of the next, at least 1 s.
    public var interval: GoDuration

    /// Creates a fixed interval; 30 seconds by default.
    public init(interval: GoDuration = GoDuration(.seconds(30))) {
      self.type = .fixedInterval
      self.interval = interval
    }

    /// The ways to time.
    public enum Kind: String, Sendable, Hashable, Codable {
      /// At a fixed interval.
      case fixedInterval = "fixedinterval"
    }

    private enum CodingKeys: String, CodingKey { case type, interval }

    /// Decodes timing and fills in the defaults.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.type = try container.decode(.type, default: .fixedInterval)
      self.interval = try container.decode(.interval, default: GoDuration(.seconds(30)))
    }
  }

  /// How fast to follow the answers.
  public struct Behavior: Sendable, Hashable, Codable {
    /// Upwards.
    public var scaleUp: Rules
    /// Downwards.
    public var scaleDown: Rules

    /// Creates behavior without limits.
    public init(scaleUp: Rules = Rules(), scaleDown: Rules = Rules()) {
      self.scaleUp = scaleUp
      self.scaleDown = scaleDown
    }

    private enum CodingKeys: String, CodingKey { case scaleUp, scaleDown }

    /// Decodes behavior and fills in the defaults.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.scaleUp = try container.decode(.scaleUp, default: Rules())
      self.scaleDown = try container.decode(.scaleDown, default: Rules())
    }
  }

  /// Limits in one direction.
  public struct Rules: Sendable, Hashable, Codable {
    /// The most cautious answer of this window counts; 0 by default.
    public var stabilizationWindow: GoDuration
    /// The largest change at once; any when nil.
    public var maxStep: IntegerOrPercent?

    /// Creates rules.
    public init(stabilizationWindow: GoDuration = GoDuration(.zero), maxStep: IntegerOrPercent? = nil) {
      self.stabilizationWindow = stabilizationWindow
      self.maxStep = maxStep
    }

    private enum CodingKeys: String, CodingKey { case stabilizationWindow, maxStep }

    /// Decodes rules and fills in the defaults.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.stabilizationWindow = try container.decode(.stabilizationWindow, default: GoDuration(.zero))
      self.maxStep = try container.decodeIfPresent(IntegerOrPercent.self, forKey: .maxStep)
    }
  }
}

/// Where the number of replicas is asked for: an endpoint given inline, or a ScalingWebhook of a WebhookConfiguration.
public struct ScalingEndpoint: Sendable, Hashable, Codable {
  /// A whole URL, or its part before `path`.
  public var url: String?
  /// The path, when it stands apart.
  public var path: String?
  /// A Service.
  public var service: ServiceReference?
  /// PEM certificates, in base64, to trust instead of the system's roots.
  public var caBundle: String?
  /// A ScalingWebhook that is configured elsewhere.
  public var configurationRef: ConfigurationReference?
  /// The deadline of one exchange, 1–30 s.
  public var timeoutSeconds: Int64
  /// The format that is spoken.
  public var dialect: ScalingDialect
  /// What counts while it does not answer; the autoscaler's `failurePolicy` when nil.
  public var failurePolicy: GameAutoscalerSpec.FailurePolicy?
  /// Sent along as they are.
  public var parameters: [String: String]

  /// Creates an inline endpoint.
  public init(url: String? = nil, path: String? = nil, service: ServiceReference? = nil, caBundle: String? = nil) {
    self.url = url
    self.path = path
    self.service = service
    self.caBundle = caBundle
    self.timeoutSeconds = Webhook.defaultTimeoutSeconds
    self.dialect = .webhookReview
    self.parameters = [:]
  }

  /// Names a webhook of a WebhookConfiguration in the same namespace.
  public struct ConfigurationReference: Sendable, Hashable, Codable {
    /// The WebhookConfiguration.
    public var name: String
    /// The webhook; its only ScalingWebhook when nil.
    public var webhook: String?

    /// Creates a reference.
    public init(name: String, webhook: String? = nil) {
      self.name = name
      self.webhook = webhook
    }
  }

  private enum CodingKeys: String, CodingKey {
    case url, path, service, caBundle, configurationRef, timeoutSeconds, dialect, failurePolicy, parameters
  }

  /// Decodes an endpoint and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.url = try container.decodeIfPresent(String.self, forKey: .url)
    self.path = try container.decodeIfPresent(String.self, forKey: .path)
    self.service = try container.decodeIfPresent(ServiceReference.self, forKey: .service)
    self.caBundle = try container.decodeIfPresent(String.self, forKey: .caBundle)
    self.configurationRef = try container.decodeIfPresent(ConfigurationReference.self, forKey: .configurationRef)
    self.timeoutSeconds = try container.decode(.timeoutSeconds, default: Webhook.defaultTimeoutSeconds)
    self.dialect = try container.decode(.dialect, default: .webhookReview)
    self.failurePolicy = try container.decodeIfPresent(
      GameAutoscalerSpec.FailurePolicy.self, forKey: .failurePolicy)
    self.parameters = try container.decode(.parameters, default: [:])
  }
}

/// The formats in which a scaling webhook can be asked.
public enum ScalingDialect: String, Sendable, Hashable, Codable, CaseIterable {
  /// This project's own.
  case webhookReview = "WebhookReview"
  /// The thesis operator's.
  case autoscaleRequest = "AutoscaleRequest"
  /// Agones'.
  case fleetAutoscaleReview = "FleetAutoscaleReview"
  /// The general-pod-autoscaler's.
  case scaleReview = "ScaleReview"
}

/// What is observed of an autoscaler.
public struct GameAutoscalerStatus: Sendable, Hashable, Codable {
  /// The number that the GameType asked for when last looked at.
  public var currentReplicas: Int64?
  /// The number last decided.
  public var desiredReplicas: Int64?
  /// The last question.
  public var lastSyncTime: Timestamp?
  /// The last change of the number.
  public var lastScaleTime: Timestamp?
  /// The last exchange.
  public var lastReview: Review?
  /// Failures since the last answer.
  public var consecutiveFailures: Int64?
  /// `AbleToScale`, `ScalingActive`, `ScalingLimited`.
  public var conditions: [Condition]?
  /// The generation that this status speaks of.
  public var observedGeneration: Int64?

  /// Creates an empty status.
  public init() {}

  /// One exchange.
  public struct Review: Sendable, Hashable, Codable {
    /// The review's uid.
    public var uid: String?
    /// How long it took.
    public var latency: GoDuration?
    /// The webhook's reason, or the failure's.
    public var reason: String?

    /// Creates a record.
    public init(uid: String? = nil, latency: GoDuration? = nil, reason: String? = nil) {
      self.uid = uid
      self.latency = latency
      self.reason = reason
    }
  }
}
