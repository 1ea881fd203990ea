import KubernetesModel

/// Roles and ClusterRoles: required fields of rules.
struct RoleRules: KindRules {
  /// Whether it is a Role, which speaks of one namespace only.
  var isNamespaced: Bool

  func applyDefaults(to object: inout APIObject) {
    // The real server always shows the field.
    if object.json["rules"] == nil { object.json["rules"] = .null }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    for (index, rule) in (object.json["rules"]?.arrayValue ?? []).enumerated() {
      faults += self.faults(in: AccessRule(rule), path: "rules[\(index)]")
    }
    guard !self.isNamespaced, let aggregation = object.json["aggregationRule"], aggregation != .null else {
      return faults
    }
    let path = "aggregationRule.clusterRoleSelectors"
    let selectors = aggregation["clusterRoleSelectors"]?.arrayValue ?? []
    if selectors.isEmpty {
      faults.append(.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil"))
    }
    for (index, selector) in selectors.enumerated() {
      faults += FieldSyntax.selectorFaults(selector, "\(path)[\(index)]")
    }
    return faults
  }

  private func faults(in rule: AccessRule, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    if rule.verbs.isEmpty { faults.append(.required("\(path).verbs", "verbs must contain at least one value")) }
    guard rule.nonResourceURLs.isEmpty else {
      let field = "\(path).nonResourceURLs"
      let value = JSONValue.array(rule.nonResourceURLs.map(JSONValue.string))
      if self.isNamespaced {
        faults.append(.invalid(field, value, "namespaced rules cannot apply to non-resource URLs"))
      }
      if !rule.apiGroups.isEmpty || !rule.resources.isEmpty || !rule.resourceNames.isEmpty {
        faults.append(
          .invalid(field, value, "rules cannot apply to both regular resources and non-resource URLs"))
      }
      return faults
    }
    if rule.apiGroups.isEmpty {
      faults.append(.required("\(path).apiGroups", "resource rules must supply at least one api group"))
    }
    if rule.resources.isEmpty {
      faults.append(.required("\(path).resources", "resource rules must supply at least one resource"))
    }
    return faults
  }

  func fault(inName name: String) -> String? { MetadataFaults.fault(inSegment: name) }
}

/// RoleBindings and ClusterRoleBindings: an immutable role, and valid subjects.
struct RoleBindingRules: KindRules {
  /// Whether it is a RoleBinding.
  var isNamespaced: Bool

  private static let group = "rbac.authorization.k8s.io"

  func applyDefaults(to object: inout APIObject) {
    if object[path: "roleRef"]?.objectValue != nil, (object[path: "roleRef.apiGroup"]?.stringValue ?? "").isEmpty {
      object.json["roleRef"]?["apiGroup"] = .string(Self.group)
    }
    object.json.mapElements("subjects") { subject in
      guard (subject["apiGroup"]?.stringValue ?? "").isEmpty else { return }
      let kind = subject["kind"]?.stringValue
      subject["apiGroup"] = kind == "User" || kind == "Group" ? .string(Self.group) : nil
    }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults = self.roleFaults(object.json["roleRef"] ?? .null)
    for (index, subject) in (object.json["subjects"]?.arrayValue ?? []).enumerated() {
      faults += self.subjectFaults(subject, path: "subjects[\(index)]")
    }
    if let old, old.json["roleRef"] != object.json["roleRef"] {
      faults.append(.invalid("roleRef", object.json["roleRef"] ?? .null, "cannot change roleRef"))
    }
    return faults
  }

  private func roleFaults(_ role: JSONValue) -> [FieldFault] {
    var faults: [FieldFault] = []
    func text(_ field: String) -> String { role[field]?.stringValue ?? "" }
    if text("apiGroup") != Self.group {
      faults.append(.notSupported("roleRef.apiGroup", .string(text("apiGroup")), [.string(Self.group)]))
    }
    let kinds = self.isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
    if !kinds.contains(text("kind")) {
      faults.append(.notSupported("roleRef.kind", .string(text("kind")), kinds.map(JSONValue.string)))
    }
    if text("name").isEmpty {
      faults.append(.required("roleRef.name"))
    } else if let fault = MetadataFaults.fault(inSegment: text("name")) {
      faults.append(.invalid("roleRef.name", .string(text("name")), fault))
    }
    return faults
  }

  private func subjectFaults(_ subject: JSONValue, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    func text(_ field: String) -> String { subject[field]?.stringValue ?? "" }
    if text("name").isEmpty { faults.append(.required("\(path).name")) }
    switch text("kind") {
    case "ServiceAccount":
      if !text("name").isEmpty, let fault = LabelSyntax.fault(inSubdomain: text("name")) {
        faults.append(.invalid("\(path).name", .string(text("name")), fault))
      }
      if !text("apiGroup").isEmpty {
        faults.append(.notSupported("\(path).apiGroup", .string(text("apiGroup")), [""]))
      }
      if !self.isNamespaced, text("namespace").isEmpty { faults.append(.required("\(path).namespace")) }
    case "User", "Group":
      if text("apiGroup") != Self.group {
        faults.append(.notSupported("\(path).apiGroup", .string(text("apiGroup")), [.string(Self.group)]))
      }
    case let other: faults.append(.notSupported("\(path).kind", .string(other), ["ServiceAccount", "User", "Group"]))
    }
    return faults
  }

  func fault(inName name: String) -> String? { MetadataFaults.fault(inSegment: name) }
}
