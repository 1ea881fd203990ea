/// The fields of an object, by key.
struct JSONFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let text: JSONText
  let object: Int

  var codingPath: [any CodingKey] { self.text.path(to: self.object) }

  var allKeys: [Key] {
    self.text.read { reader in
      reader.keys(of: self.object)
        .filter { reader.tokens[$0].kind != .repeatedKey }
        .compactMap { Key(stringValue: reader.string(at: $0)) }
    }
  }

  func contains(_ key: Key) -> Bool { self.text.place(of: key.stringValue, in: self.object) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { self.text.isNull(at: try self.place(of: key)) }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try self.text.decode(type, at: try self.place(of: key))
  }

  // The generic function does not replace the standard library's own for these; other types take three looks.

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try self.placeIfPresent(of: key).map { try self.text.string(at: $0) }
  }

  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
    try self.placeIfPresent(of: key).map { try self.text.bool(at: $0) }
  }

  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try self.placeIfPresent(of: key).map { try self.text.integer(type, at: $0) }
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    try self.placeIfPresent(of: key).map { try self.text.decode(type, at: $0) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try self.decoder(at: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try self.decoder(at: key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try self.decoder(at: JSONTextKey(stringValue: "super")) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try self.decoder(at: key) }

  private func decoder(at key: some CodingKey) throws -> JSONTextDecoder {
    JSONTextDecoder(text: self.text, index: try self.place(of: key))
  }

  private func place(of key: some CodingKey) throws -> Int {
    guard let place = self.text.place(of: key.stringValue, in: self.object) else {
      throw DecodingError.keyNotFound(
        key, self.text.context(at: self.object, "there is no field '\(key.stringValue)'"))
    }
    return place
  }

  private func placeIfPresent(of key: Key) -> Int? {
    guard let place = self.text.place(of: key.stringValue, in: self.object), !self.text.isNull(at: place) else {
      return nil
    }
    return place
  }
}
