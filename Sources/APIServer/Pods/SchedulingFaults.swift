import KubernetesModel

/// Validates the fields that select a Pod's node.
struct SchedulingFaults: Sendable {
  static let taintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

  var spec: JSONValue
  var path: String

  /// Every fault.
  var all: [FieldFault] {
    FieldSyntax.labelFaults(self.spec["nodeSelector"], "\(self.path).nodeSelector") + self.tolerationFaults
      + self.affinityFaults + self.spreadFaults + self.gateFaults
  }

  private var tolerationFaults: [FieldFault] {
    (self.spec["tolerations"]?.arrayValue ?? []).enumerated().flatMap { index, toleration -> [FieldFault] in
      let path = "\(self.path).tolerations[\(index)]"
      func text(_ field: String) -> String { toleration[field]?.stringValue ?? "" }
      var faults: [FieldFault] = []
      if !text("key").isEmpty, let fault = LabelSyntax.fault(inKey: text("key")) {
        faults.append(.invalid("\(path).key", .string(text("key")), fault))
      }
      if text("key").isEmpty, text("operator") != "Exists" {
        faults.append(
          .invalid(
            "\(path).operator", .string(text("operator")),
            "operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
      }
      if toleration["tolerationSeconds"]?.integerValue != nil, text("effect") != "NoExecute" {
        faults.append(
          .invalid(
            "\(path).effect", .string(text("effect")), "effect must be 'NoExecute' when `tolerationSeconds` is set"))
      }
      switch text("operator") {
      case "Equal", "":
        if let fault = LabelSyntax.fault(inValue: text("value")) {
          faults.append(.invalid("\(path).operator", .string(text("value")), fault))
        }
      case "Exists":
        if !text("value").isEmpty {
          let detail = "value must be empty when `operator` is 'Exists'"
          faults.append(.invalid("\(path).operator", .string(text("value")), detail))
        }
      case let other: faults.append(.notSupported("\(path).operator", .string(other), ["Equal", "Exists"]))
      }
      if !text("effect").isEmpty, !Self.taintEffects.contains(text("effect")) {
        let supported = Self.taintEffects.map(JSONValue.string)
        faults.append(.notSupported("\(path).effect", .string(text("effect")), supported))
      }
      return faults
    }
  }

  // MARK: Affinity

  private var affinityFaults: [FieldFault] {
    guard let affinity = self.spec["affinity"], affinity.objectValue != nil else { return [] }
    let path = "\(self.path).affinity"
    let required = "requiredDuringSchedulingIgnoredDuringExecution"
    let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    var faults: [FieldFault] = []
    if let node = affinity["nodeAffinity"], node.objectValue != nil {
      let place = "\(path).nodeAffinity"
      if let terms = node[required], terms.objectValue != nil {
        let list = terms["nodeSelectorTerms"]?.arrayValue ?? []
        let field = "\(place).\(required).nodeSelectorTerms"
        if list.isEmpty { faults.append(.required(field, "must have at least one node selector term")) }
        for (index, term) in list.enumerated() { faults += Self.nodeTermFaults(term, "\(field)[\(index)]") }
      }
      for (index, term) in (node[preferred]?.arrayValue ?? []).enumerated() {
        let field = "\(place).\(preferred)[\(index)]"
        faults += Self.weightFaults(term, field)
        faults += Self.nodeTermFaults(term["preference"] ?? .null, "\(field).preference")
      }
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
      for (index, term) in (affinity[kind]?[required]?.arrayValue ?? []).enumerated() {
        faults += Self.podTermFaults(term, "\(path).\(kind).\(required)[\(index)]")
      }
      for (index, term) in (affinity[kind]?[preferred]?.arrayValue ?? []).enumerated() {
        let field = "\(path).\(kind).\(preferred)[\(index)]"
        faults += Self.weightFaults(term, field)
        faults += Self.podTermFaults(term["podAffinityTerm"] ?? .null, "\(field).podAffinityTerm")
      }
    }
    return faults
  }

  private static func weightFaults(_ term: JSONValue, _ path: String) -> [FieldFault] {
    let weight = term["weight"]?.integerValue ?? 0
    return (1...100).contains(weight)
      ? [] : [.invalid("\(path).weight", .integer(weight), "must be in the range 1-100")]
  }

  private static func nodeTermFaults(_ term: JSONValue, _ path: String) -> [FieldFault] {
    (term["matchExpressions"]?.arrayValue ?? []).enumerated().flatMap { index, requirement -> [FieldFault] in
      let place = "\(path).matchExpressions[\(index)]"
      let count = requirement["values"]?.arrayValue?.count ?? 0
      var faults: [FieldFault] = []
      switch requirement["operator"]?.stringValue ?? "" {
      case "In", "NotIn":
        if count == 0 {
          faults.append(.required("\(place).values", "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if count > 0 {
          let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
          faults.append(.forbidden("\(place).values", detail))
        }
      case "Gt", "Lt":
        if count != 1 {
          faults.append(.required("\(place).values", "must be specified single value when `operator` is 'Lt' or 'Gt'"))
        }
      case let other: faults.append(.invalid("\(place).operator", .string(other), "not a valid selector operator"))
      }
      let key = requirement["key"]?.stringValue ?? ""
      if let fault = LabelSyntax.fault(inKey: key) { faults.append(.invalid("\(place).key", .string(key), fault)) }
      return faults
    }
  }

  private static func podTermFaults(_ term: JSONValue, _ path: String) -> [FieldFault] {
    var faults = FieldSyntax.selectorFaults(term["labelSelector"], "\(path).labelSelector")
    let key = term["topologyKey"]?.stringValue ?? ""
    if key.isEmpty {
      faults.append(.required("\(path).topologyKey", "can not be empty"))
    } else if let fault = LabelSyntax.fault(inKey: key) {
      faults.append(.invalid("\(path).topologyKey", .string(key), fault))
    }
    return faults
  }

  // MARK: Spreading and gates

  private var spreadFaults: [FieldFault] {
    (self.spec["topologySpreadConstraints"]?.arrayValue ?? []).enumerated().flatMap { index, one -> [FieldFault] in
      let path = "\(self.path).topologySpreadConstraints[\(index)]"
      var faults: [FieldFault] = []
      if let skew = one["maxSkew"]?.integerValue, skew <= 0 {
        faults.append(.invalid("\(path).maxSkew", .integer(skew), "must be greater than zero"))
      }
      if (one["topologyKey"]?.stringValue ?? "").isEmpty {
        faults.append(.required("\(path).topologyKey", "can not be empty"))
      }
      let choice = one["whenUnsatisfiable"]?.stringValue ?? ""
      if !["DoNotSchedule", "ScheduleAnyway"].contains(choice) {
        faults.append(
          .notSupported("\(path).whenUnsatisfiable", .string(choice), ["DoNotSchedule", "ScheduleAnyway"]))
      }
      return faults + FieldSyntax.selectorFaults(one["labelSelector"], "\(path).labelSelector")
    }
  }

  private var gateFaults: [FieldFault] {
    var names: Set<String> = []
    return (self.spec["schedulingGates"]?.arrayValue ?? []).enumerated().flatMap { index, gate -> [FieldFault] in
      let path = "\(self.path).schedulingGates[\(index)]"
      let name = gate["name"]?.stringValue ?? ""
      if let fault = LabelSyntax.fault(inKey: name) { return [.invalid(path, .string(name), fault)] }
      return names.insert(name).inserted ? [] : [.duplicate("\(path).name", .string(name))]
    }
  }
}
