import KubernetesModel

/// Deployments: defaults and validation; no controller creates their Pods.
struct DeploymentRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    guard var spec = object.json["spec"], spec.objectValue != nil else { return }
    for (field, value) in [("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600)]
      as [(String, Int64)]
    where spec[field] ?? .null == .null {
      spec[field] = .integer(value)
    }
    var strategy = spec["strategy"] ?? .object([:])
    if (strategy["type"]?.stringValue ?? "").isEmpty { strategy["type"] = "RollingUpdate" }
    if strategy["type"] == "RollingUpdate" {
      var rolling = strategy["rollingUpdate"].flatMap { $0.objectValue == nil ? nil : $0 } ?? .object([:])
      for field in ["maxUnavailable", "maxSurge"] where rolling[field] ?? .null == .null { rolling[field] = "25%" }
      strategy["rollingUpdate"] = rolling
    }
    spec["strategy"] = strategy
    Self.applyDefaults(toTemplateOf: &spec)
    object.json["spec"] = spec
    if object.json["status"] == nil { object.json["status"] = .object([:]) }
  }

  /// Fills in a template of Pods.
  static func applyDefaults(toTemplateOf spec: inout JSONValue) {
    spec.mapField("template") { template in
      if template["metadata"] ?? .null == .null { template["metadata"] = .object([:]) }
      var pod = template["spec"] ?? .object([:])
      PodDefaults.apply(to: &pod, isPod: false)
      template["spec"] = pod
    }
  }

  func prepareForCreate(_ object: inout APIObject) { object.json["status"] = .object([:]) }

  func wanted(of object: APIObject) -> JSONValue {
    // A deployment hands its annotations down.
    ["spec": object.json["spec"] ?? .null, "annotations": object[metadata: "annotations"] ?? .null]
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let spec = object.json["spec"] ?? .object([:])
    var faults: [FieldFault] = []
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"] {
      FieldSyntax.negative("spec.\(field)", spec[field]).map { faults.append($0) }
    }
    faults += self.selectorFaults(spec) + self.strategyFaults(spec["strategy"] ?? .object([:]))
    let ready = spec["minReadySeconds"]?.integerValue ?? 0
    if let deadline = spec["progressDeadlineSeconds"]?.integerValue, deadline <= ready {
      faults.append(
        .invalid("spec.progressDeadlineSeconds", .integer(deadline), "must be greater than minReadySeconds"))
    }
    if let old, let selector = old[path: "spec.selector"], selector != spec["selector"] {
      faults.append(.immutable("spec.selector", spec["selector"] ?? .null))
    }
    return faults
  }

  private func selectorFaults(_ spec: JSONValue) -> [FieldFault] {
    var faults: [FieldFault] = []
    let selector = spec["selector"] ?? .null
    if selector == .null {
      faults.append(.required("spec.selector"))
    } else {
      faults += FieldSyntax.selectorFaults(selector, "spec.selector")
      let count =
        (selector["matchLabels"]?.objectValue?.count ?? 0) + (selector["matchExpressions"]?.arrayValue?.count ?? 0)
      if count == 0 {
        faults.append(.invalid("spec.selector", selector, "empty selector is invalid for deployment"))
      }
    }
    return faults + Self.templateFaults(spec, selector: selector)
  }

  /// The faults of a template whose Pods a selector must find.
  static func templateFaults(_ spec: JSONValue, selector: JSONValue) -> [FieldFault] {
    let template = spec["template"] ?? .object([:])
    let metadata = APIObject(["metadata": template["metadata"] ?? .object([:])])
    var faults: [FieldFault] = []
    let query = LabelQuery(selector: selector)
    if !query.requirements.isEmpty, !query.matches(metadata.labels) {
      faults.append(
        .invalid(
          "spec.template.metadata.labels", .object(metadata.labels.mapValues(JSONValue.string)),
          "`selector` does not match template `labels`"))
    }
    faults += FieldSyntax.labelFaults(template["metadata"]?["labels"], "spec.template.labels")
    let pod = template["spec"] ?? .object([:])
    faults += PodSpecFaults(spec: pod, path: "spec.template.spec", isPod: false).all
    let policy = pod["restartPolicy"]?.stringValue ?? "Always"
    if policy != "Always" {
      faults.append(.notSupported("spec.template.spec.restartPolicy", .string(policy), ["Always"]))
    }
    if let deadline = pod["activeDeadlineSeconds"], deadline != .null {
      faults.append(
        .forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"))
    }
    return faults
  }

  private func strategyFaults(_ strategy: JSONValue) -> [FieldFault] {
    let rolling = strategy["rollingUpdate"] ?? .null
    switch strategy["type"]?.stringValue ?? "" {
    case "Recreate":
      return rolling == .null
        ? [] : [.forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")]
    case "RollingUpdate":
      var faults: [FieldFault] = []
      for field in ["maxUnavailable", "maxSurge"] {
        faults += Self.shareFaults(rolling[field], "spec.strategy.rollingUpdate.\(field)")
      }
      if Self.isNothing(rolling["maxUnavailable"]), Self.isNothing(rolling["maxSurge"]) {
        faults.append(
          .invalid(
            "spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"] ?? .null,
            "may not be 0 when `maxSurge` is 0"))
      }
      if let text = rolling["maxUnavailable"]?.stringValue, let share = Int(text.dropLast()), share > 100 {
        faults.append(
          .invalid("spec.strategy.rollingUpdate.maxUnavailable", .string(text), "must not be greater than 100%"))
      }
      return faults
    default: return [.notSupported("spec.strategy", strategy, ["Recreate", "RollingUpdate"])]
    }
  }

  private static func isNothing(_ share: JSONValue?) -> Bool { share == 0 || share == "0%" }

  /// The faults of a number that is not negative, or of a percentage.
  private static func shareFaults(_ share: JSONValue?, _ path: String) -> [FieldFault] {
    if let fault = FieldSyntax.negative(path, share) { return [fault] }
    guard let text = share?.stringValue else { return [] }
    let digits = text.dropLast()
    guard text.hasSuffix("%"), !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return [
        .invalid(
          path, .string(text),
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used "
            + "for validation is '[0-9]+%')")
      ]
    }
    return []
  }
}
