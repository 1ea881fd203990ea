/// An IPv4 or IPv6 address as its bytes.
package struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
  /// Four bytes or sixteen, the most significant first.
  package let bytes: [UInt8]

  /// Creates an address from 4 or 16 bytes, the most significant first; nil for any other number.
  ///
  /// An IPv6 address that stands for an IPv4 address becomes that one: there is no other way to reach a range than by
  /// its own addresses.
  package init?(bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    switch bytes.count {
    case 4: self.bytes = bytes
    case 16: self.bytes = Self.embedding.contains { bytes.starts(with: $0) } ? Array(bytes.suffix(4)) : bytes
    default: return nil
    }
  }

  /// Reads `192.0.2.1` or `2001:db8::1`; nil for anything else, a zone or a port included.
  package init?(_ text: some StringProtocol) {
    guard let bytes = text.contains(":") ? Self.six(text) : Self.four(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// The address in its usual form.
  package var description: String {
    guard self.bytes.count == 16 else { return self.bytes.map(String.init).joined(separator: ".") }
    let groups = stride(from: 0, to: 16, by: 2).map {
      UInt16(self.bytes[$0]) << 8 | UInt16(self.bytes[$0 + 1])
    }
    let words = groups.map { String($0, radix: 16) }
    guard let gap = Self.longestZeros(groups) else { return words.joined(separator: ":") }
    return words[..<gap.lowerBound].joined(separator: ":") + "::" + words[gap.upperBound...].joined(separator: ":")
  }

  /// `::ffff:0:0/96`, which sockets use, and `64:ff9b::/96`, which gateways translate.
  private static let embedding: [[UInt8]] = [
    [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF], [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8),
  ]

  private static func four(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      // A leading zero is octal to some and decimal to others.
      guard Self.isNumber(part, radix: 10), part == "0" || part.first != "0", let byte = UInt8(part) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func six(_ text: some StringProtocol) -> [UInt8]? {
    guard let gap = text.firstRange(of: "::") else {
      let bytes = Self.groups(text)
      return bytes?.count == 16 ? bytes : nil
    }
    let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
    guard let before = Self.groups(head, mayEndInFour: false), let after = Self.groups(tail),
      before.count + after.count <= 14
    else { return nil }
    return before + [UInt8](repeating: 0, count: 16 - before.count - after.count) + after
  }

  private static func groups(_ text: some StringProtocol, mayEndInFour: Bool = true) -> [UInt8]? {
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var bytes: [UInt8] = []
    for (index, part) in parts.enumerated() {
      if mayEndInFour, index == parts.count - 1, part.contains(".") {
        guard let four = Self.four(part) else { return nil }
        bytes += four
      } else {
        guard part.utf8.count <= 4, Self.isNumber(part, radix: 16), let group = UInt16(part, radix: 16) else {
          return nil
        }
        bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
      }
    }
    return bytes
  }

  private static func isNumber(_ text: some StringProtocol, radix: Int) -> Bool {
    !text.isEmpty && text.utf8.count <= 4
      && text.unicodeScalars.allSatisfy { $0.isASCII && Character($0).hexDigitValue.map { $0 < radix } == true }
  }

  /// The first of the longest runs of two or more zero groups.
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
    var longest: Range<Int>?
    var start = 0
    for index in 0...groups.count where index == groups.count || groups[index] != 0 {
      if index - start > max(longest?.count ?? 1, 1) { longest = start..<index }
      start = index + 1
    }
    return longest
  }
}
