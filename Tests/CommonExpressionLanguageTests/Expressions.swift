import KubernetesModel

@testable import CommonExpressionLanguage

/// Evaluates expressions for tests.
enum Expressions {
  /// The value of an expression as text, or its error behind `error: `.
  ///
  /// - Parameter variables: JSON without a schema.
  static func result(_ source: String, _ variables: [String: JSONValue] = [:], isChecked: Bool = true) -> String {
    do {
      let program = try Program(source, variables: isChecked ? variables.mapValues { _ in .dyn } : nil)
      let values = try variables.mapValues { try JSONShape.any.value(of: $0) }
      return Self.text(try program.evaluate(values).result.get())
    } catch let error as CompilationError {
      return "error: " + error.issues.map(\.message).joined(separator: "; ")
    } catch {
      return "error: \(error)"
    }
  }

  /// A value as an expression would write it.
  static func text(_ value: Value) -> String {
    switch value {
    case .string(let text): return "\"\(text)\""
    case .bytes(let bytes): return "b" + bytes.map { String($0, radix: 16) }.joined(separator: " ")
    case .uint(let uint): return "\(uint)u"
    case .list(let list): return "[" + list.readableElements.map(Self.text).joined(separator: ", ") + "]"
    case .map(let map):
      // Every key comes from the map itself.
      return "{"
        + map.keys.map { "\(Self.text($0)): \(Self.text((try? map.value($0)) ?? .null))" }.joined(separator: ", ")
        + "}"
    case .optional(let value): return value.map { "optional(\(Self.text($0)))" } ?? "none"
    case .double(let double): return double == double.rounded() ? "\(value.text).0" : value.text
    default: return value.text
    }
  }
}
