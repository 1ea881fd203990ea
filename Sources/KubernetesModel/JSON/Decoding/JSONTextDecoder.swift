/// One value of a text, as a type's own decoding sees it.
///
/// Small, so that it needs no memory of its own as an `any Decoder`.
struct JSONTextDecoder: Decoder, SingleValueDecodingContainer {
  let text: JSONText
  let index: Int

  var codingPath: [any CodingKey] { self.text.path(to: self.index) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard self.text.token(at: self.index).kind == .object else {
      throw self.text.mismatch([String: Any].self, at: self.index)
    }
    self.text.prepareFields(of: self.index)
    return KeyedDecodingContainer(JSONFields(text: self.text, object: self.index))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard self.text.token(at: self.index).kind == .array else { throw self.text.mismatch([Any].self, at: self.index) }
    return JSONElements(text: self.text, array: UInt32(self.index))
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { self.text.isNull(at: self.index) }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.text.decode(type, at: self.index) }

  // What follows also serves the containers of fields and elements: a number decodes itself by asking here.

  func decode(_ type: Bool.Type) throws -> Bool { try self.text.bool(at: self.index) }

  func decode(_ type: String.Type) throws -> String { try self.text.string(at: self.index) }

  func decode<Integer: Decodable & FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
    try self.text.integer(type, at: self.index)
  }

  func decode<Number: Decodable & BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Number.Type
  ) throws -> Number {
    try self.text.floating(type, at: self.index)
  }
}
