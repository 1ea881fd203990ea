import FoundationEssentials

extension JSONValue {
  /// The JSON form of any encodable value.
  ///
  /// - Throws: what the value's own encoding throws.
  public init(encoding value: some Encodable) throws {
    self = try JSONValue(parsing: [UInt8](try JSONEncoder().encode(value)))
  }

  /// Decodes a typed value from this one.
  ///
  /// - Throws: `DecodingError`.
  public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(self.serialized()))
  }
}
