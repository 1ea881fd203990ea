import KubernetesModel

/// PriorityClasses: a number that never changes.
struct PriorityClassRules: KindRules {
  /// The names that begin with this are the server's own.
  private static let systemPrefix = "system-"
  private static let highestOfUsers: Int64 = 1_000_000_000
  /// The classes that are there from the start.
  static let system: [(name: String, value: Int64, description: String)] = [
    (
      "system-cluster-critical", 2_000_000_000,
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."
    ),
    (
      "system-node-critical", 2_000_001_000,
      "Used for system critical pods that must not be moved from their current node."
    ),
  ]

  func applyDefaults(to object: inout APIObject) {
    if object.json["value"] ?? .null == .null { object.json["value"] = 0 }
    if (object.json["preemptionPolicy"]?.stringValue ?? "").isEmpty {
      object.json["preemptionPolicy"] = "PreemptLowerPriority"
    }
    if object.json["globalDefault"] == false { object.json["globalDefault"] = nil }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    let name = object.name ?? ""
    let value = object.json["value"]?.integerValue ?? 0
    if name.hasPrefix(Self.systemPrefix) {
      let isKnown =
        Self.system.contains { $0.name == name && $0.value == value } && object.json["globalDefault"] != true
      if !isKnown {
        faults.append(
          .forbidden(
            "metadata.name",
            "priority class names with '\(Self.systemPrefix)' prefix are reserved for system use only. error: \(name) is "
              + "not a known system priority class"))
      }
    } else if value > Self.highestOfUsers {
      faults.append(
        .forbidden("value", "maximum allowed value of a user defined priority is \(Self.highestOfUsers)"))
    }
    FieldSyntax.unsupported(
      "preemptionPolicy", object.json["preemptionPolicy"], ["PreemptLowerPriority", "Never"]
    ).map { faults.append($0) }
    guard let old else { return faults }
    if old.json["value"] != object.json["value"] {
      faults.append(.forbidden("value", "may not be changed in an update."))
    }
    if old.json["preemptionPolicy"] != object.json["preemptionPolicy"] {
      faults.append(.immutable("preemptionPolicy", object.json["preemptionPolicy"] ?? .null))
    }
    return faults
  }
}
