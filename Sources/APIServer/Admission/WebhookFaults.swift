import FoundationEssentials
import KubernetesModel

/// What may be wrong with one webhook of a configuration.
struct WebhookFaults {
  /// The versions of AdmissionReview that this server speaks.
  static let reviewVersions: [JSONValue] = ["v1"]
  private static let form = "; desired format: https://host[/path]"

  var webhook: JSONValue
  var path: String

  var all: [FieldFault] {
    var faults = self.nameFaults
    for (index, rule) in (self.webhook["rules"]?.arrayValue ?? []).enumerated() {
      faults += WebhookRuleFaults(rule: rule, path: "\(self.path).rules[\(index)]").all
    }
    faults += self.of("failurePolicy", ["Fail", "Ignore"]) + self.of("matchPolicy", ["Equivalent", "Exact"])
    if (self.webhook["sideEffects"] ?? .null).isNull {
      faults.append(.required("\(self.path).sideEffects", "must specify one of None, NoneOnDryRun"))
    } else {
      faults += self.of("sideEffects", ["None", "NoneOnDryRun"])
    }
    if let seconds = self.webhook["timeoutSeconds"]?.integerValue, !(1...30).contains(seconds) {
      let detail = "the timeout value must be between 1 and 30 seconds"
      faults.append(.invalid("\(self.path).timeoutSeconds", .integer(seconds), detail))
    }
    faults += self.selectorFaults("namespaceSelector") + self.selectorFaults("objectSelector")
    faults += self.clientFaults + self.conditionFaults + self.versionFaults
    return faults
  }

  /// The fault of a field that may hold one of some words.
  func of(_ field: String, _ supported: [JSONValue]) -> [FieldFault] {
    guard let value = self.webhook[field], !supported.contains(value) else { return [] }
    return [.notSupported("\(self.path).\(field)", value, supported)]
  }

  private var nameFaults: [FieldFault] {
    let name = self.webhook["name"]?.stringValue ?? ""
    guard !name.isEmpty else { return [.required("\(self.path).name")] }
    if let fault = LabelSyntax.fault(inSubdomain: name) {
      return [.invalid("\(self.path).name", .string(name), fault)]
    }
    guard name.split(separator: ".").count >= 3 else {
      let detail = "should be a domain with at least three segments separated by dots"
      return [.invalid("\(self.path).name", .string(name), detail)]
    }
    return []
  }

  private func selectorFaults(_ field: String) -> [FieldFault] {
    let path = "\(self.path).\(field)"
    var faults: [FieldFault] = []
    for (key, value) in (self.webhook[field]?["matchLabels"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      if let fault = LabelSyntax.fault(inKey: key) {
        faults.append(.invalid("\(path).matchLabels", .string(key), fault))
      }
      if let fault = LabelSyntax.fault(inValue: value.stringValue ?? "") {
        faults.append(.invalid("\(path).matchLabels", value, fault))
      }
    }
    for (index, expression) in (self.webhook[field]?["matchExpressions"]?.arrayValue ?? []).enumerated() {
      let path = "\(path).matchExpressions[\(index)]"
      let hasValues = !(expression["values"]?.arrayValue ?? []).isEmpty
      switch expression["operator"] {
      case "In", "NotIn":
        if !hasValues {
          faults.append(.required("\(path).values", "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if hasValues {
          let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
          faults.append(.forbidden("\(path).values", detail))
        }
      default:
        faults.append(.invalid("\(path).operator", expression["operator"] ?? "", "not a valid selector operator"))
      }
      let key = expression["key"]?.stringValue ?? ""
      if let fault = LabelSyntax.fault(inKey: key) { faults.append(.invalid("\(path).key", .string(key), fault)) }
      for (index, value) in (expression["values"]?.arrayValue ?? []).enumerated() {
        guard let fault = LabelSyntax.fault(inValue: value.stringValue ?? "") else { continue }
        faults.append(.invalid("\(path).values[\(index)]", value, fault))
      }
    }
    return faults
  }

  private var conditionFaults: [FieldFault] {
    let path = "\(self.path).matchConditions"
    let conditions = self.webhook["matchConditions"]?.arrayValue ?? []
    guard conditions.count <= MatchConditions.maximumCount else {
      return [.tooMany(path, conditions.count, MatchConditions.maximumCount)]
    }
    var faults: [FieldFault] = []
    var names: Set<String> = []
    for (index, condition) in conditions.enumerated() {
      let path = "\(path)[\(index)]"
      let expression = condition["expression"]?.stringValue ?? ""
      if expression.trimmingWhitespace.isEmpty {
        faults.append(.required("\(path).expression"))
      } else if let fault = MatchConditions.fault(in: expression) {
        faults.append(.invalid("\(path).expression", .string(expression), fault))
      }
      let name = condition["name"]?.stringValue ?? ""
      if name.isEmpty {
        faults.append(.required("\(path).name"))
      } else if let fault = LabelSyntax.fault(inKey: name) {
        faults.append(.invalid("\(path).name", .string(name), fault))
      } else if !names.insert(name).inserted {
        faults.append(.duplicate("\(path).name", .string(name)))
      }
    }
    return faults
  }

  private var versionFaults: [FieldFault] {
    let path = "\(self.path).admissionReviewVersions"
    let versions = self.webhook["admissionReviewVersions"]?.arrayValue ?? []
    guard !versions.isEmpty else { return [.required(path, "must specify one of v1")] }
    guard versions.contains(where: Self.reviewVersions.contains) else {
      return [.invalid(path, .array(versions), "must include at least one of v1")]
    }
    return []
  }

  // MARK: Where it listens

  private var clientFaults: [FieldFault] {
    let path = "\(self.path).clientConfig"
    let client = self.webhook["clientConfig"] ?? .null
    var faults: [FieldFault] = []
    switch (client["url"] ?? .null, client["service"] ?? .null) {
    case (.string(let url), .null): faults += Self.urlFaults(url, "\(path).url")
    case (.null, .object(let service)): faults += Self.serviceFaults(.object(service), "\(path).service")
    default: faults.append(.required(path, "exactly one of url or service is required"))
    }
    if let bundle = client["caBundle"]?.stringValue, Data(base64Encoded: bundle) == nil {
      faults.append(.invalid("\(path).caBundle", "<omitted>", "must be base64"))
    }
    return faults
  }

  private static func urlFaults(_ text: String, _ path: String) -> [FieldFault] {
    let url = AdmissionURL(text)
    var faults: [FieldFault] = []
    if url.scheme != "https" {
      faults.append(.invalid(path, .string(url.scheme), "'https' is the only allowed URL scheme" + Self.form))
    }
    if url.authority.isEmpty { faults.append(.invalid(path, "", "host must be provided" + Self.form)) }
    // A password must not come back in an error.
    if url.hasUser { faults.append(.invalid(path, "<omitted>", "user information is not permitted in the URL")) }
    if url.hasFragment { faults.append(.invalid(path, .string(text), "fragments are not permitted in the URL")) }
    if url.hasQuery {
      faults.append(.invalid(path, .string(text), "query parameters are not permitted in the URL"))
    }
    if !text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
      faults.append(.required(path, "url must be a valid URL" + Self.form))
    }
    return faults
  }

  private static func serviceFaults(_ service: JSONValue, _ path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    for field in ["name", "namespace"] {
      let name = service[field]?.stringValue ?? ""
      if name.isEmpty {
        faults.append(.required("\(path).\(field)", "service \(field) is required"))
      } else if let fault = LabelSyntax.fault(inLabel: name) {
        faults.append(.invalid("\(path).\(field)", .string(name), fault))
      }
    }
    if let port = service["port"]?.integerValue, !(1...65535).contains(port) {
      let detail = "port is not valid: must be between 1 and 65535, inclusive"
      faults.append(.invalid("\(path).port", .integer(port), detail))
    }
    guard let text = service["path"]?.stringValue, !text.isEmpty, text != "/" else { return faults }
    guard text.hasPrefix("/") else {
      return faults + [.invalid("\(path).path", .string(text), "must start with a '/'")]
    }
    var steps = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    if steps.last?.isEmpty == true, steps.count > 1 { steps.removeLast() }
    for (index, step) in steps.enumerated() {
      let fault = step.isEmpty ? " may not be empty" : LabelSyntax.fault(inSubdomain: String(step)).map { ": \($0)" }
      guard let fault else { continue }
      faults.append(.invalid("\(path).path", .string(text), "segment[\(index)]\(fault)"))
    }
    return faults
  }
}
