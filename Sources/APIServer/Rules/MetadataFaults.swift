import KubernetesModel

/// What may be wrong with the metadata of any object.
enum MetadataFaults {
  /// All annotations of an object together, keys and values.
  private static let maximumAnnotationBytes = 256 << 10

  /// Finalizers that need no domain.
  private static let standardFinalizers: Set<String> = ["kubernetes", "orphan", "foregroundDeletion"]

  static func all(in object: APIObject, rules: any KindRules) -> [FieldFault] {
    var faults: [FieldFault] = []
    if let prefix = object.generateName, let fault = rules.fault(inName: prefix + "x") {
      faults.append(.invalid("metadata.generateName", .string(prefix), fault))
    }
    if let name = object.name {
      if let fault = rules.fault(inName: name) { faults.append(.invalid("metadata.name", .string(name), fault)) }
    } else {
      faults.append(.required("metadata.name", "name or generateName is required"))
    }
    return faults + self.faults(in: object, path: "metadata")
  }

  /// The faults of the metadata of an object within another.
  static func embedded(in object: APIObject, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    for (field, name) in [("generateName", object.generateName), ("name", object.name)] {
      guard let name, let fault = Self.fault(inSegment: name) else { continue }
      faults.append(.invalid("\(path).\(field)", .string(name), fault))
    }
    if let namespace = object.namespace, let fault = LabelSyntax.fault(inLabel: namespace) {
      faults.append(.invalid("\(path).namespace", .string(namespace), fault))
    }
    return faults + self.faults(in: object, path: path)
  }

  /// What is wrong with a name of which no more is asked than that it can be a part of a path.
  static func fault(inSegment name: String) -> String? {
    if name == "." || name == ".." { return "may not be '\(name)'" }
    return ["/", "%"].first(where: name.contains).map { "may not contain '\($0)'" }
  }

  private static func faults(in object: APIObject, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) {
      if let fault = LabelSyntax.fault(inKey: key) { faults.append(.invalid("\(path).labels", .string(key), fault)) }
      if let fault = LabelSyntax.fault(inValue: value) {
        faults.append(.invalid("\(path).labels", .string(value), fault))
      }
    }
    return faults + self.annotationFaults(in: object, path: path) + self.ownerFaults(in: object, path: path)
      + self.finalizerFaults(in: object, path: path)
  }

  private static func ownerFaults(in object: APIObject, path: String) -> [FieldFault] {
    let field = "\(path).ownerReferences"
    var faults: [FieldFault] = []
    var controller: String?
    for owner in object.ownerReferences {
      for part in ["apiVersion", "kind", "name", "uid"] where (owner[part]?.stringValue ?? "").isEmpty {
        faults.append(
          .invalid("\(field).\(part)", "", part == "apiVersion" ? "version must not be empty" : "must not be empty"))
      }
      if owner["apiVersion"] == "v1", owner["kind"] == "Event" {
        faults.append(.invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner"))
      }
      guard owner["controller"] == true else { continue }
      let name = "\(owner["kind"]?.stringValue ?? "")/\(owner["name"]?.stringValue ?? "")"
      if let controller {
        faults.append(
          .invalid(
            field, .array(object.ownerReferences),
            "Only one reference can have Controller set to true. Found \"true\" in references for \(controller) and "
              + name))
      } else {
        controller = name
      }
    }
    return faults
  }

  private static func finalizerFaults(in object: APIObject, path: String) -> [FieldFault] {
    let finalizers = object.finalizers
    var faults = finalizers.compactMap { finalizer in
      LabelSyntax.fault(inKey: finalizer).map { FieldFault.invalid("\(path).finalizers", .string(finalizer), $0) }
    }
    if finalizers.contains(DeletionRules.orphanFinalizer), finalizers.contains(DeletionRules.foregroundFinalizer) {
      let detail = "finalizer orphan and foregroundDeletion cannot be both set"
      faults.append(.invalid("\(path).finalizers", .array(finalizers.map(JSONValue.string)), detail))
    }
    return faults
  }

  /// The faults of finalizers that name no domain, which built-in kinds do not take.
  static func ofPlainFinalizers(in object: APIObject) -> [FieldFault] {
    object.finalizers.enumerated().filter { self.isPlain($0.element) }.map { index, finalizer in
      .invalid(
        "metadata.finalizers[\(index)]", .string(finalizer),
        "name is neither a standard finalizer name nor is it fully qualified")
    }
  }

  /// Warnings of finalizers that name no domain, for those that a custom resource gets.
  static func warnings(of object: APIObject, replacing old: APIObject?) -> [String] {
    Set(object.finalizers).subtracting(old?.finalizers ?? []).filter(self.isPlain).sorted().map {
      "metadata.finalizers: \"\($0)\": prefer a domain-qualified finalizer name including a path (/) to avoid "
        + "accidental conflicts with other finalizer writers"
    }
  }

  private static func isPlain(_ finalizer: String) -> Bool {
    !finalizer.contains("/") && !self.standardFinalizers.contains(finalizer)
  }

  private static func annotationFaults(in object: APIObject, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    var size = 0
    for (key, value) in object[metadata: "annotations"]?.objectValue ?? [:] {
      size += key.utf8.count + (value.stringValue?.utf8.count ?? 0)
      if let fault = LabelSyntax.fault(inKey: key.lowercased()) {
        faults.append(.invalid("\(path).annotations", .string(key), fault))
      }
    }
    if size > self.maximumAnnotationBytes {
      faults.append(.tooLong("\(path).annotations", self.maximumAnnotationBytes))
    }
    return faults
  }

  /// The faults of a change, as the client wants it.
  ///
  /// No finalizer may be added to an object that is being deleted, and only a deletion begins one.
  static func ofChange(from old: APIObject, to new: APIObject) -> [FieldFault] {
    var faults: [FieldFault] = []
    let added = new.finalizers.filter { !old.finalizers.contains($0) }
    if old.isTerminating, !added.isEmpty {
      let list = added.map { FieldFault.text(.string($0)) }.joined(separator: ", ")
      faults.append(
        .forbidden(
          "metadata.finalizers",
          "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"))
    }
    if let uid = new.uid, uid != old.uid { faults.append(.immutable("metadata.uid", .string(uid))) }
    if !old.isTerminating, let time = new.deletionTimestamp {
      faults.append(.immutable("metadata.deletionTimestamp", .string(time)))
    }
    if let seconds = new.deletionGracePeriodSeconds, seconds != old.deletionGracePeriodSeconds {
      faults.append(.immutable("metadata.deletionGracePeriodSeconds", .integer(seconds)))
    }
    return faults
  }
}
