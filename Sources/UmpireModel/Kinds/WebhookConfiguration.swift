public import KubernetesModel

/// Whom to ask.
///
/// There is no `spec`: the webhooks stand at the top level.
public struct WebhookConfiguration: KubernetesResource, Hashable {
  /// The kind and its path.
  public static let resourceType = Umpire.resourceType("WebhookConfiguration", "webhookconfigurations")
  /// `umpire.dev/v1alpha1`.
  public var apiVersion: String? = Umpire.apiVersion
  /// `WebhookConfiguration`.
  public var kind: String? = "WebhookConfiguration"
  /// Name, labels, owners and the like.
  public var metadata: ObjectMeta
  /// The webhooks, each with a name of its own.
  public var webhooks: [Webhook]
  /// What is observed of each.
  public var status: WebhookConfigurationStatus?

  /// Creates a configuration.
  public init(metadata: ObjectMeta, webhooks: [Webhook], status: WebhookConfigurationStatus? = nil) {
    self.metadata = metadata
    self.webhooks = webhooks
    self.status = status
  }
}

/// One endpoint of the studio's, and how it is asked.
public struct Webhook: Sendable, Hashable, Codable {
  /// For Readiness and Deletable, the name of the gate.
  public var name: String
  /// What it decides.
  public var type: WebhookType
  /// Where it is.
  public var clientConfig: WebhookClientConfig
  /// The deadline of one exchange, 1–30 s.
  public var timeoutSeconds: Int64
  /// The time from one question to the next, at least 1 s.
  public var periodSeconds: Int64
  /// When to stop asking.
  public var requestPolicy: RequestPolicy
  /// What counts while it does not answer.
  public var failurePolicy: FailurePolicy
  /// Failures in a row before `Deny` or `Allow` applies, at least 1.
  public var failureThreshold: Int64
  /// Who asks.
  public var caller: Caller
  /// The secret that signs the reviews.
  public var signingSecretRef: SecretKeyReference?
  /// The TLS Secret to present.
  public var clientCertificateRef: SecretReference?

  /// Creates a webhook with defaults.
  public init(name: String, type: WebhookType, clientConfig: WebhookClientConfig) {
    self.name = name
    self.type = type
    self.clientConfig = clientConfig
    self.timeoutSeconds = Self.defaultTimeoutSeconds
    self.periodSeconds = 5
    self.requestPolicy = .always
    self.failurePolicy = .hold
    self.failureThreshold = 3
    self.caller = .sidecar
  }

  /// 15 seconds.
  public static let defaultTimeoutSeconds: Int64 = 15

  /// When to stop asking.
  public enum RequestPolicy: String, Sendable, Hashable, Codable {
    /// Never.
    case always = "Always"
    /// After the first allowed answer, or the first acknowledged push.
    case once = "Once"
  }

  /// What counts while a webhook does not answer.
  public enum FailurePolicy: String, Sendable, Hashable, Codable {
    /// The last decision; before any, not allowed.
    case hold = "Hold"
    /// Not allowed.
    case deny = "Deny"
    /// Allowed.
    case allow = "Allow"
  }

  /// Who asks.
  public enum Caller: String, Sendable, Hashable, Codable {
    /// The sidecar of each Server.
    case sidecar = "Sidecar"
    /// The controller, for every Server.
    case controller = "Controller"
  }

  private enum CodingKeys: String, CodingKey {
    case name, type, clientConfig, timeoutSeconds, periodSeconds, requestPolicy, failurePolicy, failureThreshold
    case caller, signingSecretRef, clientCertificateRef
  }

  /// Decodes a webhook and fills in the defaults.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.name = try container.decode(String.self, forKey: .name)
    self.type = try container.decode(WebhookType.self, forKey: .type)
    self.clientConfig = try container.decode(WebhookClientConfig.self, forKey: .clientConfig)
    self.timeoutSeconds = try container.decode(.timeoutSeconds, default: Self.defaultTimeoutSeconds)
    self.periodSeconds = try container.decode(.periodSeconds, default: 5)
    self.requestPolicy = try container.decode(.requestPolicy, default: .always)
    self.failurePolicy = try container.decode(.failurePolicy, default: .hold)
    self.failureThreshold = try container.decode(.failureThreshold, default: 3)
    self.caller = try container.decode(.caller, default: .sidecar)
    self.signingSecretRef = try container.decodeIfPresent(SecretKeyReference.self, forKey: .signingSecretRef)
    self.clientCertificateRef = try container.decodeIfPresent(SecretReference.self, forKey: .clientCertificateRef)
  }
}

/// What a webhook decides.
public enum WebhookType: String, Sendable, Hashable, Codable, CaseIterable {
  /// Whether a Server is ready.
  case readiness = "ReadinessWebhook"
  /// Whether a Server may be deleted.
  case deletable = "DeletableWebhook"
  /// Nothing: it is told of constraints and acknowledges.
  case constraint = "ConstraintWebhook"
  /// How many Servers there should be.
  case scaling = "ScalingWebhook"
}

/// Where an endpoint is: a URL or a Service, never both.
public struct WebhookClientConfig: Sendable, Hashable, Codable {
  /// A whole URL.
  public var url: String?
  /// A Service.
  public var service: ServiceReference?
  /// PEM certificates, in base64, to trust instead of the system's roots.
  public var caBundle: String?

  /// Creates a configuration.
  public init(url: String? = nil, service: ServiceReference? = nil, caBundle: String? = nil) {
    self.url = url
    self.service = service
    self.caBundle = caBundle
  }
}

/// Names a Service and a path on it.
public struct ServiceReference: Sendable, Hashable, Codable {
  /// The Service's name.
  public var name: String
  /// Its namespace; the object's own when nil.
  public var namespace: String?
  /// The path of the endpoint; `/` when nil.
  public var path: String?
  /// The Service's port; 8000 when nil.
  public var port: Int64?

  /// Creates a reference.
  public init(name: String, namespace: String? = nil, path: String? = nil, port: Int64? = nil) {
    self.name = name
    self.namespace = namespace
    self.path = path
    self.port = port
  }

  /// 8000.
  public static let defaultPort: Int64 = 8000
}

/// Names a key of a Secret in the object's namespace.
public struct SecretKeyReference: Sendable, Hashable, Codable {
  /// The Secret.
  public var name: String
  /// The key.
  public var key: String

  /// Creates a reference.
  public init(name: String, key: String) {
    self.name = name
    self.key = key
  }
}

/// Names a Secret in the object's namespace.
public struct SecretReference: Sendable, Hashable, Codable {
  /// The Secret.
  public var name: String

  /// Creates a reference.
  public init(name: String) { self.name = name }
}

/// What is observed of a configuration.
public struct WebhookConfigurationStatus: Sendable, Hashable, Codable {
  /// One entry a webhook.
  public var webhooks: [WebhookStatus]?
  /// `Valid`.
  public var conditions: [Condition]?
  /// The generation that this status speaks of.
  public var observedGeneration: Int64?

  /// Creates a status.
  public init(
    webhooks: [WebhookStatus]? = nil, conditions: [Condition]? = nil, observedGeneration: Int64? = nil
  ) {
    self.webhooks = webhooks
    self.conditions = conditions
    self.observedGeneration = observedGeneration
  }
}

/// What is observed of one webhook.
public struct WebhookStatus: Sendable, Hashable, Codable {
  /// The webhook's name.
  public var name: String
  /// The last answer.
  public var lastSuccessTime: Timestamp?
  /// The last failure.
  public var lastFailureTime: Timestamp?
  /// Its reason, one word.
  public var lastFailureReason: String?
  /// Its message.
  public var lastFailureMessage: String?
  /// Failures since the last answer; absent where the sidecars ask.
  public var consecutiveFailures: Int64?
  /// `Closed`, `Open` or `HalfOpen`; absent where the sidecars ask.
  public var breakerState: String?
  /// How long the last exchange took.
  public var latency: GoDuration?

  /// Creates a status.
  public init(name: String) { self.name = name }
}
