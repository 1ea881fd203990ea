import Glibc
import HTTPTypes
import StableHash

/// Fields that were read not long ago, by their lines: a server says nearly the same in every answer.
///
/// Never leaves the loop's thread.
final class FieldCache {
  private static let slots = 64
  /// Lines that are longer are seldom said twice.
  private static let lineLimit = 128

  private struct Entry {
    var line: [UInt8]
    var field: HTTPField
  }

  private var entries = [Entry?](repeating: nil, count: FieldCache.slots)

  /// Reads a line without its ending; nil for what is no field.
  ///
  /// A field whose name no token could be, and a folded line, carry nothing that anyone may rely on.
  func field(_ line: UnsafeRawBufferPointer) -> HTTPField? {
    guard line.count <= Self.lineLimit, let start = line.baseAddress else { return Self.read(line) }
    let slot = Self.slot(line)
    if let known = self.entries[slot], known.line.count == line.count, memcmp(known.line, start, line.count) == 0 {
      return known.field
    }
    guard let field = Self.read(line) else { return nil }
    self.entries[slot] = Entry(line: Array(line), field: field)
    return field
  }

  private static func slot(_ line: UnsafeRawBufferPointer) -> Int {
    Int(FNV1a<UInt32>(line).value >> 16) % Self.slots
  }

  private static func read(_ line: UnsafeRawBufferPointer) -> HTTPField? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
      let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
    else { return nil }
    var value = line[(colon + 1)...]
    while let first = value.first, Self.isBlank(first) { value = value.dropFirst() }
    while let last = value.last, Self.isBlank(last) { value = value.dropLast() }
    return HTTPField(name: name, lenientValue: value)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
