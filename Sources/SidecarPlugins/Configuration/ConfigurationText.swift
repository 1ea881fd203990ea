import KubernetesModel
import Yams

/// Turns the text of a configuration file into JSON values, with a bound for what its aliases may unfold to.
struct ConfigurationText {
  /// Bytes that a file may have.
  static let largest = 1 << 20
  /// Values that a file may hold once its aliases are resolved.
  static let mostValues = 20_000

  private var values = 0

  /// Reads YAML, of which JSON is a part; nil for a text in which nothing stands.
  ///
  /// - Throws: A ``FieldFault`` of the whole, with the line where one is known.
  static func read(_ bytes: [UInt8]) throws(FieldFault) -> JSONValue? {
    guard bytes.count <= Self.largest else { throw Self.fault("larger than \(Self.largest) bytes") }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.fault("not UTF-8") }
    do {
      guard let root = try compose(yaml: text) else { return nil }
      var reader = ConfigurationText()
      let json = try reader.json(root)
      // A bare nil would be a JSON null.
      return json.isNull ? Optional.none : json
    } catch let error as FieldFault {
      throw error
    } catch {
      throw Self.fault(Self.describe(error))
    }
  }

  private mutating func json(_ node: Yams.Node) throws(FieldFault) -> JSONValue {
    self.values += 1
    guard self.values <= Self.mostValues else { throw Self.fault("more than \(Self.mostValues) values") }
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
          throw Self.fault("line \(key.mark?.line ?? 0): the key of a field is not a string")
        }
        fields[name] = try self.json(value)
      }
      return .object(fields)
    case .alias: throw Self.fault("line \(node.mark?.line ?? 0): the alias points nowhere")
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

  private static func fault(_ detail: String) -> FieldFault {
    FieldFault(field: "", reason: "FieldValueInvalid", message: "the configuration cannot be read: \(detail)")
  }

  /// What the parser found, without the lines around it: they may hold a secret.
  private static func describe(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "not YAML: line \(mark.line), column \(mark.column): \(problem)"
    case .duplicatedKeysInMapping(let duplicates, let context):
      "line \(context.mark.line): the same key twice: \(duplicates.joined(separator: ", "))"
    case .reader(let problem, let offset, _, _): "not YAML: \(problem) at byte \(offset ?? 0)"
    default: "not YAML"
    }
  }
}
