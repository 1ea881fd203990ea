extension KeyedDecodingContainer {
  /// Decodes a field, or gives its default when it is absent or null.
  func decode<Value: Decodable>(_ key: Key, default fallback: @autoclosure () -> Value) throws -> Value {
    try self.decodeIfPresent(Value.self, forKey: key) ?? fallback()
  }
}
