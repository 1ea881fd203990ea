import KubernetesModel

/// LimitRanges: defaults and validation; the limits are not enforced.
struct LimitRangeRules: KindRules {
  private static let lists = ["min", "defaultRequest", "default", "max", "maxLimitRequestRatio"]

  func applyDefaults(to object: inout APIObject) {
    object.json.mapField("spec") { spec in
      spec.mapElements("limits") { item in
        for list in Self.lists { item.canonicalizeQuantities(list) }
        guard item["type"] == "Container" else { return }
        func amounts(_ list: String) -> [String: JSONValue] { item[list]?.objectValue ?? [:] }
        // Missing limits default to the maxima, missing requests to the limits and then to the minima.
        let limits = amounts("default").merging(amounts("max")) { said, _ in said }
        let requests = amounts("defaultRequest").merging(limits) { said, _ in said }
          .merging(amounts("min")) { said, _ in said }
        if !limits.isEmpty { item["default"] = .object(limits) }
        if !requests.isEmpty { item["defaultRequest"] = .object(requests) }
      }
    }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var types: Set<String> = []
    return (object[path: "spec.limits"]?.arrayValue ?? []).enumerated().flatMap { index, item -> [FieldFault] in
      let path = "spec.limits[\(index)]"
      let type = item["type"]?.stringValue ?? ""
      if type.isEmpty { return [.required("\(path).type")] }
      var faults: [FieldFault] = []
      if let fault = LabelSyntax.fault(inKey: type) { faults.append(.invalid("\(path).type", .string(type), fault)) }
      if !types.insert(type).inserted { faults.append(.duplicate("\(path).type", .string(type))) }
      if type == "Pod" {
        for list in ["default", "defaultRequest"] where item[list]?.objectValue?.isEmpty == false {
          faults.append(.forbidden("\(path).\(list)", "may not be specified when `type` is 'Pod'"))
        }
      }
      return faults + Self.orderFaults(item, path)
    }
  }

  /// Returns the faults of bounds that contradict each other.
  private static func orderFaults(_ item: JSONValue, _ path: String) -> [FieldFault] {
    let names = Set(self.lists.flatMap { item[$0]?.objectValue.map { Array($0.keys) } ?? [] }).sorted()
    let order = ["min", "defaultRequest", "default", "max"]
    let words = [
      "min": "min value", "defaultRequest": "default request value", "default": "default value", "max": "max value",
    ]
    var faults: [FieldFault] = []
    for name in names {
      for (index, lower) in order.enumerated() {
        for upper in order[(index + 1)...] {
          guard let low = Quantity(item[lower]?[name]), let high = Quantity(item[upper]?[name]), low > high else {
            continue
          }
          let field = lower == "defaultRequest" || upper == "max" && lower == "default" ? lower : upper
          let place = lower == "min" ? (upper == "max" ? "min" : upper) : field
          faults.append(
            .invalid(
              "\(path).\(place)[\(name)]", .string((place == lower ? low : high).description),
              "\(words[lower] ?? lower) \(low) is greater than \(words[upper] ?? upper) \(high)"))
        }
      }
    }
    return faults
  }
}

/// ResourceQuotas: validation; the quotas are not enforced.
struct ResourceQuotaRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    if object.json["spec"] == nil { object.json["spec"] = .object([:]) }
    if object.json["status"] == nil { object.json["status"] = .object([:]) }
    object.json.mapField("spec") { $0.canonicalizeQuantities("hard") }
    object.json.mapField("status") { status in
      for list in ["hard", "used"] { status.canonicalizeQuantities(list) }
    }
  }

  func prepareForCreate(_ object: inout APIObject) { object.json["status"] = .object([:]) }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    for (name, amount) in (object[path: "spec.hard"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      let path = "spec.hard[\(name)]"
      if let fault = LabelSyntax.fault(inKey: name) { faults.append(.invalid(path, .string(name), fault)) }
      faults += ResourceFaults.amountFaults(name, amount, path)
    }
    if let old, old[path: "spec.scopes"] != object[path: "spec.scopes"] {
      faults.append(.immutable("spec.scopes", object[path: "spec.scopes"] ?? .null))
    }
    return faults
  }
}
