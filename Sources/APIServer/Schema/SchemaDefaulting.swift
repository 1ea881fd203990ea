import KubernetesModel

extension StructuralSchema {
  /// Fills in defaults where a field is absent.
  ///
  /// A `null` where none is allowed counts as absent: the field of a property goes, or gets the default.
  func applyDefaults(to value: inout JSONValue) {
    switch value {
    case .object(var fields):
      value = .null
      defer { value = .object(fields) }
      for (name, property) in self.properties {
        if fields[name] == .null, !property.isNullable { fields[name] = nil }
        if fields[name] == nil, let defaultValue = property.defaultValue { fields[name] = defaultValue }
        if fields[name] != nil { property.applyDefaults(to: &fields[name]!) }
      }
      if case .schema(let schema) = self.additionalProperties {
        for name in fields.keys where self.properties[name] == nil {
          if fields[name] == .null, !schema.isNullable, let defaultValue = schema.defaultValue {
            fields[name] = defaultValue
          }
          if fields[name] != nil { schema.applyDefaults(to: &fields[name]!) }
        }
      }
    case .array(var elements):
      guard let items = self.items else { return }
      value = .null
      defer { value = .array(elements) }
      for index in elements.indices {
        if elements[index] == .null, !items.isNullable, let defaultValue = items.defaultValue {
          elements[index] = defaultValue
        }
        items.applyDefaults(to: &elements[index])
      }
    default: ()
    }
  }
}
