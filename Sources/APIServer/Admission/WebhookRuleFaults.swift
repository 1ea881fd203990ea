import KubernetesModel

/// What may be wrong with one rule of a webhook.
struct WebhookRuleFaults {
  private static let operations: [JSONValue] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]

  var rule: JSONValue
  var path: String

  var all: [FieldFault] {
    var faults = self.listFaults("operations", alone: "if '*' is present, must not specify other operations")
    for (index, operation) in self.values("operations").enumerated() where !Self.operations.contains(operation) {
      faults.append(.notSupported("\(self.path).operations[\(index)]", operation, Self.operations))
    }
    faults += self.listFaults("apiGroups", alone: "if '*' is present, must not specify other API groups")
    faults += self.listFaults("apiVersions", alone: "if '*' is present, must not specify other API versions")
    faults += self.resourceFaults
    if let scope = self.rule["scope"], !["*", "Cluster", "Namespaced"].contains(scope) {
      faults.append(.notSupported("\(self.path).scope", scope, ["*", "Cluster", "Namespaced"]))
    }
    return faults
  }

  private func values(_ field: String) -> [JSONValue] { self.rule[field]?.arrayValue ?? [] }

  private func listFaults(_ field: String, alone: String) -> [FieldFault] {
    let values = self.values(field)
    let path = "\(self.path).\(field)"
    var faults: [FieldFault] = values.isEmpty ? [.required(path)] : []
    if values.count > 1, values.contains("*") { faults.append(.invalid(path, .array(values), alone)) }
    // The core group has no name.
    if field != "apiGroups" {
      for (index, value) in values.enumerated() where value == "" { faults.append(.required("\(path)[\(index)]")) }
    }
    return faults
  }

  private var resourceFaults: [FieldFault] {
    let values = self.values("resources")
    let path = "\(self.path).resources"
    var faults: [FieldFault] = values.isEmpty ? [.required(path)] : []
    for (index, value) in values.enumerated() where value == "" { faults.append(.required("\(path)[\(index)]")) }
    if values.count > 1, values.contains("*/*") {
      faults.append(.invalid(path, .array(values), "if '*/*' is present, must not specify other resources"))
    }
    let names = values.compactMap(\.stringValue).filter { !$0.contains("/") }
    if names.count > 1, names.contains("*") {
      let detail = "if '*' is present, must not specify other resources without subresources"
      faults.append(.invalid(path, .array(values), detail))
    }
    return faults
  }
}
