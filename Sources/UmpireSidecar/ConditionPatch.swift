import KubernetesModel
import UmpireModel

/// A JSON patch that sets one condition of a Server's status and touches no other.
///
/// It is made from a copy that may be old by the time it arrives, so it tests what it relies on: the condition's place
/// in the list where it replaces one, the object's version where it adds one. A test that fails changes nothing.
struct ConditionPatch: Sendable, Hashable {
  /// The operations.
  let json: JSONValue

  /// - Returns: nil when the condition already says so.
  init?(_ flag: SidecarFlag, _ value: Bool, on server: Server, now: Timestamp) {
    let conditions = server.status?.conditions
    let condition = Self.condition(flag, value, generation: server.metadata.generation, now: now)
    if let index = conditions?.firstIndex(where: { $0.type == flag.conditionType }) {
      guard conditions?[index].status != .init(value) else { return nil }
      let path = "/status/conditions/\(index)"
      self.json = [
        Self.test("\(path)/type", .string(flag.conditionType)),
        ["op": "replace", "path": .string(path), "value": condition],
      ]
      return
    }
    // An absent list and an empty one look alike here; either way the whole list is this one condition.
    let change: JSONValue =
      if server.status == nil {
        ["op": "add", "path": "/status", "value": ["conditions": [condition]]]
      } else if conditions?.isEmpty ?? true {
        ["op": "add", "path": "/status/conditions", "value": [condition]]
      } else {
        ["op": "add", "path": "/status/conditions/-", "value": condition]
      }
    self.json = [
      Self.test("/metadata/resourceVersion", .string(server.metadata.resourceVersion ?? "")), change,
    ]
  }

  private static func test(_ path: String, _ value: JSONValue) -> JSONValue {
    ["op": "test", "path": .string(path), "value": value]
  }

  private static func condition(_ flag: SidecarFlag, _ value: Bool, generation: Int64?, now: Timestamp) -> JSONValue {
    var condition: JSONValue = [
      "type": .string(flag.conditionType), "status": .string(Condition.Truth(value).rawValue),
      "reason": .string(flag.reason(for: value)), "message": "", "lastTransitionTime": .string(now.description),
    ]
    condition["observedGeneration"] = generation.map(JSONValue.integer)
    return condition
  }
}
