/// A JSON text that was found well-formed, of which only what is asked for becomes values.
///
/// Typed values are decoded straight from the bytes: a field that its type does not know costs nothing but the look at
/// its bytes, and no dictionary stands between a text and a struct. It accepts what ``JSONValue/init(parsing:)``
/// accepts, the last of a repeated key's values included, and what types see of it is what Foundation's decoder shows
/// them, with these differences: the types for which Foundation has forms of its own (`Data`, `Date`, `URL`, `Decimal`)
/// decode as they say themselves, a ``JSONValue`` has its doubles where the text has a fraction or an exponent, and a
/// number too small for a double is 0.
package final class JSONText {
  private let bytes: ArraySlice<UInt8>
  private var tokens: [JSONToken]

  /// Finds the values of a text; the bytes are not copied.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  package init(parsing bytes: ArraySlice<UInt8>) throws(JSONError) {
    self.bytes = bytes
    self.tokens = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      try JSONScanner.tokens(of: buffer)
    }
  }

  /// Finds the values of a text; the bytes are not copied.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  package convenience init(parsing bytes: [UInt8]) throws(JSONError) { try self.init(parsing: bytes[...]) }

  /// Decodes the whole text.
  ///
  /// - Throws: `DecodingError`, and what the type's own decoding throws.
  package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value { try self.decode(type, at: 0) }

  func read<Result>(_ body: (JSONReader) throws -> Result) rethrows -> Result {
    try self.bytes.withUnsafeBufferPointer { bytes in
      try self.tokens.withUnsafeBufferPointer { tokens in try body(JSONReader(bytes: bytes, tokens: tokens)) }
    }
  }

  /// The token at this place.
  func token(at index: Int) -> JSONToken { self.tokens[index] }

  /// Whether `null` stands at this place.
  func isNull(at index: Int) -> Bool { self.tokens[index].kind == .null }

  /// The place of a field's value; nil if the object at `object` has no such field.
  ///
  /// Fields are mostly asked for in the order in which they stand, so the search begins where the last one ended.
  func place(of key: String, in object: Int) -> Int? {
    var key = key
    return key.withUTF8 { name in
      self.bytes.withUnsafeBufferPointer { bytes in
        self.tokens.withUnsafeMutableBufferPointer { tokens in
          let children = tokens[object].children(at: object)
          guard !children.isEmpty else { return nil }
          let first = Int(tokens[object].start)
          var place = first
          repeat {
            if JSONReader(bytes: bytes, tokens: UnsafeBufferPointer(tokens)).isKey(name, at: place) {
              tokens[object].start = UInt32(place)
              return place + 1
            }
            place = Int(tokens[place + 1].next)
            if place == children.upperBound { place = children.lowerBound }
          } while place != first
          return nil
        }
      }
    }
  }

  /// Makes the object at this place ready for ``place(of:in:)``: of a repeated key only the last one will be found.
  func prepareFields(of object: Int) {
    self.bytes.withUnsafeBufferPointer { bytes in
      self.tokens.withUnsafeMutableBufferPointer { tokens in
        // Where a search begins, and 0 before the first.
        guard tokens[object].start == 0 else { return }
        tokens[object].start = UInt32(object + 1)
        let reader = JSONReader(bytes: bytes, tokens: UnsafeBufferPointer(tokens))
        for key in reader.repeatedKeys(of: object) { tokens[key].kind = .repeatedKey }
      }
    }
  }
}
