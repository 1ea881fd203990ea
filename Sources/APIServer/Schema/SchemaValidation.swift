import KubernetesModel

extension StructuralSchema {
  /// A server lists this many faults of one object at most.
  static let maximumFaults = 100

  /// Every fault of a value.
  ///
  /// `isResource` says that the value is a whole object, whose metadata is checked elsewhere.
  func faults(in value: JSONValue, path: String = "", isResource: Bool = false) -> [FieldFault] {
    var faults: [FieldFault] = []
    self.validate(value, path: path, isResource: isResource, into: &faults)
    return faults
  }

  private func validate(_ value: JSONValue, path: String, isResource: Bool, into faults: inout [FieldFault]) {
    guard faults.count < Self.maximumFaults else { return }
    if value.isNull, self.isNullable { return }
    guard self.checkType(value, path: path, into: &faults) else { return }
    switch value {
    case .integer, .double: self.checkNumber(value, path: path, into: &faults)
    case .string(let text): self.checkString(text, path: path, into: &faults)
    case .array(let elements): self.checkArray(elements, path: path, into: &faults)
    case .object(let fields):
      self.checkObject(fields, path: path, isResource: isResource || self.isEmbeddedResource, into: &faults)
    case .null, .bool: ()
    }
    if let allowed = self.enumeration, !allowed.contains(where: { $0.isEquivalent(to: value) }) {
      faults.append(.notSupported(path, value, allowed))
    }
    if !self.combinations.isEmpty { self.checkCombinations(value, path: path, into: &faults) }
  }

  private func checkType(_ value: JSONValue, path: String, into faults: inout [FieldFault]) -> Bool {
    if self.isIntOrString {
      switch value {
      case .integer, .string: return true
      default:
        faults.append(Self.typeFault(value, path: path, expected: "integer,string"))
        return false
      }
    }
    guard let type = self.type else { return true }
    let fits =
      switch (type, value) {
      case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool), (.integer, .integer),
        (.number, .integer), (.number, .double):
        true
      case (.integer, .double(let double)): double == double.rounded()
      default: false
      }
    if !fits { faults.append(Self.typeFault(value, path: path, expected: type.rawValue)) }
    return fits
  }

  private static func typeFault(_ value: JSONValue, path: String, expected: String) -> FieldFault {
    let found = JSONValue.string(value.typeName)
    return .type(path, found, "\(Self.subject(path)) must be of type \(expected): \(FieldFault.text(found))")
  }

  static func subject(_ path: String) -> String { path.isEmpty ? "body" : "\(path) in body" }

  private func checkNumber(_ value: JSONValue, path: String, into faults: inout [FieldFault]) {
    guard let number = value.numberValue else { return }
    let subject = Self.subject(path)
    if let minimum = self.number.minimum, self.number.exclusiveMinimum ? number <= minimum : number < minimum {
      let relation = self.number.exclusiveMinimum ? "greater than" : "greater than or equal to"
      faults.append(.invalid(path, value, "\(subject) should be \(relation) \(Self.text(minimum))"))
    }
    if let maximum = self.number.maximum, self.number.exclusiveMaximum ? number >= maximum : number > maximum {
      let relation = self.number.exclusiveMaximum ? "less than" : "less than or equal to"
      faults.append(.invalid(path, value, "\(subject) should be \(relation) \(Self.text(maximum))"))
    }
    if let factor = self.number.multipleOf, factor > 0, (number / factor).rounded() * factor != number {
      faults.append(.invalid(path, value, "\(subject) should be a multiple of \(Self.text(factor))"))
    }
    if let integer = value.integerValue, self.format == "int32", Int32(exactly: integer) == nil {
      faults.append(.invalid(path, value, "\(subject) must be of type int32: \"integer\""))
    }
  }

  private static func text(_ number: Double) -> String {
    Int64(exactly: number).map(String.init) ?? String(number)
  }

  private func checkString(_ text: String, path: String, into faults: inout [FieldFault]) {
    let count = text.unicodeScalars.count
    if let maximum = self.length.maximum, count > maximum { faults.append(.tooLong(path, maximum)) }
    if let minimum = self.length.minimum, count < minimum {
      faults.append(
        .invalid(path, .string(text), "\(Self.subject(path)) should be at least \(minimum) chars long"))
    }
    if let pattern = self.pattern, !pattern.matches(text) {
      faults.append(.invalid(path, .string(text), "\(Self.subject(path)) should match '\(pattern.source)'"))
    }
    if let format = self.format, !SchemaFormat.accepts(text, format: format) {
      faults.append(
        .type(
          path, .string(text), "\(Self.subject(path)) must be of type \(format): \(FieldFault.text(.string(text)))"))
    }
  }

  private func checkArray(_ elements: [JSONValue], path: String, into faults: inout [FieldFault]) {
    if let maximum = self.itemCount.maximum, elements.count > maximum {
      faults.append(.tooMany(path, elements.count, maximum))
    }
    if let minimum = self.itemCount.minimum, elements.count < minimum {
      faults.append(
        .invalid(
          path, .integer(Int64(elements.count)), "\(Self.subject(path)) should have at least \(minimum) items"))
    }
    if self.uniqueItems, Set(elements).count < elements.count {
      faults.append(.invalid(path, .array(elements), "\(Self.subject(path)) shouldn't contain duplicates"))
    }
    if let items = self.items {
      for (index, element) in elements.enumerated() {
        items.validate(element, path: "\(path)[\(index)]", isResource: false, into: &faults)
      }
    }
    switch self.listType {
    case .set: Self.checkUnique(elements.map(Optional.some), path: path, into: &faults)
    case .map: Self.checkUnique(elements.map(self.mapKey), path: path, into: &faults)
    case .atomic, nil: ()
    }
  }

  private static func checkUnique(_ keys: [JSONValue?], path: String, into faults: inout [FieldFault]) {
    var seen: Set<JSONValue> = []
    for (index, key) in keys.enumerated() {
      guard let key else { continue }
      if !seen.insert(key).inserted { faults.append(.duplicate("\(path)[\(index)]", key)) }
    }
  }

  /// The key of an element of a map-like list; absent keys count by their default.
  func mapKey(of element: JSONValue) -> JSONValue? {
    guard let fields = element.objectValue else { return nil }
    var key: [String: JSONValue] = [:]
    for name in self.listMapKeys { key[name] = fields[name] ?? self.items?.properties[name]?.defaultValue }
    return .object(key)
  }

  private func checkObject(
    _ fields: [String: JSONValue], path: String, isResource: Bool, into faults: inout [FieldFault]
  ) {
    if let maximum = self.propertyCount.maximum, fields.count > maximum {
      faults.append(.tooMany(path, fields.count, maximum))
    }
    if let minimum = self.propertyCount.minimum, fields.count < minimum {
      faults.append(
        .invalid(
          path, .integer(Int64(fields.count)), "\(Self.subject(path)) should have at least \(minimum) properties"))
    }
    for name in fields.keys.sorted() {
      if isResource, name == "apiVersion" || name == "kind" || name == "metadata" { continue }
      let fieldPath = path.isEmpty ? name : "\(path).\(name)"
      if let property = self.properties[name] {
        property.validate(fields[name]!, path: fieldPath, isResource: false, into: &faults)
      } else if case .schema(let schema) = self.additionalProperties {
        schema.validate(fields[name]!, path: fieldPath, isResource: false, into: &faults)
      }
    }
    for name in self.required where fields[name] == nil {
      faults.append(.required(path.isEmpty ? name : "\(path).\(name)"))
    }
  }

  private func checkCombinations(_ value: JSONValue, path: String, into faults: inout [FieldFault]) {
    func fits(_ schema: StructuralSchema) -> Bool { schema.faults(in: value, path: path).isEmpty }
    for schema in self.combinations.allOf { schema.validate(value, path: path, isResource: false, into: &faults) }
    let subject = Self.subject(path)
    if !self.combinations.anyOf.isEmpty, !self.combinations.anyOf.contains(where: fits) {
      faults.append(.invalid(path, value, "\(subject) must validate at least one schema (anyOf)"))
    }
    if !self.combinations.oneOf.isEmpty, self.combinations.oneOf.count(where: fits) != 1 {
      faults.append(.invalid(path, value, "\(subject) must validate one and only one schema (oneOf)"))
    }
    if let excluded = self.combinations.not, fits(excluded) {
      faults.append(.invalid(path, value, "\(subject) must not validate the schema (not)"))
    }
  }
}

extension JSONValue {
  /// The type's name in messages.
  var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .double: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
