import CommonExpressionLanguage
import KubernetesModel

/// What is wrong with the rules of a schema: their fields, their expressions, and what they may cost.
struct RuleDefinitionFaults {
  /// What one rule may cost for one object, in cel-go's units.
  private static let ruleCostLimit: UInt64 = 10_000_000
  /// What all rules of a schema may cost together.
  private static let schemaCostLimit: UInt64 = 100_000_000
  private static let advice =
    "(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are "
    + "declared)"

  /// A place in a schema.
  private struct Place {
    var schema: StructuralSchema
    /// Nil where no expression can read the values.
    var shape: JSONShape?
    var path: String
    /// How often the place may occur in an object; nil if nothing bounds that.
    var cardinality: UInt64? = 1
    /// The part of the schema within which no old value can be found.
    var uncorrelatable: String?
  }

  /// The faults of a place and of those below.
  private struct Findings {
    var schema: [FieldFault] = []
    var rules: [FieldFault] = []

    mutating func merge(_ other: Findings) {
      self.schema += other.schema
      self.rules += other.rules
    }
  }

  private var total: UInt64 = 0
  private var expensive: [(path: String, cost: UInt64)] = []

  /// Every fault.
  ///
  /// - Parameters:
  ///   - path: of the schema, such as `spec.validation.openAPIV3Schema`.
  ///   - compiles: false to look at the rules' other fields only.
  static func all(in schema: StructuralSchema, path: String, compiles: Bool) -> [FieldFault] {
    var checker = RuleDefinitionFaults()
    let shape = compiles ? schema.shape(isRoot: true) : nil
    let found = checker.check(Place(schema: schema, shape: shape, path: path), compiles: compiles)
    return found.schema + found.rules + checker.totalFaults(path)
  }

  private mutating func check(_ place: Place, compiles: Bool) -> Findings {
    var found = Findings()
    for child in Self.children(of: place) { found.merge(self.check(child, compiles: compiles)) }
    found.schema += Self.combinationFaults(place)
    for (index, rule) in place.schema.rules.enumerated() {
      found.schema += Self.fieldFaults(rule, place.schema, path: "\(place.path).x-kubernetes-validations[\(index)]")
    }
    guard found.schema.isEmpty, compiles, !place.schema.rules.isEmpty else { return found }
    guard let shape = place.shape, !shape.isOpaque else {
      let detail =
        "Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: "
        + "unable to convert structural schema to CEL declarations"
      found.rules.append(
        FieldFault(field: "\(place.path).x-kubernetes-validations", reason: "InternalError", message: detail))
      return found
    }
    for (index, rule) in place.schema.rules.enumerated() {
      let path = "\(place.path).x-kubernetes-validations[\(index)]"
      found.rules += self.expressionFaults(
        CompiledRule(rule, schema: place.schema, shape: shape), place, shape, path: path)
    }
    return found
  }

  private static func children(of place: Place) -> [Place] {
    func child(_ schema: StructuralSchema, _ shape: JSONShape?, _ step: String, isCorrelatable: Bool = true) -> Place {
      Place(
        schema: schema, shape: shape, path: "\(place.path).\(step)", cardinality: Self.cardinality(below: place),
        uncorrelatable: place.uncorrelatable ?? (isCorrelatable ? nil : place.path))
    }
    var children: [Place] = []
    if case .schema(let values) = place.schema.additionalProperties {
      children.append(child(values, place.shape?.shape(of: ""), "additionalProperties"))
    }
    for (name, property) in place.schema.properties.sorted(by: { $0.key < $1.key }) {
      // A field without a name in expressions has rules of its own all the same.
      let shape = place.shape?.shape(of: name) ?? (place.shape == nil ? nil : property.shape())
      children.append(child(property, shape, "properties[\(name)]"))
    }
    if let items = place.schema.items {
      let shape: JSONShape? = if case .list(let shape, _)? = place.shape?.kind { shape } else { nil }
      children.append(child(items, shape, "items", isCorrelatable: place.schema.listType == .map))
    }
    return children
  }

  private static func cardinality(below place: Place) -> UInt64? {
    let factor: Int?
    switch (place.schema.type, place.schema.additionalProperties) {
    case (.object, .schema), (.object, .any): factor = place.schema.propertyCount.maximum
    case (.array, _): factor = place.schema.itemCount.maximum
    default: factor = 1
    }
    guard let cardinality = place.cardinality, let factor else { return nil }
    return cardinality.saturatingMultiply(UInt64(max(0, factor)))
  }

  /// Rules within `allOf` and its like are not part of a structural schema.
  private static func combinationFaults(_ place: Place) -> [FieldFault] {
    let combinations = place.schema.combinations
    let named =
      combinations.allOf.enumerated().map { ("allOf[\($0.offset)]", $0.element) }
      + combinations.anyOf.enumerated().map { ("anyOf[\($0.offset)]", $0.element) }
      + combinations.oneOf.enumerated().map { ("oneOf[\($0.offset)]", $0.element) }
      + (combinations.not.map { [("not", $0)] } ?? [])
    return named.filter { !$0.1.rules.isEmpty }.map {
      .forbidden("\(place.path).\($0.0).x-kubernetes-validations", "must be empty to be structural")
    }
  }

  private static func fieldFaults(_ rule: SchemaRule, _ schema: StructuralSchema, path: String) -> [FieldFault] {
    var faults: [FieldFault] = []
    let (text, message) = (rule.rule.trimmingWhitespace, rule.message.trimmingWhitespace)
    if text.isEmpty {
      faults.append(.required("\(path).rule", "rule is not specified"))
    } else if !rule.message.isEmpty, message.isEmpty {
      faults.append(.invalid("\(path).message", .string(rule.message), "must be non-empty if specified"))
    } else if message.hasLineBreak {
      faults.append(.invalid("\(path).message", .string(rule.message), "must not contain line breaks"))
    } else if text.hasLineBreak, message.isEmpty {
      faults.append(.required("\(path).message", "message must be specified if rule contains line breaks"))
    }
    if !rule.messageExpression.isEmpty, rule.messageExpression.trimmingWhitespace.isEmpty {
      faults.append(.required("\(path).messageExpression", "messageExpression must be non-empty if specified"))
    }
    if let reason = rule.reason, SchemaRule.Reason(rawValue: reason) == nil {
      faults.append(
        .notSupported("\(path).reason", .string(reason), SchemaRule.Reason.allCases.map { .string($0.rawValue) }))
    }
    guard !rule.fieldPath.isEmpty else { return faults }
    let fieldPath = JSONValue.string(rule.fieldPath)
    if rule.fieldPath.trimmingWhitespace.isEmpty {
      faults.append(.invalid("\(path).fieldPath", fieldPath, "must be non-empty if specified"))
    }
    if rule.fieldPath.hasLineBreak {
      faults.append(.invalid("\(path).fieldPath", fieldPath, "must not contain line breaks"))
    }
    if SchemaFieldPath(rule.fieldPath, in: schema) == nil {
      faults.append(.invalid("\(path).fieldPath", fieldPath, "must be a valid path"))
    }
    return faults
  }

  // MARK: Expressions

  private mutating func expressionFaults(
    _ rule: CompiledRule, _ place: Place, _ shape: JSONShape, path: String
  ) -> [FieldFault] {
    var faults: [FieldFault] = []
    func invalid(_ field: String, _ fault: CompiledRule.RuleFault) -> FieldFault {
      FieldFault(
        field: "\(path).\(field)", reason: "FieldValueInvalid",
        message: "Invalid value: \(rule.source.shownValue): \(fault.message)")
    }
    switch rule.program {
    case .success(let program)?:
      // Where nothing bounds how often a place occurs, a request's size does.
      let occurrences = place.cardinality ?? Self.maximumRequestBytes / (shape.limits.minimumBytes + 1)
      let cost = program.estimatedCost(shape).saturatingMultiply(occurrences)
      faults += self.costFaults("estimated rule cost", cost, path: "\(path).rule")
    case .failure(let fault)?: faults.append(invalid("rule", fault))
    case nil: ()
    }
    switch rule.message {
    case .success(let program)?:
      faults += self.costFaults(
        "estimated messageExpression cost", program.estimatedCost(shape), path: "\(path).messageExpression")
    case .failure(let fault)?: faults.append(invalid("messageExpression", fault))
    case nil: ()
    }
    if rule.usesOldSelf {
      if let place = place.uncorrelatable {
        let detail = "oldSelf cannot be used on the uncorrelatable portion of the schema within \(place)"
        faults.append(.invalid("\(path).rule", .string(rule.source.rule), detail))
      }
    } else if let optional = rule.source.optionalOldSelf {
      faults.append(
        .invalid("\(path).optionalOldSelf", .bool(optional), "may not be set if oldSelf is not used in rule"))
    }
    return faults
  }

  private static let maximumRequestBytes = StructuralSchema.maximumRequestBytes

  // MARK: Costs

  private mutating func costFaults(_ subject: String, _ cost: UInt64, path: String) -> [FieldFault] {
    self.total = self.total.saturatingAdd(cost)
    if cost >= Self.schemaCostLimit / 100 {
      self.expensive.append((path, cost))
      self.expensive.sort { $0.cost > $1.cost }
      self.expensive = Array(self.expensive.prefix(4))
    }
    guard cost > Self.ruleCostLimit else { return [] }
    return [.forbidden(path, Self.costMessage(subject, cost, Self.ruleCostLimit))]
  }

  private func totalFaults(_ path: String) -> [FieldFault] {
    guard self.total > Self.schemaCostLimit else { return [] }
    let contributed = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"
    let subject = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema"
    return self.expensive.map { .forbidden($0.path, contributed) }
      + [.forbidden(path, Self.costMessage(subject, self.total, Self.schemaCostLimit))]
  }

  private static func costMessage(_ subject: String, _ cost: UInt64, _ limit: UInt64) -> String {
    let factor = Double(cost) / Double(limit)
    let text = factor > 100 ? "more than 100" : Self.decimal(factor, digits: factor < 1.5 ? 6 : 1)
    return "\(subject) exceeds budget by factor of \(text)x \(Self.advice)"
  }

  private static func decimal(_ number: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    let (whole, fraction) = Int((number * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
    return "\(whole).\(String(scale + fraction).dropFirst())"
  }
}
