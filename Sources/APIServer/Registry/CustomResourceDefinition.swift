import KubernetesModel

/// What a CustomResourceDefinition object says, and the status that it gets.
enum CustomResourceDefinition {
  /// The resource that an object defines; nil while the object is not valid.
  static func resource(of object: APIObject) -> ResourceDefinition? {
    guard let group = object[path: "spec.group"]?.stringValue, let names = object[path: "spec.names"],
      let plural = names["plural"]?.stringValue, let kind = names["kind"]?.stringValue
    else { return nil }
    let versions = (object[path: "spec.versions"]?.arrayValue ?? []).compactMap(Self.version)
    guard !versions.isEmpty else { return nil }
    func strings(_ field: String) -> [String] { names[field]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    return ResourceDefinition(
      group: group,
      names: ResourceDefinition.Names(
        plural: plural, singular: names["singular"]?.stringValue ?? kind.lowercased(), kind: kind,
        listKind: names["listKind"]?.stringValue ?? "\(kind)List", shortNames: strings("shortNames"),
        categories: strings("categories")),
      isNamespaced: object[path: "spec.scope"] != "Cluster", traits: [.custom, .generation],
      versions: versions.sorted { VersionOrder.isPreferred($0.name, $1.name) })
  }

  private static func version(_ json: JSONValue) -> ResourceDefinition.Version? {
    guard let name = json["name"]?.stringValue, let source = json["schema"]?["openAPIV3Schema"],
      // It was validated when it was written; a version that cannot be read any more is not served.
      let schema = try? StructuralSchema(source)
    else { return nil }
    let scale = Self.scalePaths(json["subresources"]?["scale"])
    return ResourceDefinition.Version(
      name: name, isServed: json["served"]?.boolValue ?? false, isStorage: json["storage"]?.boolValue ?? false,
      deprecation: json["deprecated"] == true ? json["deprecationWarning"]?.stringValue ?? "" : nil,
      schema: schema, validator: RuleValidator(schema, isRoot: true), schemaSource: source,
      hasStatus: json["subresources"]?["status"] != nil, scale: scale,
      columns: Self.columns(json["additionalPrinterColumns"]),
      selectableFields: (json["selectableFields"]?.arrayValue ?? [])
        .compactMap { $0["jsonPath"]?.stringValue }.map { String($0.drop { $0 == "." }) },
      rules: CustomResourceRules(scale: scale))
  }

  private static func scalePaths(_ json: JSONValue?) -> ResourceDefinition.ScalePaths? {
    func path(_ field: String) -> [String]? {
      json?[field]?.stringValue.map { $0.split(separator: ".").map(String.init) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    guard let spec = path("specReplicasPath"), let status = path("statusReplicasPath") else { return nil }
    return ResourceDefinition.ScalePaths(
      specReplicas: spec, statusReplicas: status, labelSelector: path("labelSelectorPath"))
  }

  private static func columns(_ json: JSONValue?) -> [PrinterColumn] {
    let columns = (json?.arrayValue ?? []).compactMap { column -> PrinterColumn? in
      guard let name = column["name"]?.stringValue, let text = column["jsonPath"]?.stringValue,
        let path = ColumnPath(text)
      else { return nil }
      return PrinterColumn(
        name: name, type: column["type"]?.stringValue ?? "string", format: column["format"]?.stringValue ?? "",
        description: column["description"]?.stringValue ?? "", priority: column["priority"]?.integerValue ?? 0,
        source: .path(path))
    }
    guard columns.isEmpty, let path = ColumnPath(".metadata.creationTimestamp") else { return columns }
    return [PrinterColumn(name: "Age", type: "date", source: .path(path))]
  }

  /// Whether another served resource of the group has one of the names that a definition wants.
  static func nameConflict(of definition: ResourceDefinition, in registry: ResourceRegistry.Snapshot) -> String? {
    for other in registry.definitions.values
    where other.group == definition.group && other.names.plural != definition.names.plural {
      if other.names.kind == definition.names.kind { return "\"\(definition.names.kind)\" is already in use" }
      let taken = Set(other.names.shortNames + [other.names.singular, other.names.plural])
      let wanted = definition.names.shortNames + [definition.names.singular, definition.names.plural]
      if let name = wanted.first(where: taken.contains) { return "\"\(name)\" is already in use" }
    }
    return nil
  }

  /// Writes names, conditions and stored versions into the status.
  ///
  /// Transition times are kept while nothing changes.
  static func setStatus(of object: inout APIObject, conflict: String?, now: Timestamp) {
    let old = object[path: "status.conditions"]?.arrayValue ?? []
    func condition(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) -> JSONValue {
      let status: JSONValue = isTrue ? "True" : "False"
      let previous = old.first { $0["type"] == .string(type) && $0["status"] == status }
      return [
        "type": .string(type), "status": status, "reason": .string(reason), "message": .string(message),
        "lastTransitionTime": previous?["lastTransitionTime"] ?? .string(now.description),
      ]
    }
    var conditions: [JSONValue]
    if let conflict {
      conditions = [
        condition("NamesAccepted", false, "NameConflict", conflict),
        condition("Established", false, "NotAccepted", "not all names are accepted"),
      ]
    } else {
      conditions = [
        condition("NamesAccepted", true, "NoConflicts", "no conflicts found"),
        condition("Established", true, "InitialNamesAccepted", "the initial names have been accepted"),
      ]
    }
    if object.isTerminating {
      conditions.append(
        condition("Terminating", true, "InstanceDeletionPending", "CustomResourceDefinition marked for deletion"))
    }
    var stored = object[path: "status.storedVersions"]?.arrayValue ?? []
    for version in object[path: "spec.versions"]?.arrayValue ?? [] where version["storage"] == true {
      if let name = version["name"], !stored.contains(name) { stored.append(name) }
    }
    object.json["status"] = [
      "conditions": .array(conditions), "acceptedNames": object[path: "spec.names"] ?? .object([:]),
      "storedVersions": .array(stored),
    ]
  }

  /// Whether the resource is served.
  static func isEstablished(_ object: APIObject) -> Bool {
    (object[path: "status.conditions"]?.arrayValue ?? [])
      .contains { $0["type"] == "Established" && $0["status"] == "True" }
  }
}
