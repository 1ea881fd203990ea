/// The elements of an array, one after the other.
///
/// Small, so that it needs no memory of its own as an `any UnkeyedDecodingContainer`.
struct JSONElements: UnkeyedDecodingContainer {
  private let text: JSONText
  private let array: UInt32
  private var element: UInt32
  private(set) var currentIndex = 0

  init(text: JSONText, array: UInt32) {
    self.text = text
    self.array = array
    self.element = array + 1
  }

  var codingPath: [any CodingKey] { self.text.path(to: Int(self.array)) }

  var count: Int? { self.text.token(at: Int(self.array)).count }

  var isAtEnd: Bool { self.element == self.text.token(at: Int(self.array)).next }

  mutating func decodeNil() throws -> Bool {
    try self.requireElement(Any?.self)
    guard self.text.isNull(at: Int(self.element)) else { return false }
    self.advance()
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try self.requireElement(type)
    let value = try self.text.decode(type, at: Int(self.element))
    self.advance()
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try self.take { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try self.take { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder { try self.take { $0 } }

  private mutating func take<Result>(_ body: (JSONTextDecoder) throws -> Result) throws -> Result {
    try self.requireElement(Result.self)
    let result = try body(JSONTextDecoder(text: self.text, index: Int(self.element)))
    self.advance()
    return result
  }

  private mutating func advance() {
    self.element = self.text.token(at: Int(self.element)).next
    self.currentIndex += 1
  }

  private func requireElement(_ type: any Any.Type) throws {
    guard self.isAtEnd else { return }
    let path = self.text.path(to: Int(self.array), JSONTextKey(intValue: self.currentIndex))
    throw DecodingError.valueNotFound(
      type, DecodingError.Context(codingPath: path, debugDescription: "the array has no more elements"))
  }
}
