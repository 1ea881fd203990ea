import KubernetesModel

/// The two forms of an Event: `v1`, in which it is stored, and `events.k8s.io/v1`.
enum EventForms {
  private static let version = "events.k8s.io/v1"

  /// The fields that have another name, by that in `events.k8s.io/v1`.
  private static let names = [
    "regarding": "involvedObject", "note": "message", "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp", "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count", "reportingController": "reportingComponent",
  ]

  /// The view that serves Events as `events.k8s.io/v1`.
  static let view = ResourceView(
    storeResource: BuiltInResources.events, shown: Self.shown, stored: Self.stored,
    fields: Dictionary(
      uniqueKeysWithValues: BuiltInResources.eventFields.map { field in
        let renamed = ["regarding": "involvedObject", "reportingController": "reportingComponent"].first {
          field == $0.value || field.hasPrefix("\($0.value).")
        }
        return (renamed.map { $0.key + field.dropFirst($0.value.count) } ?? field, field)
      }))

  /// A stored Event as `events.k8s.io/v1`.
  static func shown(_ event: APIObject) -> APIObject {
    guard event.apiVersion != Self.version else { return event }
    var shown = Self.renamed(event, Dictionary(uniqueKeysWithValues: Self.names.map { ($0.value, $0.key) }))
    shown.apiVersion = Self.version
    // The real server leaves these out of this form only.
    for field in ["reportingController", "reportingInstance"] where shown.json[field] == "" { shown.json[field] = nil }
    return shown
  }

  /// An Event of either form as it is stored.
  static func stored(_ event: APIObject) -> APIObject {
    guard event.apiVersion == Self.version else { return event }
    var stored = Self.renamed(event, Self.names)
    stored.apiVersion = "v1"
    Self.complete(&stored)
    return stored
  }

  /// Gives a stored Event the fields that every one has.
  static func complete(_ event: inout APIObject) {
    let fields: [String: JSONValue] = [
      "involvedObject": .object([:]), "source": .object([:]), "firstTimestamp": .null, "lastTimestamp": .null,
      "eventTime": .null, "reportingComponent": "", "reportingInstance": "",
    ]
    for (field, value) in fields where event.json[field] ?? .null == .null { event.json[field] = value }
  }

  private static func renamed(_ event: APIObject, _ names: [String: String]) -> APIObject {
    guard let fields = event.json.objectValue else { return event }
    return APIObject(
      .object(Dictionary(fields.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })))
  }
}
