import KubernetesModel
import RegularExpression

extension StructuralSchema {
  /// Every fault of a value.
  ///
  /// A part that is the same in `old` was there before, and has no fault of the schema. `isResource` says that the value
  /// is a whole object, whose metadata is checked elsewhere.
  func faults(
    in value: JSONValue, replacing old: JSONValue? = nil, path: String = "", isResource: Bool = false
  ) -> [FieldFault] {
    var outcome = self.outcome(of: value, replacing: old, path: path, isResource: isResource)
    for invariant in [self.embeddedFaults, self.listFaults] {
      // What the stored object breaks already may stay broken.
      if let old, !invariant(old, path).isEmpty { continue }
      for fault in invariant(value, path) { outcome.add(fault) }
    }
    return outcome.faults
  }

  private func outcome(
    of value: JSONValue, replacing old: JSONValue?, path: String, isResource: Bool = false
  ) -> SchemaOutcome {
    var outcome = SchemaOutcome()
    // Every check is made, whatever the others found.
    self.checkType(value, path: path, into: &outcome)
    if !value.isNull {
      if !self.combinations.isEmpty { self.checkCombinations(value, path: path, into: &outcome) }
      outcome.countMatches(2)
      switch value {
      case .integer, .double: self.checkNumber(value, path: path, into: &outcome)
      case .string(let text): self.checkString(text, path: path, into: &outcome)
      case .array(let elements):
        self.checkArray(elements, replacing: old?.arrayValue, path: path, into: &outcome)
      case .object(let fields):
        self.checkObject(
          fields, replacing: old?.objectValue, path: path, isResource: isResource || self.isEmbeddedResource,
          into: &outcome)
      case .null, .bool: ()
      }
      outcome.countMatches(2)
    }
    if let allowed = self.enumeration, !allowed.contains(where: { $0.isEquivalent(to: value) }) {
      // Shown as texts, whatever they are.
      let texts = allowed.map { JSONValue.string($0.stringValue ?? FieldFault.text($0)) }
      outcome.add(.notSupported(path, value, texts))
    }
    if !outcome.isValid, let old, old == value { outcome.forgive() }
    return outcome
  }

  private func checkType(_ value: JSONValue, path: String, into outcome: inout SchemaOutcome) {
    let fits: Bool
    let expected: String
    if self.isIntOrString {
      expected = "integer,string"
      fits = value.integerValue != nil || value.stringValue != nil
    } else if let type = self.type {
      expected = type.rawValue
      fits =
        switch (type, value) {
        case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool), (.integer, .integer),
          (.number, .integer), (.number, .double):
          true
        case (.integer, .double(let double)): double == double.rounded()
        default: false
        }
    } else {
      return
    }
    guard !fits, !(value.isNull && self.isNullable) else { return outcome.countMatches(2) }
    let found = JSONValue.string(value.typeName)
    outcome.add(.type(path, found, "\(Self.subject(path)) must be of type \(expected): \(FieldFault.text(found))"))
    outcome.countMatches()
  }

  static func subject(_ path: String) -> String { path.isEmpty ? "body" : "\(path) in body" }

  private func checkNumber(_ value: JSONValue, path: String, into outcome: inout SchemaOutcome) {
    outcome.countMatches()
    guard let number = value.numberValue else { return }
    let subject = Self.subject(path)
    if self.format == SchemaFormat.int32, value.integerValue.flatMap(Int32.init(exactly:)) == nil {
      outcome.add(.type(path, value, "\(subject) must be an integer of 32 bits"))
    }
    if let factor = self.number.multipleOf, factor > 0, (number / factor).rounded() * factor != number {
      outcome.add(.invalid(path, value, "\(subject) should be a multiple of \(Self.text(factor))"))
    }
    if let maximum = self.number.maximum, self.number.exclusiveMaximum ? number >= maximum : number > maximum {
      let relation = self.number.exclusiveMaximum ? "less than" : "less than or equal to"
      outcome.add(.invalid(path, value, "\(subject) should be \(relation) \(Self.text(maximum))"))
    }
    if let minimum = self.number.minimum, self.number.exclusiveMinimum ? number <= minimum : number < minimum {
      let relation = self.number.exclusiveMinimum ? "greater than" : "greater than or equal to"
      outcome.add(.invalid(path, value, "\(subject) should be \(relation) \(Self.text(minimum))"))
    }
  }

  private static func text(_ number: Double) -> String {
    Int64(exactly: number).map(String.init) ?? String(number)
  }

  private func checkString(_ text: String, path: String, into outcome: inout SchemaOutcome) {
    if let fault = self.fault(inText: text, path: path) { outcome.add(fault) }
    guard let format = self.format, SchemaFormat.isKnown(format) else { return }
    outcome.countMatches()
    if !SchemaFormat.accepts(text, format: format) {
      let shown = FieldFault.text(.string(text))
      let detail =
        format == Quantity.format
        ? "quantities must match the regular expression '\(Quantity.pattern)'"
        : "\(Self.subject(path)) must be of type \(format): \(shown)"
      outcome.add(.type(path, .string(text), detail))
    }
  }

  /// The first thing that is wrong with a text's length or look.
  private func fault(inText text: String, path: String) -> FieldFault? {
    let count = text.unicodeScalars.count
    if let maximum = self.length.maximum, count > maximum { return .tooLong(path, maximum) }
    if let minimum = self.length.minimum, count < minimum {
      return .invalid(path, .string(text), "\(Self.subject(path)) should be at least \(minimum) chars long")
    }
    guard let pattern = self.pattern, !pattern.matches(text) else { return nil }
    return .invalid(path, .string(text), "\(Self.subject(path)) should match '\(pattern.source)'")
  }

  private func checkArray(
    _ elements: [JSONValue], replacing old: [JSONValue]?, path: String, into outcome: inout SchemaOutcome
  ) {
    outcome.countMatches()
    if let items = self.items {
      var oldElements: [JSONValue: JSONValue] = [:]
      if self.listType == .map {
        for element in old ?? [] { self.mapKey(of: element).map { oldElements[$0] = element } }
      }
      for (index, element) in elements.enumerated() {
        let before = oldElements.isEmpty ? nil : self.mapKey(of: element).flatMap { oldElements[$0] }
        outcome.merge(items.outcome(of: element, replacing: before, path: "\(path)[\(index)]"))
      }
    }
    if let minimum = self.itemCount.minimum, elements.count < minimum {
      outcome.add(
        .invalid(
          path, .integer(Int64(elements.count)), "\(Self.subject(path)) should have at least \(minimum) items"))
    }
    if let maximum = self.itemCount.maximum, elements.count > maximum {
      outcome.add(.tooMany(path, elements.count, maximum))
    }
    if self.uniqueItems, Set(elements).count < elements.count {
      outcome.add(.invalid(path, .array(elements), "\(Self.subject(path)) shouldn't contain duplicates"))
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
    _ fields: [String: JSONValue], replacing old: [String: JSONValue]?, path: String, isResource: Bool,
    into outcome: inout SchemaOutcome
  ) {
    // With a wrong number of fields, none is looked at.
    if let minimum = self.propertyCount.minimum, fields.count < minimum {
      let detail = "\(Self.subject(path)) should have at least \(minimum) properties"
      return outcome.add(.invalid(path, .integer(Int64(fields.count)), detail))
    }
    if let maximum = self.propertyCount.maximum, fields.count > maximum {
      return outcome.add(.tooMany(path, fields.count, maximum))
    }
    for name in fields.keys.sorted() {
      if isResource, name == "apiVersion" || name == "kind" || name == "metadata" { continue }
      guard let schema = self.child(name) else { continue }
      let fieldPath = path.isEmpty ? name : "\(path).\(name)"
      outcome.merge(schema.outcome(of: fields[name]!, replacing: old?[name], path: fieldPath))
    }
    for name in self.required where fields[name] == nil {
      outcome.add(.required(path.isEmpty ? name : "\(path).\(name)"))
    }
  }

  // MARK: Combinations

  private func checkCombinations(_ value: JSONValue, path: String, into outcome: inout SchemaOutcome) {
    func outcomes(_ schemas: [StructuralSchema]) -> [SchemaOutcome] {
      schemas.map { $0.outcome(of: value, replacing: nil, path: path) }
    }
    let subject = FieldFault.text(.string(path))
    if !self.combinations.anyOf.isEmpty {
      let found = outcomes(self.combinations.anyOf)
      if let valid = found.first(where: \.isValid) {
        outcome.merge(valid)
      } else {
        outcome.add(.ofWhole("\(subject) must validate at least one schema (anyOf)"))
        Self.closest(found).map { outcome.merge($0) }
      }
    }
    if !self.combinations.oneOf.isEmpty {
      let found = outcomes(self.combinations.oneOf)
      let valid = found.filter(\.isValid)
      if valid.count == 1 {
        outcome.merge(valid[0])
      } else {
        let detail = valid.isEmpty ? "Found none valid" : "Found \(valid.count) valid alternatives"
        outcome.add(.ofWhole("\(subject) must validate one and only one schema (oneOf). \(detail)"))
        if valid.isEmpty { Self.closest(found).map { outcome.merge($0) } }
      }
    }
    if !self.combinations.allOf.isEmpty {
      let found = outcomes(self.combinations.allOf)
      for one in found { outcome.merge(one) }
      if !found.allSatisfy(\.isValid) {
        let detail = found.contains(where: \.isValid) ? "" : ". None validated"
        outcome.add(.ofWhole("\(subject) must validate all the schemas (allOf)\(detail)"))
      }
    }
    if let excluded = self.combinations.not, outcomes([excluded])[0].isValid {
      outcome.add(.ofWhole("\(subject) must not validate the schema (not)"))
    }
  }

  /// The first of the outcomes that passed most checks.
  private static func closest(_ outcomes: [SchemaOutcome]) -> SchemaOutcome? {
    outcomes.max { $0.matches < $1.matches }.flatMap { best in outcomes.first { $0.matches == best.matches } }
  }
}

extension StructuralSchema {
  /// The schema of a field, whether it is named or one of many alike.
  func child(_ field: String) -> StructuralSchema? {
    if let property = self.properties[field] { return property }
    if case .schema(let schema) = self.additionalProperties { return schema }
    return nil
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
