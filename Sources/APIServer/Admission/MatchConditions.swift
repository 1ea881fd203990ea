import CommonExpressionLanguage
import KubernetesModel

/// The conditions in CEL on which a webhook is asked at all.
struct MatchConditions: Sendable {
  /// How many conditions a webhook may have.
  static let maximumCount = 64
  /// What all conditions of a webhook may cost together, in cel-go's units.
  private static let costBudget = 2_500_000

  /// The variables that conditions may name, and their shapes.
  private static let shapes: [String: JSONShape] = [
    "object": .any, "oldObject": .any, "request": AdmissionSubject.requestShape,
  ]
  /// The names that kube-apiserver offers besides, and this server does not.
  private static let unsupported = ["authorizer", "namespaceObject"]

  /// What the conditions say of a request.
  enum Verdict: Sendable, Hashable {
    case matches
    case doesNotMatch
    /// No condition is false, but some have no value.
    case fault(String)
  }

  /// One condition, which can be evaluated unless another version of this server stored it.
  private struct Condition: Sendable {
    var expression: String
    var program: Result<Program, Fault>
  }

  private struct Fault: Error { var message: String }

  private let conditions: [Condition]

  var isEmpty: Bool { self.conditions.isEmpty }

  /// Reads the conditions of a webhook.
  init(_ webhook: JSONValue) {
    self.conditions = (webhook["matchConditions"]?.arrayValue ?? []).map {
      let expression = $0["expression"]?.stringValue ?? ""
      return Condition(expression: expression, program: Self.program(expression))
    }
  }

  /// Compiles an expression; or what is wrong with it, in kube-apiserver's words.
  private static func program(_ source: String) -> Result<Program, Fault> {
    do {
      // What names are used shows even where their types are not known.
      let names = try Program(source, variables: nil).variables
      if let name = Self.unsupported.first(where: names.contains) {
        return .failure(Fault(message: "this server does not evaluate '\(name)'"))
      }
      let program = try Program(source, variables: Self.shapes.mapValues(\.type))
      guard program.type == .bool else {
        return .failure(Fault(message: "must evaluate to bool but got \(program.type)"))
      }
      if let fault = program.constantFault {
        return .failure(Fault(message: "program instantiation failed: \(fault)"))
      }
      return .success(program)
    } catch {
      return .failure(Fault(message: "compilation failed: \(error)"))
    }
  }

  /// What is wrong with an expression; nil for one that can be evaluated.
  static func fault(in expression: String) -> String? {
    if case .failure(let fault) = Self.program(expression) { fault.message } else { nil }
  }

  /// Evaluates the conditions for a request.
  ///
  /// - Parameter version: in which the webhook is to be asked.
  func verdict(on subject: AdmissionSubject, in version: ResourceDefinition.Version) -> Verdict {
    guard !self.isEmpty else { return .matches }
    let asked = ServedResource(definition: subject.resource.definition, version: version)
    return self.verdict([
      "object": subject.shown(subject.object, asked), "oldObject": subject.shown(subject.oldObject, asked),
      "request": subject.request(asked),
    ])
  }

  /// Evaluates the conditions with the JSON of their variables.
  func verdict(_ json: [String: JSONValue]) -> Verdict {
    var variables: [String: Value] = [:]
    var faults: [String] = []
    for (name, shape) in Self.shapes {
      do {
        variables[name] = try shape.value(of: json[name] ?? .null)
      } catch {
        faults.append("\(error)")
      }
    }
    var budget = Self.costBudget
    for condition in self.conditions {
      guard budget > 0 else {
        return .fault("validation failed due to running out of cost budget, no further validation rules will be run")
      }
      let reason: String
      switch condition.program {
      case .success(let program):
        let evaluation = program.evaluate(variables)
        budget -= evaluation.cost
        switch evaluation.result {
        case .success(.bool(false)): return .doesNotMatch
        case .success: continue
        case .failure(let error): reason = "\(error)"
        }
      case .failure(let fault): reason = fault.message
      }
      let fault = "expression '\(condition.expression)' resulted in error: \(reason)"
      if !faults.contains(fault) { faults.append(fault) }
    }
    if faults.isEmpty { return .matches }
    return .fault(faults.count == 1 ? faults[0] : "[\(faults.joined(separator: ", "))]")
  }
}
