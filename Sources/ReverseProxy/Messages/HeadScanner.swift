import NIOCore

/// Finds where a head ends, looking at each byte once however it comes in.
///
/// It is strict about line ends, as the two sides of a proxy must never see different lines in the same bytes: a CR
/// stands only before an LF, an LF only after a CR, and no other control character than the tab is let through.
struct HeadScanner: Sendable, Hashable {
  private var scanned = 0
  /// How much of CR LF CR LF the bytes so far end with.
  private var matched: Int

  /// - Parameter followsLine: whether the bytes begin right behind a line, so that an empty line ends them at once.
  init(followsLine: Bool = false) {
    self.matched = followsLine ? 2 : 0
  }

  /// Takes the head with its empty line out of `input`.
  ///
  /// - Returns: nil while its end has not come.
  /// - Throws: ``MessageError`` if it is larger than `limit` bytes, or has a control character where none may be.
  mutating func next(_ input: inout ByteBuffer, limit: Int) throws(MessageError) -> [UInt8]? {
    let bytes = input.readableBytesView
    while self.scanned < bytes.count {
      guard self.scanned < limit else { throw .tooLarge }
      let byte = bytes[bytes.startIndex + self.scanned]
      self.scanned += 1
      switch (byte, self.matched) {
      case (UInt8(ascii: "\r"), 0), (UInt8(ascii: "\r"), 2): self.matched += 1
      case (UInt8(ascii: "\n"), 1), (UInt8(ascii: "\n"), 3): self.matched += 1
      case (UInt8(ascii: "\r"), _): throw .malformed("a CR that no LF follows")
      case (UInt8(ascii: "\n"), _): throw .malformed("an LF without a CR")
      case (_, 1), (_, 3): throw .malformed("a CR that no LF follows")
      case (UInt8(ascii: "\t"), _), (0x20..., _):
        guard byte != 0x7f else { throw .malformed("a control character") }
        self.matched = 0
      default: throw .malformed("a control character")
      }
      if self.matched == 4 {
        let head = input.readBytes(length: self.scanned)
        self = HeadScanner()
        return head
      }
    }
    return nil
  }
}
