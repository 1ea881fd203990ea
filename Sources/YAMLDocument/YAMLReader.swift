package import KubernetesModel
import Yams

/// Turns text of YAML, of which JSON is a part, into JSON values, with a bound for what its aliases may unfold to.
///
/// ```swift
/// let value = try YAMLReader.value(of: "replicas: 3")
/// ```
package struct YAMLReader {
  /// One of the documents of a text.
  package struct Document: Sendable, Hashable {
    /// The line at which it begins, from 1.
    package var line: Int
    /// What stands in it; null if nothing does.
    package var value: JSONValue
  }

  /// Values that a text may hold once its aliases are resolved, where nobody says otherwise.
  package static let mostValues = 500_000

  private let mostValues: Int
  private var values = 0

  private init(mostValues: Int) { self.mostValues = mostValues }

  /// Reads a text of one document.
  ///
  /// - Returns: nil for a text in which nothing stands.
  /// - Throws: ``YAMLFault``, also for a second document.
  package static func value(of text: String, mostValues: Int = Self.mostValues) throws(YAMLFault) -> JSONValue? {
    do {
      guard let root = try compose(yaml: text) else { return nil }
      var reader = YAMLReader(mostValues: mostValues)
      return try reader.json(root)
    } catch {
      throw YAMLFault(error)
    }
  }

  /// Reads a text of any number of documents, all of whose values count together.
  ///
  /// - Throws: ``YAMLFault`` for the first thing that is wrong.
  package static func documents(
    in text: String, mostValues: Int = Self.mostValues
  ) throws(YAMLFault) -> [Document] {
    do {
      var documents: [Document] = []
      var reader = YAMLReader(mostValues: mostValues)
      // A struct: only the copy that was advanced knows of an error.
      var roots = try compose_all(yaml: text)
      while let root = roots.next() {
        documents.append(Document(line: root.mark?.line ?? 1, value: try reader.json(root)))
      }
      if let error = roots.error { throw error }
      return documents
    } catch {
      throw YAMLFault(error)
    }
  }

  private mutating func json(_ node: Yams.Node) throws(YAMLFault) -> JSONValue {
    self.values += 1
    guard self.values <= self.mostValues else { throw YAMLFault(detail: "more than \(self.mostValues) values") }
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
          throw YAMLFault(line: key.mark?.line, detail: "the key of a field is not a string")
        }
        fields[name] = try self.json(value)
      }
      return .object(fields)
    case .alias: throw YAMLFault(line: node.mark?.line, detail: "the alias points nowhere")
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
