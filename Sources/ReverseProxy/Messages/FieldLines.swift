import HTTPTypes

/// The field lines of a head or of trailers.
enum FieldLines {
  /// More fields than any game's client sends.
  static let maximumCount = 256

  /// Reads the lines of a head whose line ends are sound.
  ///
  /// - Parameter lines: the lines, each with its CR LF, and the empty one at the end.
  /// - Throws: ``MessageError`` for a folded line, a name that is none, or a space before the colon.
  static func parse(_ lines: ArraySlice<UInt8>) throws(MessageError) -> HTTPFields {
    var fields = HTTPFields()
    var rest = lines
    var count = 0
    while let line = Self.line(&rest), !line.isEmpty {
      count += 1
      guard count <= Self.maximumCount else { throw .tooLarge }
      fields.append(try Self.field(line))
    }
    return fields
  }

  /// Takes one line without its CR LF.
  static func line(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
    defer { bytes = bytes[(end + 2)...] }
    return bytes[..<end]
  }

  private static func field(_ line: ArraySlice<UInt8>) throws(MessageError) -> HTTPField {
    if let first = line.first, Self.isBlank(first) { throw .malformed("a folded header line") }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed("a header line without a colon") }
    guard let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self)) else {
      throw .malformed("a header name that is none")
    }
    var value = line[(colon + 1)...]
    value = value.drop(while: Self.isBlank)
    while let last = value.last, Self.isBlank(last) { value.removeLast() }
    return HTTPField(name: name, lenientValue: value)
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
