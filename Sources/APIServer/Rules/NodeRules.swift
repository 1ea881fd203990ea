import KubernetesModel

/// Nodes: taints, quantities and addresses.
struct NodeRules: KindRules {
  /// The fields of `status.nodeInfo` that every node has.
  private static let software = [
    "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion",
    "kubeProxyVersion", "operatingSystem", "architecture",
  ]

  func applyDefaults(to object: inout APIObject) {
    if object.json["spec"] == nil { object.json["spec"] = .object([:]) }
    var status = object.json["status"] ?? .object([:])
    guard status.objectValue != nil else { return }
    var endpoints = status["daemonEndpoints"] ?? .object([:])
    var kubelet = endpoints["kubeletEndpoint"] ?? .object([:])
    if kubelet["Port"] == nil { kubelet["Port"] = 0 }
    endpoints["kubeletEndpoint"] = kubelet
    status["daemonEndpoints"] = endpoints
    var software = status["nodeInfo"] ?? .object([:])
    for field in Self.software where software[field] == nil { software[field] = "" }
    status["nodeInfo"] = software
    status.mapElements("conditions") { condition in
      for field in ["lastHeartbeatTime", "lastTransitionTime"] where condition[field] == nil {
        condition[field] = .null
      }
    }
    for field in ["capacity", "allocatable"] { status.canonicalizeQuantities(field) }
    if status["allocatable"] == nil { status["allocatable"] = status["capacity"] }
    object.json["status"] = status
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults = Self.taintFaults(object)
    for field in ["capacity", "allocatable"] {
      for (name, amount) in (object[path: "status.\(field)"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
        faults += ResourceFaults.amountFaults(name, amount, "status.\(field).\(name)")
      }
    }
    for (index, range) in (object[path: "spec.podCIDRs"]?.arrayValue ?? []).enumerated()
    where !SchemaFormat.accepts(range.stringValue ?? "", format: "cidr") {
      faults.append(.invalid("spec.podCIDRs[\(index)]", range, "must be a valid CIDR value"))
    }
    guard let old else { return faults }
    var addresses: Set<JSONValue> = []
    for (index, address) in (object[path: "status.addresses"]?.arrayValue ?? []).enumerated()
    where !addresses.insert(address).inserted {
      faults.append(.duplicate("status.addresses[\(index)]", address))
    }
    for (field, detail) in [
      ("podCIDRs", "node updates may not change podCIDR except from \"\" to valid"),
      ("providerID", "node updates may not change providerID except from \"\" to valid"),
    ] {
      guard let before = old[path: "spec.\(field)"], before != .null, before != "", before != .array([]),
        before != object[path: "spec.\(field)"]
      else { continue }
      faults.append(.forbidden("spec.\(field)", detail))
    }
    return faults
  }

  /// Returns the faults of taints, which kube-apiserver reports as part of the metadata.
  private static func taintFaults(_ object: APIObject) -> [FieldFault] {
    var seen: Set<[String]> = []
    return (object[path: "spec.taints"]?.arrayValue ?? []).enumerated().flatMap { index, taint -> [FieldFault] in
      let path = "metadata.taints[\(index)]"
      func text(_ field: String) -> String { taint[field]?.stringValue ?? "" }
      var faults: [FieldFault] = []
      if let fault = LabelSyntax.fault(inKey: text("key")) {
        faults.append(.invalid("\(path).key", .string(text("key")), fault))
      }
      if let fault = LabelSyntax.fault(inValue: text("value")) {
        faults.append(.invalid("\(path).value", .string(text("value")), fault))
      }
      FieldSyntax.unsupported("\(path).effect", taint["effect"], SchedulingFaults.taintEffects)
        .map { faults.append($0) }
      if !seen.insert([text("key"), text("effect")]).inserted { faults.append(.duplicate(path, taint)) }
      return faults
    }
  }
}
