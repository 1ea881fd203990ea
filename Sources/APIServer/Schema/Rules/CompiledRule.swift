import CommonExpressionLanguage

/// A rule of a schema whose expressions are compiled.
struct CompiledRule: Sendable {
  /// The names under which expressions know a value and the one that it replaces.
  static let selfName = "self"
  static let oldSelfName = "oldSelf"

  let source: SchemaRule
  /// The rule, or why it cannot be evaluated; nil for an empty rule.
  let program: Result<Program, RuleFault>?
  /// The expression of its message, or why there is none; nil if none was given.
  let message: Result<Program, RuleFault>?
  /// Where the fault lies, from the rule's place on; empty for the place itself.
  let fieldPath: String
  /// Whether it compares with the old value.
  let usesOldSelf: Bool

  /// What is wrong with an expression, in kube-apiserver's words.
  struct RuleFault: Error, Sendable, Hashable {
    var message: String
  }

  /// Compiles a rule of values of a shape.
  init(_ source: SchemaRule, schema: StructuralSchema, shape: JSONShape) {
    self.source = source
    let old = source.optionalOldSelf == true ? ValueType.optional(shape.type) : shape.type
    let variables = [Self.selfName: shape.type, Self.oldSelfName: old]
    self.program = source.rule.trimmingWhitespace.isEmpty ? nil : Self.compile(source.rule, .bool, variables, "")
    if case .success(let program)? = self.program {
      self.usesOldSelf = program.variables.contains(Self.oldSelfName)
      self.message =
        source.messageExpression.isEmpty
        ? nil : Self.compile(source.messageExpression, .string, variables, "messageExpression ")
    } else {
      self.usesOldSelf = false
      self.message = nil
    }
    self.fieldPath = source.fieldPath.isEmpty ? "" : SchemaFieldPath(source.fieldPath, in: schema)?.text ?? ""
  }

  private static func compile(
    _ source: String, _ type: ValueType, _ variables: [String: ValueType], _ name: String
  ) -> Result<Program, RuleFault> {
    let program: Program
    do {
      program = try Program(source, variables: variables)
    } catch {
      return .failure(RuleFault(message: "\(name)compilation failed: \(error)"))
    }
    guard program.type == type else {
      let subject = name.isEmpty ? "cel expression must evaluate to a bool" : "\(name)must evaluate to a string"
      return .failure(RuleFault(message: subject))
    }
    if let fault = program.constantFault {
      return .failure(RuleFault(message: "\(name.isEmpty ? "program " : name)instantiation failed: \(fault)"))
    }
    return .success(program)
  }
}
