import KubernetesModel

/// Pods: defaults, validation, immutable fields, and graceful deletion.
struct PodRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    var spec = object.json["spec"] ?? .object([:])
    PodDefaults.apply(to: &spec, isPod: true)
    object.json["spec"] = spec
  }

  func prepareForCreate(_ object: inout APIObject) {
    var spec = object.json["spec"] ?? .object([:])
    PodDefaults.apply(to: &spec, isPod: true)
    object.json["status"] = ["phase": "Pending", "qosClass": .string(QualityOfService(of: spec).rawValue)]
  }

  func prepareForUpdate(_ object: inout APIObject, from old: APIObject) {
    // Fields that the server set on creation are kept if a client omits them.
    for field in ["priority", "preemptionPolicy"] where object[path: "spec.\(field)"] == nil {
      object.json["spec"]?[field] = old.json["spec"]?[field]
    }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let spec = object.json["spec"] ?? .object([:])
    var faults = PodSpecFaults(spec: spec, path: "spec", isPod: true).all
    if let old {
      faults += Self.changeFaults(from: old, to: object)
    } else {
      if spec["ephemeralContainers"]?.arrayValue?.isEmpty == false {
        faults.append(.forbidden("spec.ephemeralContainers", "cannot be set on create"))
      }
      if spec["nodeName"]?.stringValue?.isEmpty == false, spec["schedulingGates"]?.arrayValue?.isEmpty == false {
        faults.append(.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"))
      }
    }
    return faults
  }

  private static func changeFaults(from old: APIObject, to new: APIObject) -> [FieldFault] {
    for list in ["containers", "initContainers"] {
      let field = "spec.\(list)"
      let counts = [new, old].map { $0[path: field]?.arrayValue?.count ?? 0 }
      guard counts[0] == counts[1] else {
        return [.forbidden(field, "pod updates may not add or remove containers")]
      }
    }
    // One that an earlier version stored has fewer defaults.
    var before = old
    PodRules().applyDefaults(to: &before)
    guard Self.fixedPart(of: new) != Self.fixedPart(of: before) else { return [] }
    return [
      .forbidden(
        "spec",
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
          + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
          + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)")
    ]
  }

  /// The immutable part of the specification.
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
