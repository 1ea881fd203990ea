/// An expression that was parsed and, unless its variables are unknown, checked; it can be evaluated any number of times.
package struct Program: Sendable {
  /// What one evaluation may cost, in cel-go's units; about a tenth of a second.
  package static let costLimit = 1_000_000

  /// The expression as it is written.
  package let source: String
  /// The type of its value; dynamic if it was not checked.
  package let type: ValueType
  /// The names in it that are none of its loops' variables; for a checked expression, those of its variables only.
  package let variables: Set<String>
  let expression: Expression
  let checked: CheckedTypes?

  /// Compiles an expression.
  ///
  /// - Parameters:
  ///   - source: at most 100,000 code points, nested at most 250 times.
  ///   - variables: the types of the variables that it may name; nil to find out only when it is evaluated what fits.
  /// - Throws: ``CompilationError`` for all that is wrong with it.
  package init(_ source: String, variables: [String: ValueType]?) throws(CompilationError) {
    let scalars = Array(source.unicodeScalars)
    self.source = source
    self.expression = try Parser.parse(scalars, functions: .kubernetes)
    guard let variables else {
      self.type = .dyn
      self.variables = self.expression.freeNames
      self.checked = nil
      return
    }
    let checked = try Checker.check(
      self.expression, variables: variables, functions: .kubernetes, source: scalars)
    self.type = checked.type(of: self.expression)
    self.variables = checked.variables
    self.checked = checked
  }

  /// A value, and what it cost to find.
  package struct Evaluation: Sendable {
    /// The value, or why there is none.
    package var result: Result<Value, EvaluationError>
    /// In cel-go's units.
    package var cost: Int
  }

  /// Evaluates the expression.
  ///
  /// - Parameter costLimit: ends an evaluation that costs more with an error.
  package func evaluate(_ variables: [String: Value], costLimit: Int = Self.costLimit) -> Evaluation {
    var evaluator = Evaluator(variables: variables, costLimit: costLimit)
    do {
      let value = try evaluator.evaluate(self.expression)
      return Evaluation(result: .success(value), cost: evaluator.cost)
    } catch {
      return Evaluation(result: .failure(error), cost: evaluator.cost)
    }
  }
}

extension Program {
  /// What evaluating the expression may cost at most, in cel-go's units.
  ///
  /// - Parameter shape: that of its variables.
  /// - Returns: 0 for an expression that was not checked.
  package func estimatedCost(_ shape: JSONShape) -> UInt64 {
    guard let checked = self.checked else { return 0 }
    var estimator = CostEstimator(checked: checked, root: shape)
    return estimator.cost(of: self.expression).maximum
  }
}

extension Program {
  /// Why a part of the expression that is constant can never have a value; nil if all of it can.
  package var constantFault: EvaluationError? { LiteralArguments.constantFault(in: self.expression) }
}
