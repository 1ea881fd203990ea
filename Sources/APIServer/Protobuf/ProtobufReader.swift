/// Reads the fields of a protocol buffers message.
struct ProtobufReader {
  /// A field's value as it lies in the message.
  enum Value: Sendable, Hashable {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  /// A message that breaks off, or is none.
  struct Malformed: Error {}

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.rest = bytes }

  /// The next field's number and value; nil at the end.
  mutating func next() throws(Malformed) -> (number: Int, value: Value)? {
    guard !self.rest.isEmpty else { return nil }
    let tag = try self.varint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw Malformed() }
    let value: Value
    switch tag & 7 {
    case 0: value = .number(try self.varint())
    case 1: value = .bytes(try self.take(8))
    case 2:
      let count = try self.varint()
      guard count <= UInt64(self.rest.count) else { throw Malformed() }
      value = .bytes(try self.take(Int(count)))
    case 5: value = .bytes(try self.take(4))
    default: throw Malformed()
    }
    return (Int(tag >> 3), value)
  }

  private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard count <= self.rest.count else { throw Malformed() }
    defer { self.rest = self.rest.dropFirst(count) }
    return self.rest.prefix(count)
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = self.rest.popFirst() else { throw Malformed() }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw Malformed()
  }
}
