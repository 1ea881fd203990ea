import CommonExpressionLanguage
import KubernetesModel

/// Evaluates the rules of a schema on one object, within a budget.
struct RuleEvaluation {
  /// What all rules may cost together for one object, in cel-go's units.
  private static let costBudget = 10_000_000
  /// The longest message that an expression may give, in bytes.
  private static let maximumMessageBytes = 5 * 1024

  private var budget = Self.costBudget
  /// What the rules found.
  private(set) var faults: [FieldFault] = []

  /// Evaluates the rules at a place and below it.
  mutating func evaluate(
    _ validator: RuleValidator, _ value: JSONValue, replacing old: JSONValue?, correlation: RuleCorrelation,
    path: String
  ) {
    guard self.budget >= 0, !value.isNull, self.faults.count < SchemaOutcome.maximumFaults else { return }
    let place = Place(validator: validator, value: value, old: old, correlation: correlation, path: path)
    self.evaluateRules(place)
    switch value {
    case .array(let elements):
      guard let items = validator.items else { return }
      // Only lists with keys have old elements to compare with.
      var oldElements: [JSONValue: JSONValue] = [:]
      if validator.schema.listType == .map {
        for element in old?.arrayValue ?? [] { validator.schema.mapKey(of: element).map { oldElements[$0] = element } }
      }
      for (index, element) in elements.enumerated() {
        let before = oldElements.isEmpty ? nil : validator.schema.mapKey(of: element).flatMap { oldElements[$0] }
        self.evaluate(
          items, element, replacing: before, correlation: correlation.element(index, of: validator.schema),
          path: "\(path)[\(index)]")
      }
    case .object(let fields):
      for name in fields.keys.sorted() {
        if let values = validator.additionalProperties {
          self.evaluate(
            values, fields[name]!, replacing: old?[name], correlation: correlation.field(name), path: "\(path)[\(name)]"
          )
        }
        if let property = validator.properties[name] {
          self.evaluate(
            property, fields[name]!, replacing: old?[name], correlation: correlation.field(name),
            path: path.isEmpty ? name : "\(path).\(name)")
        }
      }
    default: ()
    }
  }

  /// A value, and the rules that hold for it.
  private struct Place {
    var validator: RuleValidator
    var value: JSONValue
    var old: JSONValue?
    var correlation: RuleCorrelation
    var path: String

    var shownPath: String { self.path.isEmpty ? "<nil>" : self.path }

    /// A fault that tells the type of the value instead of the value.
    func typeFault(_ detail: String) -> FieldFault {
      .invalid(self.shownPath, .string(self.validator.schema.type?.rawValue ?? ""), detail)
    }
  }

  private mutating func evaluateRules(_ place: Place) {
    guard !place.validator.rules.isEmpty else { return }
    let old: JSONValue? = if let old = place.old, !old.isNull { old } else { .none }
    var variables: [String: Value]
    var optionalVariables: [String: Value]
    do {
      variables = [CompiledRule.selfName: try place.validator.shape.value(of: place.value)]
      optionalVariables = variables
      let oldValue = try old.map { try place.validator.shape.value(of: $0) }
      variables[CompiledRule.oldSelfName] = oldValue
      optionalVariables[CompiledRule.oldSelfName] = .optional(oldValue)
    } catch {
      return self.faults.append(place.typeFault("\(error)"))
    }
    for rule in place.validator.rules {
      guard self.budget >= 0 else { return }
      let isOptional = rule.source.optionalOldSelf == true
      // Without an old value there is no change to judge.
      if rule.usesOldSelf, old == nil, !isOptional { continue }
      self.evaluate(rule, isOptional ? optionalVariables : variables, place)
    }
  }

  private mutating func evaluate(_ rule: CompiledRule, _ variables: [String: Value], _ place: Place) {
    let program: Program
    switch rule.program {
    case nil: return
    case .failure(let fault)?: return self.faults.append(place.typeFault("rule compile error: \(fault.message)"))
    case .success(let compiled)?: program = compiled
    }
    let shown = rule.source.shownText
    let evaluation = program.evaluate(variables)
    if case .failure(let error) = evaluation.result, error.isCancelled {
      self.budget = -1
      let detail =
        "'\(error)': no further validation rules will be run due to call cost exceeds limit for rule: \(shown)"
      return self.faults.append(place.typeFault(detail))
    }
    guard self.spend(evaluation.cost) else {
      let detail = "validation failed due to running out of cost budget, no further validation rules will be run"
      return self.faults.append(place.typeFault(detail))
    }
    switch evaluation.result {
    case .failure(let error) where error.message.hasPrefix("no such overload"):
      let detail =
        "'\(error)': call arguments did not match a supported operator, function or macro signature for rule: "
      self.faults.append(place.typeFault(detail + shown))
    case .failure(let error): self.faults.append(place.typeFault("\(error) evaluating rule: \(shown)"))
    case .success(.bool(true)): ()
    case .success:
      // What the stored object breaks already may stay broken.
      if !rule.usesOldSelf, place.correlation.isUnchanged { return }
      let message = self.message(of: rule, variables) ?? rule.source.defaultMessage
      self.faults.append(Self.fault(rule, message, place))
    }
  }

  /// False if that is more than what is left.
  private mutating func spend(_ cost: Int) -> Bool {
    self.budget -= cost
    return self.budget >= 0
  }

  /// The message that the rule's expression gives; nil if it gives none that can be shown.
  private mutating func message(of rule: CompiledRule, _ variables: [String: Value]) -> String? {
    guard case .success(let program)? = rule.message else { return nil }
    let evaluation = program.evaluate(variables)
    guard self.spend(evaluation.cost), case .success(.string(let text)) = evaluation.result else { return nil }
    let message = text.trimmingWhitespace
    let isUsable = !message.isEmpty && message.utf8.count <= Self.maximumMessageBytes && !message.hasLineBreak
    return isUsable ? message : nil
  }

  private static func fault(_ rule: CompiledRule, _ message: String, _ place: Place) -> FieldFault {
    var path = place.shownPath
    if !rule.fieldPath.isEmpty { path = place.path.isEmpty ? rule.fieldPath : "\(place.path).\(rule.fieldPath)" }
    let type = place.validator.schema.type
    let showsValue = type != .object && type != .array
    switch rule.source.reason.flatMap(SchemaRule.Reason.init) {
    case .forbidden: return .forbidden(path, message)
    case .required: return .required(path, message)
    case .duplicate:
      if showsValue { return .duplicate(path, place.value) }
      return FieldFault(field: path, reason: "FieldValueDuplicate", message: "Duplicate value")
    case .invalid, nil:
      if showsValue { return .invalid(path, place.value, message) }
      return FieldFault(field: path, reason: "FieldValueInvalid", message: "Invalid value: \(message)")
    }
  }
}
