import KubernetesModel

extension StructuralSchema {
  /// Removes the fields that the schema does not know, and returns their paths.
  ///
  /// `isResource` says that the value is a whole object, whose `apiVersion`, `kind` and `metadata` always stay.
  func prune(_ value: inout JSONValue, path: String = "", isResource: Bool = false) -> [String] {
    switch value {
    case .object(var fields):
      value = .null
      defer { value = .object(fields) }
      var unknown: [String] = []
      if self.isEmbeddedResource, fields["metadata"] != nil {
        unknown += BuiltInSchemas.metadata?.prune(&fields["metadata"]!, path: "\(path).metadata") ?? []
      }
      return unknown + self.pruneFields(&fields, path: path, isResource: isResource || self.isEmbeddedResource)
    case .array(var elements):
      guard let items = self.items else { return [] }
      value = .null
      defer { value = .array(elements) }
      var unknown: [String] = []
      for index in elements.indices { unknown += items.prune(&elements[index], path: "\(path)[\(index)]") }
      return unknown
    default: return []
    }
  }

  private func pruneFields(_ fields: inout [String: JSONValue], path: String, isResource: Bool) -> [String] {
    var unknown: [String] = []
    for name in fields.keys.sorted() {
      let fieldPath = path.isEmpty ? name : "\(path).\(name)"
      if isResource, name == "apiVersion" || name == "kind" || name == "metadata" { continue }
      if let property = self.properties[name] {
        unknown += property.prune(&fields[name]!, path: fieldPath)
        continue
      }
      switch self.additionalProperties {
      case .any: continue
      case .schema(let schema): unknown += schema.prune(&fields[name]!, path: fieldPath)
      case .none:
        if self.preservesUnknownFields { continue }
        fields[name] = nil
        unknown.append(fieldPath)
      }
    }
    return unknown
  }
}
