import FoundationEssentials
import KubernetesModel

/// One webhook of a configuration: what it is asked about, where, and what its failure means.
struct AdmissionWebhook: Sendable {
  var name: String
  var client: AdmissionClient
  var rules: [AdmissionRule]
  var namespaceSelector: LabelQuery
  var objectSelector: LabelQuery
  /// What must hold besides.
  var conditions: MatchConditions
  /// Whether a write goes on that the webhook could not be asked about.
  var ignoresFailure: Bool
  /// Whether rules that name one version of a resource mean all of them.
  var matchesAllVersions: Bool
  /// Whether it wants to be asked again about what others have changed since.
  var isReinvoked: Bool
  /// Whether it may be asked about writes that are only tried out.
  var allowsDryRun: Bool
  /// 1–30.
  var timeoutSeconds: Int64

  /// Reads a webhook; nil if it is none, which a checked configuration never holds.
  init?(_ json: JSONValue) {
    guard let name = json["name"]?.stringValue, let client = AdmissionClient(json["clientConfig"] ?? .null) else {
      return nil
    }
    self.name = name
    self.client = client
    self.rules = (json["rules"]?.arrayValue ?? []).map(AdmissionRule.init)
    self.namespaceSelector = LabelQuery(selector: json["namespaceSelector"] ?? .null)
    self.objectSelector = LabelQuery(selector: json["objectSelector"] ?? .null)
    self.conditions = MatchConditions(json)
    self.ignoresFailure = json["failurePolicy"] == "Ignore"
    self.matchesAllVersions = json["matchPolicy"] != "Exact"
    self.isReinvoked = json["reinvocationPolicy"] == "IfNeeded"
    self.allowsDryRun = json["sideEffects"] == "None" || json["sideEffects"] == "NoneOnDryRun"
    let seconds = json["timeoutSeconds"]?.integerValue ?? WebhookConfigurationRules.defaultTimeoutSeconds
    self.timeoutSeconds = min(max(seconds, 1), 30)
  }
}

/// Where a webhook listens, and which authorities vouch for it.
struct AdmissionClient: Sendable, Hashable {
  enum Destination: Sendable, Hashable {
    case url(AdmissionURL)
    case service(AdmissionService)
  }

  var destination: Destination
  /// PEM certificates to trust instead of the system's.
  var authorities: [UInt8]?

  init?(_ json: JSONValue) {
    if let url = json["url"]?.stringValue {
      self.destination = .url(AdmissionURL(url))
    } else if let service = json["service"], let name = service["name"]?.stringValue,
      let namespace = service["namespace"]?.stringValue,
      let port = UInt16(exactly: service["port"]?.integerValue ?? WebhookConfigurationRules.defaultPort)
    {
      let path = service["path"]?.stringValue ?? ""
      self.destination = .service(
        AdmissionService(namespace: namespace, name: name, port: port, path: path.isEmpty ? "/" : path))
    } else {
      return nil
    }
    let bundle = json["caBundle"]?.stringValue ?? ""
    self.authorities = bundle.isEmpty ? nil : Data(base64Encoded: bundle).map { Array($0) }
  }
}

/// A Service that answers for a webhook.
struct AdmissionService: Sendable, Hashable {
  var namespace: String
  var name: String
  /// The Service's port, 1–65535; not that of its Pods.
  var port: UInt16
  /// Starts with `/`.
  var path: String

  /// The name that its certificate holds.
  var hostName: String { "\(self.name).\(self.namespace).svc" }
}

extension LabelQuery {
  /// Reads a selector as objects carry it; it has been checked when it was written.
  init(selector: JSONValue) {
    let expressions = (selector["matchExpressions"]?.arrayValue ?? []).compactMap { expression in
      LabelSelector.Operator(rawValue: expression["operator"]?.stringValue ?? "").map { condition in
        LabelSelector.Expression(
          key: expression["key"]?.stringValue ?? "", operator: condition,
          values: expression["values"]?.arrayValue?.compactMap(\.stringValue))
      }
    }
    let labels = selector["matchLabels"]?.objectValue?.compactMapValues(\.stringValue)
    self = LabelSelector(matchLabels: labels, matchExpressions: expressions).query
  }
}
