import KubernetesModel

/// NetworkPolicies: defaults and validation; the policies are not enforced.
struct NetworkPolicyRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    var spec = object.json["spec"] ?? .object([:])
    guard spec.objectValue != nil else { return }
    if spec["podSelector"] ?? .null == .null { spec["podSelector"] = .object([:]) }
    for direction in ["ingress", "egress"] {
      spec.mapElements(direction) { rule in
        rule.mapElements("ports") { port in
          if port.objectValue != nil, port["protocol"] ?? .null == .null { port["protocol"] = "TCP" }
        }
      }
    }
    if (spec["policyTypes"]?.arrayValue ?? []).isEmpty {
      let hasEgress = spec["egress"]?.arrayValue?.isEmpty == false
      spec["policyTypes"] = hasEgress ? ["Ingress", "Egress"] : ["Ingress"]
    }
    object.json["spec"] = spec
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let spec = object.json["spec"] ?? .object([:])
    var faults = FieldSyntax.selectorFaults(spec["podSelector"], "spec.podSelector")
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
      for (index, rule) in (spec[direction]?.arrayValue ?? []).enumerated() {
        let path = "spec.\(direction)[\(index)]"
        for (position, port) in (rule["ports"]?.arrayValue ?? []).enumerated() {
          faults += Self.portFaults(port, "\(path).ports[\(position)]")
        }
        for (position, peer) in (rule[peers]?.arrayValue ?? []).enumerated() {
          faults += Self.peerFaults(peer, "\(path).\(peers)[\(position)]")
        }
      }
    }
    let types = spec["policyTypes"]?.arrayValue ?? []
    if types.count > 2 {
      faults.append(.invalid("spec.policyTypes", .array(types), "may not specify more than two policyTypes"))
      return faults
    }
    for (index, type) in types.enumerated() where type != "Ingress" && type != "Egress" {
      faults.append(.notSupported("spec.policyTypes[\(index)]", type, ["Egress", "Ingress"]))
    }
    return faults
  }

  private static func portFaults(_ port: JSONValue, _ path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    if let text = port["protocol"]?.stringValue, !["TCP", "UDP", "SCTP"].contains(text) {
      faults.append(.notSupported("\(path).protocol", .string(text), ["SCTP", "TCP", "UDP"]))
    }
    let end = port["endPort"]?.integerValue
    guard let value = port["port"], value != .null else {
      if let end {
        faults.append(.invalid("\(path).endPort", .integer(end), "may not be specified when `port` is not specified"))
      }
      return faults
    }
    if let fault = FieldSyntax.fault(inPort: value) { faults.append(.invalid("\(path).port", value, fault)) }
    guard let end else { return faults }
    guard let number = value.integerValue else {
      faults.append(.invalid("\(path).endPort", .integer(end), "may not be specified when `port` is non-numeric"))
      return faults
    }
    if end < number {
      faults.append(.invalid("\(path).endPort", .integer(number), "must be greater than or equal to `port`"))
    }
    if !(1...65535).contains(end) { faults.append(.invalid("\(path).endPort", .integer(end), FieldSyntax.portRange)) }
    return faults
  }

  private static func peerFaults(_ peer: JSONValue, _ path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    let kinds = ["podSelector", "namespaceSelector", "ipBlock"].filter { peer[$0] ?? .null != .null }
    for kind in kinds where kind != "ipBlock" { faults += FieldSyntax.selectorFaults(peer[kind], "\(path).\(kind)") }
    if kinds.contains("ipBlock") {
      let block = peer["ipBlock"] ?? .null
      let range = block["cidr"]?.stringValue ?? ""
      if range.isEmpty {
        faults.append(.required("\(path).ipBlock.cidr"))
      } else if !SchemaFormat.accepts(range, format: "cidr") {
        faults.append(.invalid("\(path).ipBlock.cidr", .string(range), "must be a valid CIDR value"))
      }
      for (index, except) in (block["except"]?.arrayValue ?? []).enumerated()
      where !SchemaFormat.accepts(except.stringValue ?? "", format: "cidr") {
        faults.append(.invalid("\(path).ipBlock.except[\(index)]", except, "must be a valid CIDR value"))
      }
    }
    if kinds.isEmpty {
      faults.append(.required(path, "must specify a peer"))
    } else if kinds.count > 1, kinds.contains("ipBlock") {
      faults.append(.forbidden(path, "may not specify both ipBlock and another peer"))
    }
    return faults
  }
}
