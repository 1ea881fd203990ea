import FoundationEssentials
package import Hummingbird
import HummingbirdCore

extension Request {
  /// Reads the body as a JSON document; its content type is not looked at.
  ///
  /// - Throws: A ``Problem`` of 413 when it is larger than `limit` bytes, and of 400 that names the field when it is
  ///   not what `type` wants.
  package func json<Value: Decodable>(as type: Value.Type, upTo limit: Int) async throws -> Value {
    try await self.bytes(upTo: limit).json(as: type)
  }
}

extension [UInt8] {
  /// Reads a body as a JSON document.
  ///
  /// - Throws: A ``Problem`` of 400 that names the field when it is not what `type` wants.
  package func json<Value: Decodable>(as type: Value.Type) throws -> Value {
    guard !self.isEmpty else { throw Problem(.badRequest, "the body is empty; a JSON document is expected") }
    do {
      return try JSONDecoder().decode(type, from: Data(self))
    } catch let error as DecodingError {
      throw Problem(.badRequest, Self.describe(error))
    }
  }

  private static func describe(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(Self.path(context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context):
      return "\(Self.path(context.codingPath)) is null"
    case .typeMismatch(_, let context):
      return "\(Self.path(context.codingPath)) has the wrong type"
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      return "the body is not JSON"
    case .dataCorrupted(let context):
      return "\(Self.path(context.codingPath)): \(context.debugDescription)"
    @unknown default:
      return "the body is not what is expected"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    guard !keys.isEmpty else { return "the document" }
    return keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
  }
}

extension Response {
  /// A response of 200 with `value` as a JSON document, keys sorted.
  package static func json(encoding value: some Encodable) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return .json(Array(try encoder.encode(value)))
  }
}
