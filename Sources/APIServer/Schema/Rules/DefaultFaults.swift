import KubernetesModel

/// What is wrong with the defaults of a schema, each judged as it is written: before any default within it applies.
enum DefaultFaults {
  /// The faults of every default in a schema.
  ///
  /// - Parameter path: of the schema, such as `spec.validation.openAPIV3Schema`.
  static func all(in schema: StructuralSchema, path: String, isRoot: Bool = true) -> [FieldFault] {
    var faults = Self.own(of: schema, path: "\(path).default", isRoot: isRoot)
    if let items = schema.items {
      faults += Self.all(in: items, path: "\(path).items", isRoot: items.isEmbeddedResource)
    }
    for (name, property) in schema.properties.sorted(by: { $0.key < $1.key }) {
      faults += Self.all(in: property, path: "\(path).properties[\(name)]", isRoot: property.isEmbeddedResource)
    }
    return faults
  }

  private static func own(of schema: StructuralSchema, path: String, isRoot: Bool) -> [FieldFault] {
    guard let value = schema.defaultValue, !value.isNull else { return [] }
    var faults: [FieldFault] = []
    var pruned = value
    _ = schema.prune(&pruned, isResource: isRoot)
    if pruned != value { faults.append(.invalid(path, value, "must not have unknown fields")) }
    // That a set has an element twice is not looked at before there is an object.
    let schemaFaults = schema.faults(in: value, isResource: isRoot).filter { $0.reason != "FieldValueDuplicate" }
    guard schemaFaults.isEmpty else {
      return faults
        + schemaFaults.map { fault in
          let isOfWhole = fault.field.isEmpty || fault.field == "<nil>"
          var fault = fault
          fault.field = isOfWhole ? path : "\(path).\(fault.field)"
          // A default has no name of its own in a message.
          if isOfWhole, let range = fault.message.firstRange(of: ": body ") {
            fault.message.replaceSubrange(range, with: ":  in body ")
          }
          return fault
        }
    }
    guard let rules = RuleValidator(schema, isRoot: isRoot) else { return faults }
    // As a value that replaces itself; and if that holds, as a new one.
    for old in [Optional.some(value), .none] {
      var evaluation = RuleEvaluation()
      evaluation.evaluate(rules, value, replacing: old, correlation: .init(value, nil), path: path)
      guard evaluation.faults.isEmpty else { return faults + evaluation.faults }
    }
    return faults
  }
}
