import KubernetesModel
import TestSupport
import Testing

@testable import APIServer
@testable import CommonExpressionLanguage
@testable import UmpireLocal

/// Every rule of the definitions, evaluated by two implementations of the language.
@Suite(.timeLimit(.minutes(3))) struct RuleAgreementTests {
  /// One rule at one place of one object.
  private struct Case {
    var kind: String
    var rule: CompiledRule
    var validator: RuleValidator
    /// Where in the schema, such as `webhooks[]`.
    var path: String
    var value: JSONValue
    var old: JSONValue?
    /// The object, in a few words.
    var subject: String

    /// The value that our evaluator gives by the schema.
    func result() throws -> String {
      guard case .success(let program)? = self.rule.program else { return "error: the rule has no program" }
      var variables = ["self": try self.validator.shape.value(of: self.value)]
      variables["oldSelf"] = try self.old.map { try self.validator.shape.value(of: $0) }
      switch program.evaluate(variables).result {
      case .success(let value): return Evaluation.text(value)
      case .failure(let error): return "error: \(error)"
      }
    }

    /// The same without a schema, which says of lists that their order does not matter.
    var evaluation: Evaluation {
      var variables = ["self": self.validator.schema.ordered(self.value)]
      variables["oldSelf"] = self.old.map { self.validator.schema.ordered($0) }
      return Evaluation(expression: self.rule.source.rule, variables: variables)
    }
  }

  private static func definitions() throws -> [(kind: String, schema: StructuralSchema)] {
    try EmbeddedManifests.customResourceDefinitions.flatMap { try ManifestFile.parse($0.yaml, file: $0.name) }.map {
      document in
      let kind = try #require(document.object["spec"]?["names"]?["kind"]?.stringValue)
      let source = try #require(document.object["spec"]?["versions"]?[0]?["schema"]?["openAPIV3Schema"])
      return (kind, try StructuralSchema(source))
    }
  }

  /// The rules that hold for a value, wherever they stand below its schema.
  private static func cases(
    _ kind: String, _ subject: String, _ validator: RuleValidator, _ value: JSONValue, _ old: JSONValue?,
    path: String = ""
  ) -> [Case] {
    let own = validator.rules.filter { !$0.usesOldSelf || old != nil }.map {
      Case(kind: kind, rule: $0, validator: validator, path: path, value: value, old: old, subject: subject)
    }
    let below = validator.properties.flatMap { name, property in
      value[name].map {
        Self.cases(kind, subject, property, $0, old?[name], path: path.isEmpty ? name : "\(path).\(name)")
      } ?? []
    }
    let elements = (value.arrayValue ?? []).flatMap { element in
      validator.items.map { Self.cases(kind, subject, $0, element, .none, path: "\(path)[]") } ?? []
    }
    return own + below + elements
  }

  /// The rules that hold for the defaults of a schema, as they are written.
  private static func defaultCases(_ kind: String, _ schema: StructuralSchema) -> [Case] {
    var cases: [Case] = []
    if let value = schema.defaultValue, let validator = RuleValidator(schema) {
      cases += Self.cases(kind, "default \(FieldFault.text(value))", validator, value, value)
    }
    for property in schema.properties.values { cases += Self.defaultCases(kind, property) }
    return cases + (schema.items.map { Self.defaultCases(kind, $0) } ?? [])
  }

  /// The objects by which the rules' twins in Swift are tested.
  private static func invariantCases(_ kind: String, _ schema: StructuralSchema) throws -> [(Case, Bool)] {
    let validator = try #require(RuleValidator(schema, isRoot: true))
    return Invariant.all.filter { $0.kind == kind }.flatMap { invariant in
      let old = invariant.old.map { schema.defaulted($0) }
      let objects = invariant.accepted.map { ($0, true) } + invariant.refused.map { ($0, false) }
      return objects.flatMap { object, isAccepted in
        Self.cases(kind, "\(invariant.key): \(FieldFault.text(object))", validator, schema.defaulted(object), old).map {
          // Of a refused object only its own rule says no.
          ($0, isAccepted || $0.rule.source.message != invariant.message || $0.path != invariant.path)
        }
      }
    }
  }

  @Test func bothImplementationsJudgeObjectsAndDefaultsAlike() async throws {
    var cases: [(test: Case, holds: Bool)] = []
    for (kind, schema) in try Self.definitions() {
      cases += Self.defaultCases(kind, schema).map { ($0, true) }
      cases += try Self.invariantCases(kind, schema)
    }
    let theirs = try await PythonEvaluator.results(of: cases.map(\.test.evaluation))
    try #require(theirs.count == cases.count)
    var faults = 0
    for ((test, holds), their) in zip(cases, theirs) {
      let our = try test.result()
      // A duration of zero needs no unit, whatever cel-python says.
      let isFault = their.contains("Invalid duration StringType('0')")
      if isFault { faults += 1 }
      #expect(isFault || our == their, "\(test.subject): \(test.rule.source.rule)")
      #expect(our == (holds ? "true" : "false"), "\(test.subject): \(test.rule.source.rule)")
    }
    let rules = Set(cases.map { "\($0.test.kind) \($0.test.path): \($0.test.rule.source.message)" })
    #expect(Set(Invariant.all.map(\.key)).isSubset(of: rules))
    #expect(cases.contains { $0.test.subject.hasPrefix("default") })
    #expect(faults == 2)
    print("rules: \(rules.count), evaluated twice: \(cases.count), \(faults) of them wrongly by cel-python")
  }

  /// What a rule walks through has a bound; else it would be 3 MiB, as long as a request may be.
  @Test func noRuleWalksWithoutBound() throws {
    var count = 0
    for (kind, schema) in try Self.definitions() {
      #expect(DefaultFaults.all(in: schema, path: kind) == [])
      #expect(RuleDefinitionFaults.all(in: schema, path: kind, compiles: true) == [])
      count += try Self.checkCosts(try #require(RuleValidator(schema, isRoot: true)), kind)
    }
    #expect(count == Invariant.all.count)
  }

  private static func checkCosts(_ validator: RuleValidator, _ kind: String) throws -> Int {
    for rule in validator.rules {
      guard case .success(let program)? = rule.program else {
        Issue.record("\(kind): \(rule.source.rule)")
        continue
      }
      // To walk through a text without a bound alone costs more.
      #expect(program.estimatedCost(validator.shape) < 300_000, "\(kind): \(rule.source.rule)")
    }
    let below =
      Array(validator.properties.values) + [validator.items, validator.additionalProperties].compactMap { $0 }
    return try below.reduce(validator.rules.count) { $0 + (try Self.checkCosts($1, kind)) }
  }
}

extension StructuralSchema {
  /// An object with its defaults.
  fileprivate func defaulted(_ object: JSONValue) -> JSONValue {
    var object = object
    self.applyDefaults(to: &object)
    return object
  }

  /// A value with the elements of sets and of lists with keys in one order.
  fileprivate func ordered(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let fields):
      return .object(
        Dictionary(
          uniqueKeysWithValues: fields.map { name, field in (name, self.child(name)?.ordered(field) ?? field) }))
    case .array(let elements):
      let elements = elements.map { self.items?.ordered($0) ?? $0 }
      guard self.listType == .set || self.listType == .map else { return .array(elements) }
      return .array(
        elements.sorted { FieldFault.text(self.mapKey(of: $0) ?? $0) < FieldFault.text(self.mapKey(of: $1) ?? $1) })
    default: return value
    }
  }
}
