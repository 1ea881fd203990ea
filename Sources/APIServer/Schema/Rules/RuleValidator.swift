import CommonExpressionLanguage
import KubernetesModel

/// The compiled rules of a schema, in a tree of the schema's form.
///
/// A class, because it is shared by every request; nothing in it ever changes.
final class RuleValidator: Sendable {
  let schema: StructuralSchema
  let shape: JSONShape
  let rules: [CompiledRule]
  let items: RuleValidator?
  let properties: [String: RuleValidator]
  let additionalProperties: RuleValidator?

  /// Compiles the rules of a schema; nil if there are none.
  ///
  /// - Parameter shape: of the schema's values, if it is known already.
  convenience init?(_ schema: StructuralSchema, isRoot: Bool = false) {
    guard schema.hasRules else { return nil }
    self.init(schema, shape: schema.shape(isRoot: isRoot))
  }

  private init?(_ schema: StructuralSchema, shape: JSONShape) {
    guard schema.hasRules else { return nil }
    self.schema = schema
    self.shape = shape
    self.rules = schema.rules.map { CompiledRule($0, schema: schema, shape: shape) }
    var (items, values): (RuleValidator?, RuleValidator?)
    var properties: [String: RuleValidator] = [:]
    if let itemSchema = schema.items, case .list(let itemShape, _) = shape.kind {
      items = RuleValidator(itemSchema, shape: itemShape)
    }
    if case .schema(let valueSchema) = schema.additionalProperties, let valueShape = shape.shape(of: "") {
      values = RuleValidator(valueSchema, shape: valueShape)
    }
    for (name, property) in schema.properties {
      // A field of a type that expressions do not see has no rules either.
      guard let fieldShape = shape.shape(of: name), !fieldShape.isOpaque else { continue }
      properties[name] = RuleValidator(property, shape: fieldShape)
    }
    self.items = items
    self.properties = properties
    self.additionalProperties = values
  }

  /// The faults of an object by the rules.
  ///
  /// - Parameters:
  ///   - old: the object that it replaces; a rule may fail where nothing changed.
  ///   - others: the faults that the schema found; after some of them no rule is evaluated.
  func faults(in object: JSONValue, replacing old: JSONValue?, after others: [FieldFault]) -> [FieldFault] {
    guard !others.contains(where: \.blocksRules) else {
      let detail = "some validation rules were not checked because the object was invalid; correct the existing errors "
      return [.invalid("<nil>", .null, detail + "to complete validation")]
    }
    var evaluation = RuleEvaluation()
    evaluation.evaluate(self, object, replacing: old, correlation: .init(object, old), path: "")
    return evaluation.faults
  }
}

extension StructuralSchema {
  /// Whether the schema or one within it has rules.
  fileprivate var hasRules: Bool {
    if !self.rules.isEmpty || self.items?.hasRules == true { return true }
    if case .schema(let values) = self.additionalProperties, values.hasRules { return true }
    return self.properties.values.contains(where: \.hasRules)
  }
}

extension FieldFault {
  /// Whether an object with the fault has no types that rules could rely on.
  fileprivate var blocksRules: Bool {
    [
      "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid",
    ].contains(self.reason)
  }
}
