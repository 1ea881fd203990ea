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
        FieldSyntax.fault(inConfigKey: key).map { .invalid("\(field)[\(key)]", .string(key), $0) }
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
