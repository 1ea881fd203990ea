public import KubernetesModel

extension UmpireObject {
  /// What the object leaves out, as additions to it.
  ///
  /// These are the defaults that the definitions state as well, for objects that no definition has seen. Nothing that
  /// the object says is changed.
  public func defaults(missingIn json: JSONValue) throws -> JSONPatch {
    let full: JSONValue =
      switch self {
      case .server(let server): try JSONValue(encoding: server)
      case .fleet(let fleet): try JSONValue(encoding: fleet)
      case .gameType(let gameType): try JSONValue(encoding: gameType)
      case .webhookConfiguration(let configuration): try JSONValue(encoding: configuration)
      case .gameAutoscaler(let autoscaler): try JSONValue(encoding: autoscaler)
      }
    // Metadata and status have no defaults.
    return JSONPatch(
      ["spec", "webhooks"].flatMap { field -> [JSONPatch.Operation] in
        guard let given = json[field], let full = full[field] else { return [] }
        return Self.additions(to: given, from: full, at: [field])
      })
  }

  private static func additions(to given: JSONValue, from full: JSONValue, at path: [String]) -> [JSONPatch.Operation] {
    switch (given, full) {
    case (.object(let given), .object(let full)):
      full.keys.sorted().flatMap { name -> [JSONPatch.Operation] in
        let path = path + [name]
        guard let value = given[name], !value.isNull else { return [.add(JSONPointer(tokens: path), full[name]!)] }
        return self.additions(to: value, from: full[name]!, at: path)
      }
    case (.array(let given), .array(let full)) where given.count == full.count:
      given.indices.flatMap { self.additions(to: given[$0], from: full[$0], at: path + [String($0)]) }
    default: []
    }
  }
}
