import KubernetesModel

/// Strategic merge patches, as kubectl writes them for built-in kinds: lists of objects merge by a key, and `$patch`,
/// `$deleteFromPrimitiveList`, `$retainKeys` and `$setElementOrder` direct the merge.
enum StrategicMerge {
  /// The key by which the elements of a list merge, by the list's name.
  ///
  /// Lists that are not here are replaced.
  private static let mergeKeys: [String: String] = [
    "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name", "volumes": "name",
    "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name", "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey", "conditions": "type", "ownerReferences": "uid", "secrets": "name",
    "addresses": "type", "podIPs": "ip", "hostIPs": "ip", "resourceClaims": "name", "schedulingGates": "name",
    "webhooks": "name", "matchConditions": "name",
  ]
  /// Lists of texts that grow instead of being replaced.
  private static let mergedTexts: Set<String> = ["finalizers"]

  static func apply(_ patch: JSONValue, to value: JSONValue) throws(APIFailure) -> JSONValue {
    guard let changes = patch.objectValue else { return patch }
    var fields = value.objectValue ?? [:]
    switch changes["$patch"]?.stringValue {
    case "replace": return .object(changes.filter { $0.key != "$patch" })
    case "delete": return .object([:])
    case nil, "merge": ()
    case .some(let directive): throw .badRequest("Unknown patch type: \(directive)")
    }
    if let kept = changes["$retainKeys"]?.arrayValue?.compactMap(\.stringValue) {
      fields = fields.filter { kept.contains($0.key) }
    }
    for (name, change) in changes where !name.hasPrefix("$") {
      switch change {
      case .null: fields[name] = nil
      case .array(let elements): fields[name] = try Self.merge(elements, into: fields[name], name: name)
      case .object: fields[name] = try Self.apply(change, to: fields[name] ?? .object([:]))
      default: fields[name] = change
      }
    }
    for (name, change) in changes {
      if name.hasPrefix("$deleteFromPrimitiveList/") {
        let list = String(name.dropFirst("$deleteFromPrimitiveList/".count))
        let gone = change.arrayValue ?? []
        fields[list] = (fields[list]?.arrayValue).map { .array($0.filter { !gone.contains($0) }) }
      } else if name.hasPrefix("$setElementOrder/") {
        let list = String(name.dropFirst("$setElementOrder/".count))
        fields[list] = Self.ordered(fields[list], by: change.arrayValue ?? [], name: list)
      }
    }
    return .object(fields)
  }

  private static func mergeKey(_ name: String, _ elements: [JSONValue]) -> String? {
    if name == "ports" {
      // A Pod's ports merge by containerPort, a Service's by port.
      return elements.contains { $0["containerPort"] != nil } ? "containerPort" : "port"
    }
    return self.mergeKeys[name]
  }

  private static func merge(
    _ changes: [JSONValue], into old: JSONValue?, name: String
  ) throws(APIFailure) -> JSONValue {
    var elements = old?.arrayValue ?? []
    if Self.mergedTexts.contains(name) {
      for change in changes where !elements.contains(change) { elements.append(change) }
      return .array(elements)
    }
    guard let key = Self.mergeKey(name, changes + elements), changes.allSatisfy({ $0.objectValue != nil }) else {
      return .array(changes)
    }
    if changes.contains(where: { $0["$patch"] == "replace" }) {
      return .array(changes.filter { $0["$patch"] == nil })
    }
    for change in changes {
      guard let identity = change[key] else {
        throw .badRequest("map: \(FieldFault.text(change)) does not contain declared merge key: \(key)")
      }
      let index = elements.firstIndex { $0[key] == identity }
      if change["$patch"] == "delete" {
        if let index { elements.remove(at: index) }
      } else if let index {
        elements[index] = try Self.apply(change, to: elements[index])
      } else {
        elements.append(try Self.apply(change, to: .object([:])))
      }
    }
    return .array(elements)
  }

  private static func ordered(_ list: JSONValue?, by order: [JSONValue], name: String) -> JSONValue? {
    guard let elements = list?.arrayValue else { return list }
    let key = Self.mergeKey(name, elements + order)
    func rank(_ element: JSONValue) -> Int {
      order.firstIndex { wanted in key.map { wanted[$0] == element[$0] } ?? (wanted == element) } ?? order.count
    }
    return .array(
      elements.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element))
  }
}
