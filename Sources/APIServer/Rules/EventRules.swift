import KubernetesModel

/// Events, in either of the forms in which they are served: `v1`, in which they are stored, and `events.k8s.io/v1`.
struct EventRules: KindRules {
  /// Whether these are the rules of `events.k8s.io/v1`, which asks for more.
  var isStrict = false

  private static let longest = 128
  private static let longestNote = 1024

  func applyDefaults(to object: inout APIObject) {
    var stored = self.isStrict ? EventForms.stored(object) : object
    EventForms.complete(&stored)
    object = self.isStrict ? EventForms.shown(stored) : stored
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    guard self.isStrict else { return Self.commonFaults(object, controller: "reportingComponent") }
    let event = EventForms.stored(object)
    let before = old.map(EventForms.stored)
    var faults = Self.commonFaults(event, controller: "reportingController")
    if before == nil || before?.json["series"] != event.json["series"] { faults += Self.seriesFaults(event) }
    guard let before else { return faults + Self.creationFaults(event) }
    for field in [
      "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type", "eventTime",
      "action", "related", "reportingComponent", "reportingInstance",
    ] where event.json[field] != before.json[field] {
      faults.append(
        .immutable(field == "reportingComponent" ? "reportingController" : field, event.json[field] ?? .null))
    }
    return faults
  }

  private static func isSet(_ value: JSONValue?) -> Bool {
    guard let value, value != .null, value != "", value != 0 else { return false }
    return true
  }

  /// Returns the faults of either form: the namespace, and the fields that an `eventTime` requires.
  private static func commonFaults(_ event: APIObject, controller: String) -> [FieldFault] {
    let about = event[path: "involvedObject.namespace"]?.stringValue ?? ""
    let namespace = event.namespace ?? ""
    let misplaced = FieldFault.invalid(
      "involvedObject.namespace", .string(about), "does not match event.namespace")
    guard self.isSet(event.json["eventTime"]) else {
      return about == namespace || (about.isEmpty && namespace == "default") ? [] : [misplaced]
    }
    var faults: [FieldFault] = []
    if about.isEmpty, namespace != "default", namespace != "kube-system" { faults.append(misplaced) }
    func text(_ field: String) -> String { event.json[field]?.stringValue ?? "" }
    if text("reportingComponent").isEmpty { faults.append(.required(controller)) }
    if let fault = LabelSyntax.fault(inKey: text("reportingComponent")) {
      faults.append(.invalid(controller, .string(text("reportingComponent")), fault))
    }
    for field in ["reportingInstance", "action", "reason"] {
      if text(field).isEmpty { faults.append(.required(field)) }
      if text(field).unicodeScalars.count > self.longest {
        faults.append(.invalid(field, "", "can have at most \(self.longest) characters"))
      }
    }
    if text("message").utf8.count > self.longestNote {
      faults.append(.invalid("message", "", "can have at most \(self.longestNote) characters"))
    }
    return faults
  }

  private static func seriesFaults(_ event: APIObject) -> [FieldFault] {
    guard let series = event.json["series"], series != .null else { return [] }
    var faults: [FieldFault] = []
    if series["count"]?.integerValue ?? 0 < 2 { faults.append(.invalid("series.count", "", "should be at least 2")) }
    if !self.isSet(series["lastObservedTime"]) { faults.append(.required("series.lastObservedTime")) }
    return faults
  }

  private static func creationFaults(_ event: APIObject) -> [FieldFault] {
    var faults: [FieldFault] = []
    if !self.isSet(event.json["eventTime"]) { faults.append(.required("eventTime")) }
    let type = event.json["type"]?.stringValue ?? ""
    if type != "Normal", type != "Warning" { faults.append(.invalid("type", "", "has invalid value: \(type)")) }
    for field in ["firstTimestamp", "lastTimestamp", "count"] where self.isSet(event.json[field]) {
      faults.append(.invalid(field, "", "needs to be unset"))
    }
    let source = event.json["source"]
    if self.isSet(source?["component"]) || self.isSet(source?["host"]) {
      faults.append(.invalid("source", "", "needs to be unset"))
    }
    return faults
  }
}
