extension JSONValue {
  /// Arrays and objects may be nested this deeply, the outermost counted.
  public static let maximumDepth = 200

  /// Parses one JSON text (RFC 8259), with white space around it and nothing else.
  ///
  /// Numbers without fraction and exponent that fit 64 bits become `.integer`, all others `.double`. Of a repeated key
  /// the last value counts.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try JSONDocument(parsing: bytes).value
  }

  /// Parses one JSON text that lies in memory.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    self = try JSONDocument(parsing: bytes).value
  }
}

/// A JSON text's value, and what the value alone cannot say.
public struct JSONDocument: Sendable, Hashable {
  /// The value.
  public var value: JSONValue
  /// Paths of the keys that stood more than once in their object, such as `spec.replicas`; at most 100 of them.
  public var duplicateFields: [String]

  /// Parses one JSON text.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in try JSONDocument(parsing: buffer) }
  }

  /// Parses one JSON text that lies in memory.
  ///
  /// - Throws: ``JSONError`` with the offset of the first fault.
  public init(parsing bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
    let tokens = try JSONScanner.tokens(of: bytes)
    var duplicateFields: [String] = []
    self.value = tokens.withUnsafeBufferPointer { tokens in
      let reader = JSONReader(bytes: bytes, tokens: tokens)
      return reader.value(at: 0) { repeated in
        if duplicateFields.count < 100 { duplicateFields.append(Self.text(reader.path(to: repeated))) }
      }
    }
    self.duplicateFields = duplicateFields
  }

  private static func text(_ path: [JSONReader.Step]) -> String {
    path.reduce(into: "") { text, step in
      switch step {
      case .field(let name): text += text.isEmpty ? name : ".\(name)"
      case .element(let index): text += "[\(index)]"
      }
    }
  }
}
