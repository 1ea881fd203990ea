import KubernetesModel

/// What objects must keep to beside their schema's own checks.
extension StructuralSchema {
  // MARK: Lists

  /// Elements of sets and of map-like lists that are there twice.
  func listFaults(in value: JSONValue, path: String) -> [FieldFault] {
    switch value {
    case .object(let fields):
      return fields.keys.sorted().flatMap { name -> [FieldFault] in
        guard let schema = self.child(name) else { return [] }
        return schema.listFaults(in: fields[name]!, path: self.path(of: name, in: path))
      }
    case .array(let elements):
      let faults: [FieldFault] =
        switch self.listType {
        case .set: Self.repeated(elements, path: path)
        case .map: self.mapFaults(in: elements, path: path)
        case .atomic, nil: []
        }
      guard let items = self.items else { return faults }
      return faults
        + elements.enumerated().flatMap { items.listFaults(in: $0.element, path: "\(path)[\($0.offset)]") }
    default: return []
    }
  }

  private func mapFaults(in elements: [JSONValue], path: String) -> [FieldFault] {
    if let index = elements.firstIndex(where: { $0.objectValue == nil && !$0.isNull }) {
      let detail = "must be an object for an array of list-type map"
      return [.invalid("\(path)[\(index)]", elements[index], detail)]
    }
    return Self.repeated(elements.map { self.mapKey(of: $0) ?? .object([:]) }, path: path)
  }

  /// A fault for every value that comes again, at its second place.
  private static func repeated(_ values: [JSONValue], path: String) -> [FieldFault] {
    var counts: [JSONValue: Int] = [:]
    return values.enumerated().compactMap { index, value in
      counts[value, default: 0] += 1
      return counts[value] == 2 ? .duplicate("\(path)[\(index)]", value) : nil
    }
  }

  private func path(of field: String, in path: String) -> String {
    if self.properties[field] == nil { return "\(path)[\(field)]" }
    return path.isEmpty ? field : "\(path).\(field)"
  }

  // MARK: Embedded resources

  /// Faults of the type and the metadata of objects within the object.
  func embeddedFaults(in value: JSONValue, path: String) -> [FieldFault] {
    switch value {
    case .object(let fields):
      let own = self.isEmbeddedResource ? Self.resourceFaults(in: fields, path: path) : []
      return own
        + fields.keys.sorted().flatMap { name -> [FieldFault] in
          guard let schema = self.child(name) else { return [] }
          return schema.embeddedFaults(in: fields[name]!, path: self.path(of: name, in: path))
        }
    case .array(let elements):
      guard let items = self.items else { return [] }
      return elements.enumerated().flatMap { items.embeddedFaults(in: $0.element, path: "\(path)[\($0.offset)]") }
    default: return []
    }
  }

  private static func resourceFaults(in fields: [String: JSONValue], path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    for field in ["apiVersion", "kind"] {
      guard let value = fields[field], value != "" else {
        faults.append(.required("\(path).\(field)"))
        continue
      }
      guard let text = value.stringValue else {
        faults.append(.invalid("\(path).\(field)", value, "must be a string"))
        continue
      }
      if field == "apiVersion", text.count(where: { $0 == "/" }) > 1 {
        faults.append(.invalid("\(path).\(field)", value, "unexpected GroupVersion string: \(text)"))
      } else if field == "kind", let fault = LabelSyntax.fault(inLabel: text.lowercased()) {
        let detail = "may have mixed case, but should otherwise match: \(fault)"
        faults.append(.invalid("\(path).\(field)", value, detail))
      }
    }
    guard let metadata = fields["metadata"] else { return faults }
    let types = BuiltInSchemas.metadata?.faults(in: metadata, path: "metadata") ?? []
    if let fault = types.first(where: { $0.reason == "FieldValueTypeInvalid" }) {
      return faults + [.invalid("\(path).metadata", metadata, fault.message)]
    }
    return faults + MetadataFaults.embedded(in: APIObject(.object(fields)), path: "\(path).metadata")
  }
}
