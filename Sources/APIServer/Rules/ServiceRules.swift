import KubernetesModel

/// Services: the defaults that clients read.
///
/// No address is allocated, as nothing routes to one.
struct ServiceRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    var spec = object.json["spec"] ?? .object([:])
    if (spec["type"]?.stringValue ?? "").isEmpty { spec["type"] = "ClusterIP" }
    let affinity = spec["sessionAffinity"]?.stringValue ?? ""
    if affinity.isEmpty { spec["sessionAffinity"] = "None" }
    if affinity == "ClientIP", spec["sessionAffinityConfig"]?["clientIP"]?["timeoutSeconds"] ?? .null == .null {
      spec["sessionAffinityConfig"] = ["clientIP": ["timeoutSeconds": 10_800]]
    }
    spec.mapElements("ports") { port in
      guard port.objectValue != nil else { return }
      if (port["protocol"]?.stringValue ?? "").isEmpty { port["protocol"] = "TCP" }
      let target = port["targetPort"] ?? .null
      if target == .null || target == 0 || target == "" { port["targetPort"] = port["port"] }
    }
    let type = spec["type"]?.stringValue ?? ""
    if spec["internalTrafficPolicy"] ?? .null == .null, ["ClusterIP", "NodePort", "LoadBalancer"].contains(type) {
      spec["internalTrafficPolicy"] = "Cluster"
    }
    if ["NodePort", "LoadBalancer"].contains(type), (spec["externalTrafficPolicy"]?.stringValue ?? "").isEmpty {
      spec["externalTrafficPolicy"] = "Cluster"
    }
    if type == "LoadBalancer", spec["allocateLoadBalancerNodePorts"] ?? .null == .null {
      spec["allocateLoadBalancerNodePorts"] = true
    }
    if Self.isHeadless(spec), type != "ExternalName" { Self.applyHeadlessDefaults(to: &spec) }
    object.json["spec"] = spec
    if object.json["status"] == nil { object.json["status"] = ["loadBalancer": .object([:])] }
  }

  private static func isHeadless(_ spec: JSONValue) -> Bool {
    spec["clusterIP"] == "None" || spec["clusterIPs"]?.arrayValue?.first == "None"
  }

  private static func applyHeadlessDefaults(to spec: inout JSONValue) {
    spec["clusterIP"] = "None"
    spec["clusterIPs"] = ["None"]
    let selectsPods = spec["selector"]?.objectValue?.isEmpty == false
    // A Service without a selector may have addresses of either family.
    if (spec["ipFamilyPolicy"]?.stringValue ?? "").isEmpty {
      spec["ipFamilyPolicy"] = selectsPods ? "SingleStack" : "RequireDualStack"
    }
    if (spec["ipFamilies"]?.arrayValue ?? []).isEmpty {
      spec["ipFamilies"] = selectsPods ? ["IPv4"] : ["IPv4", "IPv6"]
    }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let spec = object.json["spec"] ?? .object([:])
    let type = spec["type"]?.stringValue ?? ""
    var faults: [FieldFault] = []
    let isHeadless = Self.isHeadless(spec)
    if (spec["ports"]?.arrayValue ?? []).isEmpty, !isHeadless, type != "ExternalName" {
      faults.append(.required("spec.ports"))
    }
    FieldSyntax.unsupported("spec.type", spec["type"], ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"])
      .map { faults.append($0) }
    FieldSyntax.unsupported("spec.sessionAffinity", spec["sessionAffinity"], ["ClientIP", "None"])
      .map { faults.append($0) }
    if isHeadless, type == "LoadBalancer" || type == "NodePort" {
      faults.append(
        .invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for \(type) services"))
    }
    if type == "ExternalName" { faults += Self.externalNameFaults(spec) }
    if let old, old[path: "spec.clusterIP"] == "None", !isHeadless, type != "ExternalName" {
      faults.append(.immutable("spec.clusterIPs[0]", spec["clusterIPs"]?.arrayValue?.first ?? .null))
    }
    return faults + Self.portFaults(spec, type: type) + FieldSyntax.labelFaults(spec["selector"], "spec.selector")
  }

  private static func externalNameFaults(_ spec: JSONValue) -> [FieldFault] {
    var faults: [FieldFault] = []
    for field in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] where spec[field] ?? .null != .null {
      faults.append(.forbidden("spec.\(field)", "may not be set for ExternalName services"))
    }
    var name = spec["externalName"]?.stringValue ?? ""
    if name.hasSuffix(".") { name.removeLast() }
    if name.isEmpty {
      faults.append(.required("spec.externalName"))
    } else if let fault = LabelSyntax.fault(inSubdomain: name) {
      faults.append(.invalid("spec.externalName", .string(name), fault))
    }
    return faults
  }

  private static func portFaults(_ spec: JSONValue, type: String) -> [FieldFault] {
    let ports = spec["ports"]?.arrayValue ?? []
    var faults: [FieldFault] = []
    var names: Set<String> = []
    var taken: Set<String> = []
    for (index, port) in ports.enumerated() {
      let path = "spec.ports[\(index)]"
      let name = port["name"]?.stringValue ?? ""
      if name.isEmpty {
        if ports.count > 1 { faults.append(.required("\(path).name")) }
      } else {
        if let fault = LabelSyntax.fault(inLabel: name) {
          faults.append(.invalid("\(path).name", .string(name), fault))
        }
        if !names.insert(name).inserted { faults.append(.duplicate("\(path).name", .string(name))) }
      }
      let number = port["port"]?.integerValue ?? 0
      if !(1...65535).contains(number) {
        faults.append(.invalid("\(path).port", .integer(number), FieldSyntax.portRange))
      }
      FieldSyntax.unsupported("\(path).protocol", port["protocol"], ["SCTP", "TCP", "UDP"]).map { faults.append($0) }
      if let fault = FieldSyntax.fault(inPort: port["targetPort"]) {
        faults.append(.invalid("\(path).targetPort", port["targetPort"] ?? 0, fault))
      }
      if type == "ClusterIP", port["nodePort"]?.integerValue ?? 0 != 0 {
        faults.append(.forbidden("\(path).nodePort", "may not be used when `type` is 'ClusterIP'"))
      }
      if !taken.insert("\(port["protocol"]?.stringValue ?? "")/\(number)").inserted {
        faults.append(.duplicate(path, ["port": .integer(number), "protocol": port["protocol"] ?? .null]))
      }
    }
    return faults
  }

  func fault(inName name: String) -> String? { LabelSyntax.fault(inLabel: name) }
}
