package import KubernetesModel
package import Yams

/// Turns parsed YAML into JSON values.
package struct YAMLReader {
  /// Values that a text may hold once its aliases are resolved.
  package static let mostValues = 500_000

  /// Why a text cannot be read.
  package struct Fault: Error, Sendable, Hashable {
    /// The line, from 1; nil if the text as a whole is meant.
    package var line: Int?
    package var detail: String
  }

  private var values = 0

  /// Creates a reader of one text, all of whose documents count together.
  package init() {}

  /// The value of a node.
  package mutating func json(_ node: Yams.Node) throws(Fault) -> JSONValue {
    self.values += 1
    guard self.values <= Self.mostValues else { throw Fault(detail: "more than \(Self.mostValues) values") }
    switch node {
    case .scalar(let scalar): return Self.json(scalar, node)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for element in sequence { elements.append(try self.json(element)) }
      return .array(elements)
    case .mapping(let mapping):
      var fields: [String: JSONValue] = [:]
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          throw Fault(line: key.mark?.line ?? 0, detail: "the key of a field is not a string")
        }
        fields[name] = try self.json(value)
      }
      return .object(fields)
    case .alias: throw Fault(line: node.mark?.line ?? 0, detail: "the alias points nowhere")
    }
  }

  private static func json(_ scalar: Yams.Node.Scalar, _ node: Yams.Node) -> JSONValue {
    switch Resolver.default.resolveTag(of: node) {
    case .null: return .null
    case .bool: return node.bool.map(JSONValue.bool) ?? .string(scalar.string)
    case .int: return node.int.map { .integer(Int64($0)) } ?? .string(scalar.string)
    case .float: return node.float.map(JSONValue.double) ?? .string(scalar.string)
    default: return .string(scalar.string)
    }
  }
}
