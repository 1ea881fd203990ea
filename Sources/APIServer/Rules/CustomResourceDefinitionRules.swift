import KubernetesModel

/// CustomResourceDefinitions: names, one storage version, schemas that can be served.
struct CustomResourceDefinitionRules: KindRules {
  /// Holds a definition until all of its objects are gone.
  static let finalizer = "customresourcecleanup.apiextensions.k8s.io"

  func applyDefaults(to object: inout APIObject) {
    guard object.json["spec"]?.objectValue != nil else { return }
    let kind = object[path: "spec.names.kind"]?.stringValue ?? ""
    if object[path: "spec.names"]?.objectValue != nil {
      if (object[path: "spec.names.singular"]?.stringValue ?? "").isEmpty {
        object.json["spec"]?["names"]?["singular"] = .string(kind.lowercased())
      }
      if (object[path: "spec.names.listKind"]?.stringValue ?? "").isEmpty {
        object.json["spec"]?["names"]?["listKind"] = .string("\(kind)List")
      }
    }
    if object[path: "spec.conversion"] == nil { object.json["spec"]?["conversion"] = ["strategy": "None"] }
  }

  func prepareForCreate(_ object: inout APIObject) {
    object.json["status"] = nil
    if !object.finalizers.contains(Self.finalizer) { object.finalizers.append(Self.finalizer) }
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults = self.nameFaults(in: object)
    let scope = object[path: "spec.scope"] ?? ""
    if ![.string("Namespaced"), .string("Cluster")].contains(scope) {
      faults.append(
        scope == ""
          ? .required("spec.scope") : .notSupported("spec.scope", scope, ["Cluster", "Namespaced"]))
    }
    if let old {
      for field in ["spec.group", "spec.scope", "spec.names.plural", "spec.names.kind"]
      where object[path: field] != old[path: field] {
        faults.append(.invalid(field, object[path: field] ?? nil, "field is immutable"))
      }
    }
    if object[path: "spec.conversion.strategy"] != "None" {
      faults.append(
        .notSupported("spec.conversion.strategy", object[path: "spec.conversion.strategy"] ?? nil, ["None"]))
    }
    return faults + self.versionFaults(in: object, replacing: old)
  }

  private func nameFaults(in object: APIObject) -> [FieldFault] {
    var faults: [FieldFault] = []
    let group = object[path: "spec.group"]?.stringValue ?? ""
    let plural = object[path: "spec.names.plural"]?.stringValue ?? ""
    if group.isEmpty {
      faults.append(.required("spec.group"))
    } else if !group.contains(".") {
      faults.append(.invalid("spec.group", .string(group), "should be a domain with at least one dot"))
    } else if let fault = LabelSyntax.fault(inSubdomain: group) {
      faults.append(.invalid("spec.group", .string(group), fault))
    }
    if plural.isEmpty {
      faults.append(.required("spec.names.plural"))
    } else if let fault = LabelSyntax.fault(inLabel: plural) {
      faults.append(.invalid("spec.names.plural", .string(plural), fault))
    }
    if (object[path: "spec.names.kind"]?.stringValue ?? "").isEmpty { faults.append(.required("spec.names.kind")) }
    let expected = "\(plural).\(group)"
    if let name = object.name, name != expected, !plural.isEmpty, !group.isEmpty {
      faults.append(.invalid("metadata.name", .string(name), "must be spec.names.plural+\".\"+spec.group"))
    }
    return faults
  }

  private func versionFaults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    let versions = object[path: "spec.versions"]?.arrayValue ?? []
    guard !versions.isEmpty else { return [.required("spec.versions")] }
    var faults: [FieldFault] = []
    let stored = versions.count { $0["storage"] == true }
    if stored != 1 {
      faults.append(
        .invalid("spec.versions", .array([]), "must have exactly one version marked as storage version"))
    }
    var names: Set<String> = []
    let schemas = Set(versions.compactMap { $0["schema"] })
    // A schema that all versions share is told of once, as that of the whole definition.
    let isShared = schemas.count == 1 && versions.allSatisfy { $0["schema"] != nil }
    for (index, version) in versions.enumerated() {
      let path = "spec.versions[\(index)]"
      let name = version["name"]?.stringValue ?? ""
      if let fault = LabelSyntax.fault(inLabel: name) {
        faults.append(name.isEmpty ? .required("\(path).name") : .invalid("\(path).name", .string(name), fault))
      } else if !names.insert(name).inserted {
        faults.append(.duplicate("\(path).name", .string(name)))
      }
      guard let schema = version["schema"]?["openAPIV3Schema"] else {
        faults.append(.required("\(path).schema.openAPIV3Schema", "schemas are required"))
        continue
      }
      if !isShared || index == 0 {
        let schemaPath = isShared ? "spec.validation.openAPIV3Schema" : "\(path).schema.openAPIV3Schema"
        faults += self.schemaFaults(schema, path: schemaPath, replacing: old)
      }
      if schema["type"] != "object" {
        faults.append(
          .invalid(
            "\(path).schema.openAPIV3Schema.type", schema["type"] ?? "", "must be object at the root"))
      }
    }
    return faults
  }

  private func schemaFaults(_ source: JSONValue, path: String, replacing old: APIObject?) -> [FieldFault] {
    let schema: StructuralSchema
    do {
      schema = try StructuralSchema(source, path: path)
    } catch {
      return [.invalid(error.path, "", error.detail)]
    }
    // What is stored already may stay as it is.
    let stored = old?[path: "spec.versions"]?.arrayValue ?? []
    guard !stored.contains(where: { $0["schema"]?["openAPIV3Schema"] == source }) else { return [] }
    let faults = DefaultFaults.all(in: schema, path: path)
    return faults + RuleDefinitionFaults.all(in: schema, path: path, compiles: faults.isEmpty)
  }
}
