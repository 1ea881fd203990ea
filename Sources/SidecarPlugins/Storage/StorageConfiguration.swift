import KubernetesModel
import UmpireModel

/// Where a plugin's result goes: `storageConfig`.
struct StorageConfiguration: Sendable, Hashable {
  /// What is written in the cluster; nil for nothing.
  var cluster: ClusterStorageConfiguration?
  /// The gauge that shows the result as a number; nil for none.
  var metricName: String?

  /// The two kinds of storage, named as the peers name them.
  private enum Kind: String, CaseIterable { case inKube = "InKube", metric = "HTTPMetric" }

  /// Reads the field `storageConfig`; nil if there is none.
  static func read(_ fields: ConfigurationFields) -> StorageConfiguration? {
    guard let fields = fields.object("storageConfig") else { return nil }
    var storage = StorageConfiguration()
    let (cluster, metric) = (fields.object("inKube"), fields.object("httpMetric"))
    let given = fields.has("type")
    switch fields.choice("type", of: Kind.self) {
    case nil: if !given { fields.require("type", "InKube or HTTPMetric") }
    case .inKube:
      if !fields.hasAPIServer { fields.refuse("type", "needs an API server, and this sidecar has none") }
      if let cluster { storage.cluster = ClusterStorageConfiguration(cluster) } else { fields.require("inKube") }
      if metric != nil { fields.ignore("httpMetric", "the type is InKube") }
    case .metric:
      if let metric { storage.metricName = Self.metricName(metric) } else { fields.require("httpMetric") }
      if cluster != nil { fields.ignore("inKube", "the type is HTTPMetric") }
    }
    return storage
  }

  private static func metricName(_ fields: ConfigurationFields) -> String {
    let name = fields.requiredText("metricName", atMost: 200)
    let isName = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "_", ":": true
      case "0"..."9": index > 0
      default: false
      }
    }
    if !isName {
      fields.refuse("metricName", "must consist of letters, digits, '_' and ':', and not begin with a digit")
    }
    return name
  }
}

/// What of a result is written in the cluster: `inKube`.
struct ClusterStorageConfiguration: Sendable, Hashable {
  /// The object that JSON patches change; nil if there is none.
  var target: StorageTarget?
  /// The place in `target` that takes the result as a string.
  var targetPlace: JSONPointer?
  /// The annotation of the own Pod that takes the result.
  var annotationKey: String?
  /// The label of the own Pod that takes the result.
  var labelKey: String?
  /// What else is written for certain results.
  var policies: [MarkerPolicy]

  init(_ fields: ConfigurationFields) {
    self.target = fields.object("target").map(StorageTarget.init)
    self.annotationKey = Self.key(fields, "annotationKey")
    self.labelKey = Self.key(fields, "labelKey")
    self.policies = fields.objects("markerPolices").map(MarkerPolicy.init)
    self.targetPlace = Self.pointer(fields, "jsonPath")
    let places = self.targetPlace != nil || self.policies.contains { !$0.changes.isEmpty }
    if places, self.target == nil { fields.require("target", "a jsonPath is a place in it") }
    var seen: Set<String> = []
    for (index, policy) in self.policies.enumerated() where !seen.insert(policy.state).inserted {
      fields.refuse("markerPolices", "[\(index)].state: '\(policy.state)' has a policy already")
    }
    let writes = places || self.annotationKey != nil || self.labelKey != nil || !self.policies.isEmpty
    if !writes { fields.require("annotationKey", "or labelKey, markerPolices or jsonPath: nothing is written without") }
  }

  /// The policy for a result, if there is one.
  func policy(for result: String) -> MarkerPolicy? { self.policies.first { $0.state == result } }

  private static func key(_ fields: ConfigurationFields, _ name: String) -> String? {
    guard let key = fields.text(name), !key.isEmpty else { return nil }
    if let fault = LabelSyntax.fault(inKey: key) { fields.refuse(name, fault) }
    return key
  }

  static func pointer(_ fields: ConfigurationFields, _ name: String) -> JSONPointer? {
    guard let text = fields.text(name), !text.isEmpty else { return nil }
    guard let pointer = JSONPointer(text) else {
      fields.refuse(name, "must be a JSON pointer such as /spec/opsState")
      return nil
    }
    return pointer
  }
}

/// What is written beside the result when it equals `state`: one of `markerPolices`.
struct MarkerPolicy: Sendable, Hashable {
  /// The result that the policy is for.
  var state: String
  /// Labels of the own Pod.
  var labels: [String: String]
  /// Annotations of the own Pod.
  var annotations: [String: String]
  /// What the operators want of the Server.
  var opsState: OpsState?
  /// Values in the target.
  var changes: [TargetChange]

  init(_ fields: ConfigurationFields) {
    self.state = fields.requiredText("state")
    self.labels = fields.textsByKey("labels")
    self.annotations = fields.textsByKey("annotations")
    self.opsState = fields.choice("gameServerOpsState", of: OpsState.self)
    self.changes = fields.objects("jsonPathConfigs").compactMap(TargetChange.init)
    for (key, value) in self.labels.sorted(by: { $0.key < $1.key }) {
      if let fault = LabelSyntax.fault(inKey: key) ?? LabelSyntax.fault(inValue: value) {
        fields.refuse("labels", "\(key): \(fault)")
      }
    }
    for key in self.annotations.keys.sorted() {
      if let fault = LabelSyntax.fault(inKey: key) { fields.refuse("annotations", "\(key): \(fault)") }
    }
  }
}

/// A value at a place in the target: one of `jsonPathConfigs`.
struct TargetChange: Sendable, Hashable {
  var place: JSONPointer
  var value: JSONValue

  /// How a value that is written as a text is meant.
  private enum FieldType: String, CaseIterable { case string, int, float, bool }

  init(place: JSONPointer, value: JSONValue) {
    self.place = place
    self.value = value
  }

  init?(_ fields: ConfigurationFields) {
    if !fields.has("jsonPath") { fields.require("jsonPath") }
    let place = ClusterStorageConfiguration.pointer(fields, "jsonPath")
    let type = fields.choice("fieldType", of: FieldType.self) ?? .string
    guard let written = fields.value("value") else {
      fields.require("value")
      return nil
    }
    let text: String
    switch written {
    case .string(let string): text = string
    case .integer(let integer): text = String(integer)
    case .double(let double): text = "\(double)"
    case .bool(let bool): text = String(bool)
    default:
      fields.refuse("value", "must be a string, a number, true or false")
      return nil
    }
    guard let value = Self.value(text, type) else {
      fields.refuse("value", "is no \(type.rawValue)")
      return nil
    }
    guard let place else { return nil }
    if place.tokens.isEmpty { fields.refuse("jsonPath", "must be a place in the target, not all of it") }
    self.init(place: place, value: value)
  }

  private static func value(_ text: String, _ type: FieldType) -> JSONValue? {
    switch type {
    case .string: .string(text)
    case .int: Int64(text).map(JSONValue.integer)
    case .float: Double(text).flatMap { $0.isFinite ? .double($0) : nil }
    case .bool: Bool(text).map(JSONValue.bool)
    }
  }
}
