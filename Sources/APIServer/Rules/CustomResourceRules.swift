import KubernetesModel

/// Custom resources: what the scale subresource reads must be readable.
struct CustomResourceRules: KindRules {
  var scale: ResourceDefinition.ScalePaths?

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    guard let scale = self.scale else { return [] }
    var faults: [FieldFault] = []
    faults += Self.replicaFaults(in: object, scale.specReplicas)
    faults += Self.replicaFaults(in: object, scale.statusReplicas)
    if let path = scale.labelSelector, let value = path.reduce(Optional(object.json), { $0?[$1] }),
      value.stringValue == nil
    {
      let name = "." + path.joined(separator: ".")
      faults.append(
        .invalid(
          name, "", "\(name) accessor error: \(Self.shown(value)) is of the type \(value.goTypeName), expected string"))
    }
    return faults
  }

  private static func replicaFaults(in object: APIObject, _ path: [String]) -> [FieldFault] {
    let name = "." + path.joined(separator: ".")
    guard let value = path.reduce(Optional(object.json), { $0?[$1] }) else { return [] }
    guard let count = value.integerValue else {
      let detail =
        "\(name) accessor error: \(Self.shown(value)) is of the type \(value.goTypeName), expected int64"
      return [.invalid(name, 0, detail)]
    }
    if count < 0 { return [.invalid(name, value, "should be a non-negative integer")] }
    if count > Int64(Int32.max) { return [.invalid(name, value, "should be less than or equal to \(Int32.max)")] }
    return []
  }

  private static func shown(_ value: JSONValue) -> String { value.stringValue ?? FieldFault.text(value) }
}

extension JSONValue {
  /// The type's name where the real server prints its own.
  var goTypeName: String {
    switch self {
    case .null: "<nil>"
    case .bool: "bool"
    case .integer: "int64"
    case .double: "float64"
    case .string: "string"
    case .array: "[]interface {}"
    case .object: "map[string]interface {}"
    }
  }
}
