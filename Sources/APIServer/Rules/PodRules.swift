import KubernetesModel

/// Pods: defaults, what a container needs, what may change, and graceful deletion.
struct PodRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    var spec = object.json["spec"] ?? .object([:])
    let defaults: [String: JSONValue] = [
      "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
      "schedulerName": "default-scheduler", "securityContext": .object([:]), "enableServiceLinks": true,
    ]
    for (field, value) in defaults where spec[field] == nil { spec[field] = value }
    for list in ["initContainers", "containers"] {
      guard let containers = spec[list]?.arrayValue else { continue }
      spec[list] = .array(containers.map(Self.defaulted))
    }
    object.json["spec"] = spec
  }

  private static func defaulted(_ container: JSONValue) -> JSONValue {
    guard container.objectValue != nil else { return container }
    var container = container
    let image = container["image"]?.stringValue ?? ""
    let tag = image.split(separator: "/").last.map(String.init) ?? ""
    let isLatest = !image.contains("@") && (!tag.contains(":") || tag.hasSuffix(":latest"))
    let defaults: [String: JSONValue] = [
      "imagePullPolicy": isLatest ? "Always" : "IfNotPresent", "terminationMessagePath": "/dev/termination-log",
      "terminationMessagePolicy": "File", "resources": .object([:]),
    ]
    for (field, value) in defaults where container[field] == nil { container[field] = value }
    if let ports = container["ports"]?.arrayValue {
      container["ports"] = .array(
        ports.map { port in
          var port = port
          if port.objectValue != nil, port["protocol"] == nil { port["protocol"] = "TCP" }
          return port
        })
    }
    return container
  }

  func prepareForCreate(_ object: inout APIObject) {
    object.json["status"] = ["phase": "Pending", "qosClass": "BestEffort"]
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    let containers = object[path: "spec.containers"]?.arrayValue ?? []
    if containers.isEmpty { faults.append(.required("spec.containers")) }
    var names: Set<String> = []
    for (list, containers) in [
      ("containers", containers), ("initContainers", object[path: "spec.initContainers"]?.arrayValue ?? []),
    ] {
      for (index, container) in containers.enumerated() {
        faults += Self.faults(in: container, path: "spec.\(list)[\(index)]", names: &names)
      }
    }
    let policy = object[path: "spec.restartPolicy"] ?? nil
    if ![.string("Always"), .string("OnFailure"), .string("Never")].contains(policy) {
      faults.append(.notSupported("spec.restartPolicy", policy, ["Always", "OnFailure", "Never"]))
    }
    if let grace = object[path: "spec.terminationGracePeriodSeconds"]?.integerValue, grace < 0 {
      faults.append(
        .invalid(
          "spec.terminationGracePeriodSeconds", .integer(grace), "must be greater than or equal to 0"))
    }
    if let old, Self.fixedPart(of: object) != Self.fixedPart(of: old) {
      faults.append(
        .forbidden(
          "spec",
          "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
            + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"))
    }
    return faults
  }

  private static func faults(in container: JSONValue, path: String, names: inout Set<String>) -> [FieldFault] {
    var faults: [FieldFault] = []
    let name = container["name"]?.stringValue ?? ""
    if name.isEmpty {
      faults.append(.required("\(path).name"))
    } else if let fault = LabelSyntax.fault(inLabel: name) {
      faults.append(.invalid("\(path).name", .string(name), fault))
    } else if !names.insert(name).inserted {
      faults.append(.duplicate("\(path).name", .string(name)))
    }
    if (container["image"]?.stringValue ?? "").isEmpty { faults.append(.required("\(path).image")) }
    for (index, variable) in (container["env"]?.arrayValue ?? []).enumerated()
    where (variable["name"]?.stringValue ?? "").isEmpty {
      faults.append(.required("\(path).env[\(index)].name"))
    }
    for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
      guard let number = port["containerPort"]?.integerValue else {
        faults.append(.required("\(path).ports[\(index)].containerPort"))
        continue
      }
      if !(1...65535).contains(number) {
        let detail = "must be between 1 and 65535, inclusive"
        faults.append(.invalid("\(path).ports[\(index)].containerPort", .integer(number), detail))
      }
    }
    return faults
  }

  /// The specification without what may change.
  private static func fixedPart(of object: APIObject) -> JSONValue? {
    guard var spec = object.json["spec"] else { return nil }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] { spec[field] = nil }
    for list in ["initContainers", "containers"] {
      guard let containers = spec[list]?.arrayValue else { continue }
      spec[list] = .array(
        containers.map { container in
          var container = container
          if container.objectValue != nil {
            container["image"] = nil
            // Follows the image's tag when it is defaulted.
            container["imagePullPolicy"] = nil
          }
          return container
        })
    }
    return spec
  }

  /// A Pod that runs somewhere gets time to end; the node deletes it for good once its processes are gone.
  func gracePeriod(deleting object: APIObject, requested: Int64?) -> Int64 {
    let phase = object[path: "status.phase"]?.stringValue
    let node = object[path: "spec.nodeName"]?.stringValue ?? ""
    if node.isEmpty || phase == "Failed" || phase == "Succeeded" { return 0 }
    let grace = requested ?? object[path: "spec.terminationGracePeriodSeconds"]?.integerValue ?? 30
    return grace < 0 ? 1 : grace
  }
}
