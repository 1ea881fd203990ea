import KubernetesModel
import Testing

@testable import CommonExpressionLanguage

/// Our evaluator and cel-python give expressions the same values.
@Suite(.timeLimit(.minutes(3))) struct ExpressionAgreementTests {
  /// What cel-python gives against the language's specification, and why that is wrong.
  private static let faults = [
    "1u + 1": "integers of different types have no sum",
    "[1, 2,]": "a list may end with a comma",
    "{'a': 1,}": "a map may end with a comma",
    "'\\q'": "there is no such escape sequence",
    "1.": "a fraction has digits",
    "nums[-1]": "an index is not counted from the end",
    "size(null)": "null has no size",
    "has(1)": "the argument of has() is a field",
    "string(true)": "the text is 'true'",
    "int(true)": "a truth value is no number",
    "string([1])": "a list has no text",
    "duration('0')": "zero needs no unit",
  ]

  @Test func smallExpressionsHaveTheSameValues() async throws {
    let variables = try #require(JSONValue(parsing: Array(ExpressionTable.variables.utf8)).objectValue)
    let evaluations = ExpressionTable.all.map { Evaluation(expression: $0, variables: variables) }
    #expect(Set(ExpressionTable.all).count == evaluations.count)
    let theirs = try await PythonEvaluator.results(of: evaluations)
    try #require(theirs.count == evaluations.count)
    var faults: Set<String> = []
    for (evaluation, their) in zip(evaluations, theirs) {
      let our = evaluation.result
      let isSame = our == their || our.hasPrefix("error: ") && their.hasPrefix("error: ")
      guard Self.faults[evaluation.expression] == nil else {
        #expect(!isSame, "\(evaluation.expression) is right by now")
        faults.insert(evaluation.expression)
        continue
      }
      #expect(isSame, "\(evaluation.expression): ours \(our), theirs \(their)")
    }
    #expect(faults == Set(Self.faults.keys))
    print("expressions: \(evaluations.count) evaluated twice, \(faults.count) of them wrongly by cel-python")
  }
}
