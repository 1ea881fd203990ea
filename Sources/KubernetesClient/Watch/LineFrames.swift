/// Splits a stream of bytes into lines, whatever the chunks look like.
///
/// A value: bytes go in, whole frames come out, and what is left waits for more.
package struct LineFrames: Sendable {
  private var buffer: [UInt8] = []
  private var consumed = 0
  private var scanned = 0
  private let largest: Int

  /// - Parameter largest: bytes that one line may have.
  package init(largest: Int = 16 << 20) { self.largest = largest }

  /// Takes up bytes.
  package mutating func append(_ bytes: [UInt8]) {
    if self.consumed > 0 {
      self.buffer.removeFirst(self.consumed)
      self.scanned -= self.consumed
      self.consumed = 0
    }
    self.buffer.append(contentsOf: bytes)
  }

  /// The next whole line without its newline, or nil until more bytes have come.
  ///
  /// Empty lines are skipped. A line that is let go before the next ``append(_:)`` costs no copy of its bytes.
  ///
  /// - Throws: ``FrameTooLarge`` once an unfinished line is longer than allowed.
  package mutating func next() throws(FrameTooLarge) -> ArraySlice<UInt8>? {
    while let newline = self.buffer[self.scanned...].firstIndex(of: 0x0A) {
      let line = self.buffer[self.consumed..<newline]
      self.consumed = newline + 1
      self.scanned = self.consumed
      if !line.isEmpty { return line }
    }
    self.scanned = self.buffer.count
    guard self.buffer.count - self.consumed <= self.largest else { throw FrameTooLarge(limit: self.largest) }
    return nil
  }

  /// A line had more bytes than allowed.
  package struct FrameTooLarge: Error {
    package var limit: Int
  }
}
