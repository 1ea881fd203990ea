package import KubernetesModel
package import UmpireModel

/// A JSON patch that sets some conditions of a Server's status and touches no others.
///
/// It is made from a copy that may be old by the time it arrives, so it tests what it relies on: whose status it is,
/// the condition's place and status where it replaces one, the object's version where it adds one. A test that fails
/// changes nothing.
package struct ConditionPatch: Sendable, Hashable {
  /// The operations.
  package let json: JSONValue

  /// - Parameter conditions: as they are to be; the time of the last transition is found out.
  /// - Returns: nil when the Server has every one of them already.
  package init?(_ conditions: [Condition], on server: Server, now: Timestamp) {
    let present = server.status?.conditions ?? []
    var tests: [JSONValue] = []
    var changes: [JSONValue] = []
    var added: [JSONValue] = []
    for condition in conditions {
      guard let index = present.firstIndex(where: { $0.type == condition.type }) else {
        added.append(Self.json(condition, since: now))
        continue
      }
      let old = present[index]
      guard !old.isSame(as: condition) else { continue }
      let path = "/status/conditions/\(index)"
      // Beside the place the status, by which it is known whether this is a transition.
      tests += [
        Self.test("\(path)/type", .string(old.type)), Self.test("\(path)/status", .string(old.status.rawValue)),
      ]
      let since = old.status == condition.status ? old.lastTransitionTime ?? now : now
      changes.append(["op": "replace", "path": .string(path), "value": Self.json(condition, since: since)])
    }
    if !added.isEmpty {
      tests.append(Self.test("/metadata/resourceVersion", .string(server.metadata.resourceVersion ?? "")))
      changes += Self.adding(added, to: server.status)
    }
    guard !changes.isEmpty else { return nil }
    if let uid = server.metadata.uid { tests.insert(Self.test("/metadata/uid", .string(uid)), at: 0) }
    self.json = .array(tests + changes)
  }

  /// An absent list and an empty one look alike here; either way these are then the whole list.
  private static func adding(_ conditions: [JSONValue], to status: ServerStatus?) -> [JSONValue] {
    guard let status else {
      return [["op": "add", "path": "/status", "value": ["conditions": .array(conditions)]]]
    }
    guard !status.conditions.isEmpty else {
      return [["op": "add", "path": "/status/conditions", "value": .array(conditions)]]
    }
    return conditions.map { ["op": "add", "path": "/status/conditions/-", "value": $0] }
  }

  private static func test(_ path: String, _ value: JSONValue) -> JSONValue {
    ["op": "test", "path": .string(path), "value": value]
  }

  private static func json(_ condition: Condition, since: Timestamp) -> JSONValue {
    var json: JSONValue = [
      "type": .string(condition.type), "status": .string(condition.status.rawValue),
      "reason": .string(condition.reason ?? ""), "message": .string(condition.message ?? ""),
      "lastTransitionTime": .string(since.description),
    ]
    json["lastProbeTime"] = condition.lastProbeTime.map { .string($0.description) }
    json["observedGeneration"] = condition.observedGeneration.map(JSONValue.integer)
    json["observedRestarts"] = condition.observedRestarts.map(JSONValue.integer)
    return json
  }
}

extension Condition {
  /// Whether two conditions are the same but for the time of the last transition.
  fileprivate func isSame(as other: Condition) -> Bool {
    self.saysTheSame(as: other)
      && self.lastProbeTime?.secondsSinceEpoch == other.lastProbeTime?.secondsSinceEpoch
  }
}
