import KubernetesModel

/// Whether an applied configuration can be told apart field by field, which comes before every other check of it.
extension StructuralSchema {
  /// What cannot, worded as kube-apiserver words it; at most a hundred.
  func typingFaults(in config: JSONValue) -> [String] {
    var faults: [String] = []
    for (name, value) in (config.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
      switch name {
      case "apiVersion", "kind": continue
      case "metadata": BuiltInSchemas.metadata?.collectTypingFaults(in: value, path: ".metadata", into: &faults)
      default: self.collectTypingFaults(of: name, value, path: "", into: &faults)
      }
    }
    return faults
  }

  private func collectTypingFaults(in value: JSONValue, path: String, into faults: inout [String]) {
    guard faults.count < SchemaOutcome.maximumFaults, !value.isNull else { return }
    switch (self.type, value) {
    case (.object, .object(let fields)):
      for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
        if self.isEmbeddedResource, ["apiVersion", "kind", "metadata"].contains(name) { continue }
        self.collectTypingFaults(of: name, field, path: path, into: &faults)
      }
    case (.object, _): faults.append("\(path): expected map, got \(value.typeName)")
    case (.array, .array(let elements)): self.collectTypingFaults(in: elements, path: path, into: &faults)
    case (.array, _): faults.append("\(path): expected list, got \(value.typeName)")
    case (.string, .string), (.boolean, .bool), (.integer, .integer), (.integer, .double), (.number, .integer),
      (.number, .double), (nil, _):
      ()
    case (.string, _): faults.append("\(path): expected string, got \(FieldFault.text(value))")
    case (.boolean, _): faults.append("\(path): expected boolean, got \(FieldFault.text(value))")
    case (.integer, _), (.number, _):
      faults.append("\(path): expected numeric (int or float), got \(value.goTypeName)")
    }
  }

  private func collectTypingFaults(
    of name: String, _ value: JSONValue, path: String, into faults: inout [String]
  ) {
    if let schema = self.child(name) {
      schema.collectTypingFaults(in: value, path: "\(path).\(name)", into: &faults)
      return
    }
    if case .any = self.additionalProperties { return }
    // An object of which no field is named may hold any.
    guard !self.preservesUnknownFields, self.hasFields, faults.count < SchemaOutcome.maximumFaults else { return }
    faults.append("\(path).\(name): field not declared in schema")
  }

  private func collectTypingFaults(in elements: [JSONValue], path: String, into faults: inout [String]) {
    var seen: Set<FieldSet.Step> = []
    for (index, element) in elements.enumerated() {
      var place = "[\(index)]"
      if let step = self.step(to: element) {
        place = step.text
        if !seen.insert(step).inserted { faults.append("\(path): duplicate entries for key \(place)") }
      } else if self.listType == .map {
        let key = self.listMapKeys.first { element[$0] == nil } ?? ""
        faults.append(
          "\(path): element \(index): associative list with keys has an element that omits key field \"\(key)\" (and "
            + "doesn't have default value)")
      }
      self.items?.collectTypingFaults(in: element, path: path + place, into: &faults)
    }
  }

  /// How an element of a set or of a map-like list is named; nil for one that cannot be.
  private func step(to element: JSONValue) -> FieldSet.Step? {
    switch self.listType {
    case .set: return .value(element)
    case .map:
      guard let key = self.mapKey(of: element), key.objectValue?.count == self.listMapKeys.count else { return nil }
      return .key(key)
    case .atomic, nil: return nil
    }
  }
}
