import KubernetesModel

/// What may be wrong with the metadata of any object.
enum MetadataFaults {
  /// All annotations of an object together, keys and values.
  private static let maximumAnnotationBytes = 256 << 10

  static func all(in object: APIObject, rules: any KindRules) -> [FieldFault] {
    var faults: [FieldFault] = []
    if let name = object.name {
      if let fault = rules.fault(inName: name) { faults.append(.invalid("metadata.name", .string(name), fault)) }
    } else {
      faults.append(.required("metadata.name", "name or generateName is required"))
    }
    if let prefix = object.generateName, let fault = rules.fault(inName: prefix + "x") {
      faults.append(.invalid("metadata.generateName", .string(prefix), fault))
    }
    for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) {
      if let fault = LabelSyntax.fault(inKey: key) {
        faults.append(.invalid("metadata.labels", .string(key), fault))
      }
      if let fault = LabelSyntax.fault(inValue: value) {
        faults.append(.invalid("metadata.labels", .string(value), fault))
      }
    }
    faults += self.annotationFaults(in: object)
    for (index, owner) in object.ownerReferences.enumerated() {
      for field in ["apiVersion", "kind", "name", "uid"] where (owner[field]?.stringValue ?? "").isEmpty {
        faults.append(.invalid("metadata.ownerReferences[\(index)].\(field)", "", "\(field) must not be empty"))
      }
    }
    if object.ownerReferences.count(where: { $0["controller"] == true }) > 1 {
      faults.append(
        .invalid(
          "metadata.ownerReferences", .array(object.ownerReferences),
          "Only one reference can have Controller set to true"))
    }
    for finalizer in object.finalizers {
      if let fault = LabelSyntax.fault(inKey: finalizer) {
        faults.append(.invalid("metadata.finalizers", .string(finalizer), fault))
      }
    }
    return faults
  }

  private static func annotationFaults(in object: APIObject) -> [FieldFault] {
    var faults: [FieldFault] = []
    var size = 0
    for (key, value) in object[metadata: "annotations"]?.objectValue ?? [:] {
      size += key.utf8.count + (value.stringValue?.utf8.count ?? 0)
      if let fault = LabelSyntax.fault(inKey: key.lowercased()) {
        faults.append(.invalid("metadata.annotations", .string(key), fault))
      }
    }
    if size > self.maximumAnnotationBytes {
      faults.append(.tooLong("metadata.annotations", self.maximumAnnotationBytes))
    }
    return faults
  }

  /// The faults of a change.
  ///
  /// No finalizer may be added to an object that is being deleted.
  static func ofChange(from old: APIObject, to new: APIObject) -> [FieldFault] {
    guard old.isTerminating else { return [] }
    let added = new.finalizers.filter { !old.finalizers.contains($0) }
    guard !added.isEmpty else { return [] }
    let list = added.map { FieldFault.text(.string($0)) }.joined(separator: ", ")
    return [
      .forbidden(
        "metadata.finalizers",
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}")
    ]
  }
}
