import FoundationEssentials
package import KubernetesModel

/// What came of decoding a text: the value, as it encodes itself again, or where it failed.
package enum DecodingOutcome: Hashable {
  case value(JSONValue)
  /// The value at this path is not what its type wants.
  case refused(path: String)
  /// It is not JSON.
  case malformed

  /// What ``JSONText`` makes of the bytes.
  package init<Value: Codable>(_ type: Value.Type, inText bytes: [UInt8]) throws {
    do {
      self = try Self.outcome(of: JSONText(parsing: bytes).decoded(as: type))
    } catch is JSONError {
      self = .malformed
    } catch let error as DecodingError {
      self = .refused(path: Self.path(of: error))
    }
  }

  /// What Foundation's decoder makes of the bytes.
  package init<Value: Codable>(_ type: Value.Type, byFoundation bytes: [UInt8]) throws {
    do {
      self = try Self.outcome(of: JSONDecoder().decode(type, from: Data(bytes)))
    } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
      self = .malformed
    } catch let error as DecodingError {
      self = .refused(path: Self.path(of: error))
    }
  }

  /// The array or object in which it failed; a dictionary's elements are tried in any order.
  var refusedInside: Substring? {
    guard case .refused(let path) = self else { return nil }
    return path[..<(path.lastIndex { "/+".contains($0) } ?? path.startIndex)]
  }

  package var isValue: Bool {
    if case .value = self { true } else { false }
  }

  private static func outcome(of value: some Encodable) throws -> DecodingOutcome {
    .value(Self.withIntegers(try JSONValue(encoding: value)))
  }

  /// Foundation tells whole numbers by their value, and not by how they are written.
  private static func withIntegers(_ json: JSONValue) -> JSONValue {
    switch json {
    case .double(let double): Int64(exactly: double).map(JSONValue.integer) ?? json
    case .array(let elements): .array(elements.map(Self.withIntegers))
    case .object(let fields): .object(fields.mapValues(Self.withIntegers))
    default: json
    }
  }

  private static func path(of error: DecodingError) -> String {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      Self.text(context.codingPath)
    case .keyNotFound(let key, let context): "\(Self.text(context.codingPath))+\(key.stringValue)"
    @unknown default: "\(error)"
    }
  }

  private static func text(_ path: [any CodingKey]) -> String {
    path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: "/")
  }
}
