import KubernetesModel
import TestSupport
import Testing

@testable import CommonExpressionLanguage

/// Random expressions: each ends with a value or an error, whatever it looks like.
@Suite struct ExpressionFuzzTests {
  private static let pieces = [
    "x", "s", "list", "map", "y", "1", "0", "-1", "9223372036854775807", "1u", "1.5", "'a'", "''", "b'a'", "true",
    "null", "[]",
    "{}", "[1, 2]", "{'a': 1}", "duration('1h')", "timestamp('2020-01-01T00:00:00Z')", "int", "quantity('1')",
  ]
  private static let operators = ["+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "in"]
  private static let calls = [
    "size", "contains", "startsWith", "matches", "indexOf", "replace", "split", "join", "substring", "charAt", "find",
    "findAll",
    "sum", "min", "isSorted", "sort", "slice", "distinct", "flatten", "getHours", "getFullYear", "hasValue", "value",
    "orValue",
    "compareTo", "add", "trim", "reverse", "first", "lastIndexOf",
  ]
  private static let functions = [
    "size", "type", "dyn", "int", "uint", "double", "string", "bytes", "bool", "duration", "timestamp", "quantity",
    "optional.of",
    "lists.range", "sets.contains", "strings.quote", "isQuantity",
  ]
  private static let macros = ["all", "exists", "exists_one", "map", "filter", "transformList", "optMap"]

  private static func expression(_ source: inout FuzzSource, depth: Int = 4) -> String {
    guard depth > 0, !source.isOne(in: 5) else { return source.pick(Self.pieces) }
    func part() -> String { Self.expression(&source, depth: depth - 1) }
    switch source.number(below: 9) {
    case 0, 1:
      let operation = source.pick(Self.operators)
      return "(\(part()) \(operation) \(part()))"
    case 2: return "\(part()).\(source.pick(Self.calls))(\(source.isOne(in: 2) ? part() : ""))"
    case 3: return "\(source.pick(Self.functions))(\(part()))"
    case 4:
      let macro = source.pick(Self.macros)
      return "\(part()).\(macro)(y, \(part())\(macro == "transformList" ? ", \(part())" : ""))"
    case 5: return "(\(part()) ? \(part()) : \(part()))"
    case 6: return "\(part())[\(part())]"
    case 7: return "has(\(part()).a)"
    default: return "dyn(\(part()))"
    }
  }

  @Test func everyExpressionEnds() throws {
    var source = FuzzSource(seed: 20_261_129)
    var values = 0
    let fields: JSONValue = ["a": 1, "b": ["a": "c"]]
    let variables: [String: JSONValue] = ["x": .integer(.max), "s": "é\u{0}a", "list": [1, 2, 3], "map": fields]
    let inputs = try variables.mapValues { try JSONShape.any.value(of: $0) }
    let types = variables.mapValues { _ in ValueType.dyn }
    for _ in 0..<5_000 {
      let text = Self.expression(&source)
      for declared in [nil, types] {
        guard let program = try? Program(text, variables: declared) else { continue }
        _ = program.estimatedCost(JSONShape(.object([:])))
        _ = program.constantFault
        if case .success = program.evaluate(inputs, costLimit: 10_000).result { values += 1 }
      }
    }
    #expect(values > 500, "\(values)")
  }

  @Test func everyTextEnds() {
    var source = FuzzSource(seed: 1)
    let alphabet = Array("()[]{}.,:?'\"\\rb!-+*/%<>=&|0123456789euxa_ \n".utf8)
    for _ in 0..<5_000 {
      let text = Self.expression(&source)
      let bytes = source.mutated(Array(text.utf8), from: alphabet)
      // Whether it can be read does not matter here.
      _ = try? Program(String(decoding: bytes, as: UTF8.self), variables: ["x": .int, "list": .list(.int)])
    }
  }
}
