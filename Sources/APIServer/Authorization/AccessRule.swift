import KubernetesModel

/// A rule of a role (`rbac.authorization.k8s.io/v1` PolicyRule).
struct AccessRule: Sendable, Hashable {
  var verbs: [String] = []
  var apiGroups: [String] = []
  var resources: [String] = []
  /// Empty for every name.
  var resourceNames: [String] = []
  var nonResourceURLs: [String] = []

  init(
    _ verbs: [String], groups: [String] = [], resources: [String] = [], names: [String] = [], urls: [String] = []
  ) {
    self.verbs = verbs
    self.apiGroups = groups
    self.resources = resources
    self.resourceNames = names
    self.nonResourceURLs = urls
  }

  /// Reads a rule of a Role or a ClusterRole.
  init(_ json: JSONValue) {
    func strings(_ field: String) -> [String] { json[field]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    self.verbs = strings("verbs")
    self.apiGroups = strings("apiGroups")
    self.resources = strings("resources")
    self.resourceNames = strings("resourceNames")
    self.nonResourceURLs = strings("nonResourceURLs")
  }

  /// The rules of a Role or a ClusterRole.
  static func rules(of role: APIObject) -> [AccessRule] {
    (role.json["rules"]?.arrayValue ?? []).map(AccessRule.init)
  }

  /// The rule as roles carry it.
  var json: JSONValue {
    func texts(_ strings: [String]) -> JSONValue { .array(strings.map(JSONValue.string)) }
    var json: JSONValue = ["verbs": texts(self.verbs)]
    if !self.apiGroups.isEmpty { json["apiGroups"] = texts(self.apiGroups) }
    if !self.resources.isEmpty { json["resources"] = texts(self.resources) }
    if !self.resourceNames.isEmpty { json["resourceNames"] = texts(self.resourceNames) }
    if !self.nonResourceURLs.isEmpty { json["nonResourceURLs"] = texts(self.nonResourceURLs) }
    return json
  }

  /// Returns whether the rule allows an action.
  func allows(_ attributes: AccessAttributes) -> Bool {
    guard self.verbs.contains("*") || self.verbs.contains(attributes.verb) else { return false }
    switch attributes.target {
    case .path(let path): return self.nonResourceURLs.contains { Self.url($0, covers: path) }
    case .resource(let target):
      return (self.apiGroups.contains("*") || self.apiGroups.contains(target.group))
        && self.resources.contains { Self.resource($0, matches: target) }
        && (self.resourceNames.isEmpty || self.resourceNames.contains(target.name))
    }
  }

  private static func resource(_ rule: String, matches target: AccessAttributes.ResourceTarget) -> Bool {
    if rule == "*" || rule == target.combined { return true }
    return !target.subresource.isEmpty && rule == "*/\(target.subresource)"
  }

  /// Whether a rule's path covers another: `*` at its end stands for any rest.
  static func url(_ rule: String, covers path: String) -> Bool {
    if rule == "*" || rule == path { return true }
    guard rule.hasSuffix("*") else { return false }
    return path.utf8.starts(with: rule.dropLast().utf8)
  }
}
