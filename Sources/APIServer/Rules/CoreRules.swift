import FoundationEssentials
import KubernetesModel

/// ConfigMaps: what is immutable stays.
struct ConfigMapRules: KindRules {
  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults = DataRules.keyFaults(in: object, fields: ["data", "binaryData"])
    faults += DataRules.immutabilityFaults(in: object, replacing: old, fields: ["data", "binaryData"])
    return faults
  }
}

/// Secrets: `stringData` is written in plain text and stored as `data`.
struct SecretRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    if object.json["type"] == nil { object.json["type"] = "Opaque" }
    guard let texts = object.json["stringData"]?.objectValue else { return }
    var data = object.json["data"]?.objectValue ?? [:]
    for (key, text) in texts {
      data[key] = .string(Data((text.stringValue ?? "").utf8).base64EncodedString())
    }
    object.json["stringData"] = nil
    object.json["data"] = .object(data)
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults = DataRules.keyFaults(in: object, fields: ["data"])
    for (key, value) in object.json["data"]?.objectValue ?? [:] {
      guard let text = value.stringValue, Data(base64Encoded: text) == nil else { continue }
      faults.append(.invalid("data[\(key)]", "<omitted>", "must be base64"))
    }
    faults += DataRules.immutabilityFaults(in: object, replacing: old, fields: ["data"])
    if let old, let type = old.json["type"], type != object.json["type"] {
      faults.append(.invalid("type", object.json["type"] ?? nil, "field is immutable"))
    }
    return faults
  }
}

/// What ConfigMaps and Secrets have in common.
private enum DataRules {
  static func keyFaults(in object: APIObject, fields: [String]) -> [FieldFault] {
    fields.flatMap { field in
      (object.json[field]?.objectValue?.keys.sorted() ?? []).compactMap { key -> FieldFault? in
        let isValid =
          !key.isEmpty && key.utf8.count <= 253 && key != "." && !key.hasPrefix("..")
          && key.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0)
          }
        guard !isValid else { return nil }
        return .invalid(
          "\(field)[\(key)]", .string(key),
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
      }
    }
  }

  static func immutabilityFaults(in object: APIObject, replacing old: APIObject?, fields: [String]) -> [FieldFault] {
    guard let old, old.json["immutable"] == true else { return [] }
    var faults: [FieldFault] = []
    if object.json["immutable"] != true {
      faults.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
    }
    for field in fields where object.json[field] != old.json[field] {
      faults.append(.forbidden(field, "field is immutable when `immutable` is set"))
    }
    return faults
  }
}

/// Namespaces: a phase, and a finalizer that their contents hold.
struct NamespaceRules: KindRules {
  static let finalizer: JSONValue = "kubernetes"

  func applyDefaults(to object: inout APIObject) {
    guard let name = object.name else { return }
    if object[metadata: "labels"] == nil { object[metadata: "labels"] = .object([:]) }
    object.json["metadata"]?["labels"]?["kubernetes.io/metadata.name"] = .string(name)
  }

  func prepareForCreate(_ object: inout APIObject) {
    object.json["status"] = ["phase": "Active"]
    var finalizers = object[path: "spec.finalizers"]?.arrayValue ?? []
    if !finalizers.contains(Self.finalizer) { finalizers.append(Self.finalizer) }
    object.json["spec"] = ["finalizers": .array(finalizers)]
  }

  func prepareForUpdate(_ object: inout APIObject, from old: APIObject) { object.json["spec"] = old.json["spec"] }

  func fault(inName name: String) -> String? { LabelSyntax.fault(inLabel: name) }
}

/// Services: the defaults that clients read.
///
/// No address is allocated, as nothing routes to one.
struct ServiceRules: KindRules {
  func applyDefaults(to object: inout APIObject) {
    var spec = object.json["spec"] ?? .object([:])
    if spec["type"] == nil { spec["type"] = "ClusterIP" }
    if spec["sessionAffinity"] == nil { spec["sessionAffinity"] = "None" }
    if let ports = spec["ports"]?.arrayValue {
      spec["ports"] = .array(
        ports.map { port in
          var port = port
          if port["protocol"] == nil { port["protocol"] = "TCP" }
          if port["targetPort"] == nil { port["targetPort"] = port["port"] }
          return port
        })
    }
    object.json["spec"] = spec
    if object.json["status"] == nil { object.json["status"] = ["loadBalancer": .object([:])] }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    for (index, port) in (object[path: "spec.ports"]?.arrayValue ?? []).enumerated() {
      guard let number = port["port"]?.integerValue, (1...65535).contains(number) else {
        let detail = "must be between 1 and 65535, inclusive"
        faults.append(.invalid("spec.ports[\(index)].port", port["port"] ?? 0, detail))
        continue
      }
    }
    return faults
  }

  func fault(inName name: String) -> String? { LabelSyntax.fault(inLabel: name) }
}

/// Leases: durations are positive.
struct LeaseRules: KindRules {
  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    if let seconds = object[path: "spec.leaseDurationSeconds"]?.integerValue, seconds <= 0 {
      faults.append(.invalid("spec.leaseDurationSeconds", .integer(seconds), "must be greater than 0"))
    }
    if let count = object[path: "spec.leaseTransitions"]?.integerValue, count < 0 {
      faults.append(.invalid("spec.leaseTransitions", .integer(count), "must be greater than or equal to 0"))
    }
    return faults
  }
}

/// Events: they lie in the namespace of the object that they are about.
struct EventRules: KindRules {
  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let about = object[path: "involvedObject.namespace"]?.stringValue ?? ""
    let namespace = object.namespace ?? ""
    guard about == namespace || (about.isEmpty && namespace == "default") else {
      return [.invalid("involvedObject.namespace", .string(about), "does not match event.namespace")]
    }
    return []
  }
}
