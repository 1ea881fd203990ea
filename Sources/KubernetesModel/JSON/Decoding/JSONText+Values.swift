/// The values that need no container.
extension JSONText {
  /// Decodes the value at this place.
  func decode<Value: Decodable>(_ type: Value.Type, at index: Int) throws -> Value {
    // Types that are made of the tokens at once; each comparison is one of two addresses.
    if type == String.self {
      if let value = try self.string(at: index) as? Value { return value }
    } else if type == Bool.self {
      if let value = try self.bool(at: index) as? Value { return value }
    } else if type == Int64.self {
      if let value = try self.integer(Int64.self, at: index) as? Value { return value }
    } else if type == [String: JSONValue].self {
      if let value = try self.fields(at: index) as? Value { return value }
    } else if type == JSONValue.self {
      if let value = self.read({ $0.value(at: index) }) as? Value { return value }
    } else if type == [String: String].self {
      if let value = try self.strings(byKeyAt: index) as? Value { return value }
    } else if type == [String].self {
      if let value = try self.strings(at: index) as? Value { return value }
    } else if type == Timestamp.self, self.token(at: index).kind == .string {
      if let value = self.read({ Timestamp(utf8: $0.raw(at: index)) }) as? Value { return value }
    }
    return try Value(from: JSONTextDecoder(text: self, index: index))
  }

  func string(at index: Int) throws -> String {
    switch self.token(at: index).kind {
    case .string, .escapedString: self.read { $0.string(at: index) }
    default: throw self.mismatch(String.self, at: index)
    }
  }

  func bool(at index: Int) throws -> Bool {
    switch self.token(at: index).kind {
    case .true: true
    case .false: false
    default: throw self.mismatch(Bool.self, at: index)
    }
  }

  func integer<Integer: FixedWidthInteger>(_ type: Integer.Type, at index: Int) throws -> Integer {
    try self.number(type, at: index) { $0.integer(at: index) }
  }

  func floating<Number: BinaryFloatingPoint & LosslessStringConvertible>(
    _ type: Number.Type, at index: Int
  ) throws -> Number {
    try self.number(type, at: index) { reader in
      Number(String(decoding: reader.raw(at: index), as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }
  }

  private func number<Number>(_ type: Number.Type, at index: Int, _ make: (JSONReader) -> Number?) throws -> Number {
    switch self.token(at: index).kind {
    case .integer, .decimal:
      guard let number = self.read(make) else {
        let text = self.read { String(decoding: $0.raw(at: index).prefix(40), as: UTF8.self) }
        throw DecodingError.dataCorrupted(self.context(at: index, "the number \(text) does not fit \(type)"))
      }
      return number
    default: throw self.mismatch(type, at: index)
    }
  }

  private func fields(at index: Int) throws -> [String: JSONValue] {
    guard self.token(at: index).kind == .object else { throw self.mismatch([String: JSONValue].self, at: index) }
    return self.read { $0.fields(at: index) }
  }

  private func strings(byKeyAt index: Int) throws -> [String: String] {
    let object = self.token(at: index)
    guard object.kind == .object else { throw self.mismatch([String: String].self, at: index) }
    var strings = [String: String](minimumCapacity: object.count)
    var key = index + 1
    while key < Int(object.next) {
      let value = try self.string(at: key + 1)
      strings[self.read { $0.string(at: key) }] = value
      key = Int(self.token(at: key + 1).next)
    }
    return strings
  }

  private func strings(at index: Int) throws -> [String] {
    let array = self.token(at: index)
    guard array.kind == .array else { throw self.mismatch([String].self, at: index) }
    var strings: [String] = []
    strings.reserveCapacity(array.count)
    // Each string is one token.
    for element in array.children(at: index) { strings.append(try self.string(at: element)) }
    return strings
  }
}

/// What decoding fails with.
extension JSONText {
  /// The path to this place, and to `last` inside it.
  func path(to index: Int, _ last: JSONTextKey? = nil) -> [any CodingKey] {
    self.read { $0.path(to: index) }.map { step in
      switch step {
      case .field(let name): JSONTextKey(stringValue: name)
      case .element(let position): JSONTextKey(intValue: position)
      }
    } + (last.map { [$0] } ?? [])
  }

  func context(at index: Int, _ words: String) -> DecodingError.Context {
    DecodingError.Context(codingPath: self.path(to: index), debugDescription: words)
  }

  /// What stands at this place is something else, or `null`.
  func mismatch(_ type: any Any.Type, at index: Int) -> DecodingError {
    let found =
      switch self.token(at: index).kind {
      case .null: "null"
      case .false, .true: "a truth value"
      case .integer, .decimal: "a number"
      case .string, .escapedString, .repeatedKey: "a string"
      case .array: "an array"
      case .object: "an object"
      }
    let context = self.context(at: index, "expected \(type), found \(found)")
    return self.isNull(at: index) ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }
}

/// A step of a coding path.
struct JSONTextKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(stringValue: String) {
    self.stringValue = stringValue
    self.intValue = nil
  }

  init(intValue: Int) {
    self.stringValue = "Index \(intValue)"
    self.intValue = intValue
  }
}
