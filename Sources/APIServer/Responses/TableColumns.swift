import KubernetesModel

/// Renders objects as the rows that `kubectl get` prints.
struct TableColumns: Sendable {
  private let columns: [PrinterColumn]
  private let now: Timestamp

  init(_ resource: ServedResource, now: Timestamp) {
    self.columns = resource.version.columns
    self.now = now
  }

  /// The heads of the columns.
  var definitions: JSONValue {
    let name: JSONValue = [
      "name": "Name", "type": "string", "format": "name", "priority": 0,
      "description": "Name must be unique within a namespace.",
    ]
    return .array(
      [name]
        + self.columns.map { column in
          [
            "name": .string(column.name), "type": .string(column.type), "format": .string(column.format),
            "description": .string(column.description), "priority": .integer(column.priority),
          ]
        })
  }

  /// The row of an object.
  ///
  /// `object` is what the row carries beside its cells.
  func row(_ object: APIObject, carrying carried: JSONValue?) -> JSONValue {
    let cells = [JSONValue.string(object.name ?? "")] + self.columns.map { self.cell($0, object) }
    var row: JSONValue = ["cells": .array(cells)]
    row["object"] = carried
    return row
  }

  private func cell(_ column: PrinterColumn, _ object: APIObject) -> JSONValue {
    let values: [JSONValue]
    switch column.source {
    case .path(let path): values = path.values(in: object.json)
    case .computed(let compute): return compute(object, self.now)
    case .count(let path): values = [.integer(Int64(path.values(in: object.json).first?.arrayValue?.count ?? 0))]
    case .readyContainers:
      let ready = (object[path: "status.containerStatuses"]?.arrayValue ?? []).count { $0["ready"] == true }
      return .string("\(ready)/\(object[path: "spec.containers"]?.arrayValue?.count ?? 0)")
    case .podState: return .string(Self.podState(object))
    case .restarts:
      let statuses = object[path: "status.containerStatuses"]?.arrayValue ?? []
      return .string(String(statuses.reduce(0) { $0 + ($1["restartCount"]?.integerValue ?? 0) }))
    }
    guard let first = values.first, !first.isNull else { return nil }
    switch column.type {
    case "integer":
      if case .double(let double) = first {
        return Int64(exactly: double.rounded(.towardZero)).map(JSONValue.integer) ?? nil
      }
      return first.integerValue.map(JSONValue.integer) ?? nil
    case "number": return first.numberValue == nil ? nil : first
    case "boolean": return first.boolValue.map(JSONValue.bool) ?? nil
    case "date": return .string(Self.age(ofTime: first.stringValue, at: self.now))
    default: return .string(values.map { $0.stringValue ?? FieldFault.text($0) }.joined(separator: " "))
    }
  }

  private static func podState(_ pod: APIObject) -> String {
    if pod.isTerminating { return "Terminating" }
    let waiting = (pod[path: "status.containerStatuses"]?.arrayValue ?? []).lazy
      .compactMap { $0["state"]?["waiting"]?["reason"]?.stringValue }.first
    return waiting ?? pod[path: "status.reason"]?.stringValue ?? pod[path: "status.phase"]?.stringValue ?? "Unknown"
  }

  /// The time since another as people read ages; `<unknown>` if there is none.
  static func age(ofTime time: String?, at now: Timestamp) -> String {
    guard let time = time.flatMap({ Timestamp($0) }) else { return "<unknown>" }
    return self.age(now.secondsSinceEpoch - time.secondsSinceEpoch)
  }

  /// Seconds as people read ages: `5s`, `3m20s`, `2h5m`, `3d4h`, `1y20d`.
  static func age(_ seconds: Int64) -> String {
    func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
      small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
    if seconds < -1 { return "<invalid>" }
    if seconds < 120 { return "\(max(0, seconds))s" }
    let minutes = seconds / 60
    if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
    if minutes < 180 { return "\(minutes)m" }
    let hours = minutes / 60
    if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
    if hours < 48 { return "\(hours)h" }
    let days = hours / 24
    if days < 8 { return pair(days, "d", hours % 24, "h") }
    if days < 730 { return "\(days)d" }
    if days < 2920 { return pair(days / 365, "y", days % 365, "d") }
    return "\(days / 365)y"
  }
}
