import KubernetesModel

/// Writes a protocol buffers message, field by field.
///
/// A value that is absent, or of another type than the field, is left out.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func text(_ number: Int, _ value: JSONValue?) {
    guard let text = value?.stringValue else { return }
    self.bytes(number, Array(text.utf8))
  }

  mutating func integer(_ number: Int, _ value: JSONValue?) {
    guard let integer = value?.integerValue else { return }
    self.tag(number, wireType: 0)
    self.varint(UInt64(bitPattern: integer))
  }

  mutating func flag(_ number: Int, _ value: JSONValue?) {
    guard value?.boolValue == true else { return }
    self.tag(number, wireType: 0)
    self.varint(1)
  }

  mutating func double(_ number: Int, _ value: JSONValue?) {
    guard let double = value?.numberValue else { return }
    self.tag(number, wireType: 1)
    withUnsafeBytes(of: double.bitPattern.littleEndian) { self.bytes.append(contentsOf: $0) }
  }

  mutating func bytes(_ number: Int, _ value: [UInt8]) {
    self.tag(number, wireType: 2)
    self.varint(UInt64(value.count))
    self.bytes.append(contentsOf: value)
  }

  mutating func message(_ number: Int, _ write: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    write(&message)
    self.bytes(number, message.bytes)
  }

  private mutating func tag(_ number: Int, wireType: Int) { self.varint(UInt64(number << 3 | wireType)) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    self.bytes.append(UInt8(rest))
  }
}
