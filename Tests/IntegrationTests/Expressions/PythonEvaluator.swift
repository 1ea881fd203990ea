import FoundationEssentials
import KubernetesModel
import Subprocess
import SystemPackage
import TestSupport

@testable import CommonExpressionLanguage

/// An expression and the JSON of its variables.
struct Evaluation: Sendable {
  var expression: String
  var variables: [String: JSONValue]
}

/// Another implementation of the language: cel-python, in an environment that `scripts/install --for-tests` makes.
enum PythonEvaluator {
  /// The values of expressions as text, in their order; behind `error: ` why one has none.
  static func results(of evaluations: [Evaluation]) async throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let script = "\(root)/Tests/IntegrationTests/Expressions/Python/evaluate_expressions.py"
    let json = JSONValue.array(evaluations.map { .array([.string($0.expression), .object($0.variables)]) })
    let output = try await withFolder { folder in
      try Data(json.serialized()).write(to: URL(filePath: "\(folder)/expressions.json"))
      let result = try await Subprocess.run(
        .path(FilePath("\(root)/.build/python/bin/python3")), arguments: [script, "\(folder)/expressions.json"],
        output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
      guard result.terminationStatus.isSuccess else { throw PythonFailure(text: result.standardError) }
      return result.standardOutput
    }
    return output.split(separator: "\n").map(String.init)
  }
}

/// What Python wrote about its own failure.
struct PythonFailure: Error {
  var text: String
}

extension Evaluation {
  /// The value that our evaluator gives, in the form of the other one; it is not checked before.
  var result: String {
    do {
      let values = try self.variables.mapValues { try JSONShape.any.value(of: $0) }
      return Self.text(
        try CommonExpressionLanguage.Program(self.expression, variables: nil).evaluate(values).result.get())
    } catch {
      return "error: \(error)"
    }
  }

  /// A value as an expression would write it; maps in the order of their keys' texts.
  static func text(_ value: Value) -> String {
    switch value {
    case .uint(let uint): return "\(uint)u"
    case .double(let double): return "\(double)d"
    case .string(let text): return String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    case .bytes(let bytes): return "b" + bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    case .list(let list): return "[\(list.readableElements.map(Self.text).joined(separator: ", "))]"
    case .map(let map):
      // Every key comes from the map itself.
      let entries = map.keys.map { "\(Self.text($0)): \(Self.text((try? map.value($0)) ?? .null))" }
      return "{\(entries.sorted().joined(separator: ", "))}"
    case .duration(let duration): return "duration(\(duration.nanoseconds))"
    case .timestamp(let time): return "timestamp(\(time.seconds * 1_000_000_000 + time.nanoseconds))"
    default: return value.text
    }
  }
}
