/// A range of addresses, as `169.254.0.0/16` writes it.
package struct NetworkRange: Sendable, Hashable, CustomStringConvertible {
  /// The first address.
  package let base: NetworkAddress
  /// How many of its leading bits all addresses of the range share.
  package let prefix: Int

  /// Reads CIDR notation, or one address; nil for anything else, as bits behind the prefix.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let written = parts.first, let base = NetworkAddress(written) else { return nil }
    var prefix = base.bytes.count * 8
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
        let given = Int(parts[1])
      else { return nil }
      // An IPv4 address in the form of IPv6 has 96 bits more.
      prefix = written.contains(":") && base.bytes.count == 4 ? given - 96 : given
    }
    guard (0...base.bytes.count * 8).contains(prefix) else { return nil }
    self.base = base
    self.prefix = prefix
    guard Self.masked(base.bytes, prefix) == base.bytes else { return nil }
  }

  /// Whether `address` is in it.
  package func contains(_ address: NetworkAddress) -> Bool {
    guard address.bytes.count == self.base.bytes.count else { return false }
    let whole = self.prefix / 8
    for index in 0..<whole where address.bytes[index] != self.base.bytes[index] { return false }
    let mask = Self.mask(bits: self.prefix % 8)
    return mask == 0 || address.bytes[whole] & mask == self.base.bytes[whole]
  }

  /// CIDR notation.
  package var description: String { "\(self.base)/\(self.prefix)" }

  /// Where no request that somebody else has configured may lead: link-local addresses, behind which clouds keep their
  /// metadata services, and the addresses elsewhere at which some of them do.
  package static let metadataServices: [NetworkRange] = [
    "169.254.0.0/16", "fe80::/10", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200",
  ].compactMap { NetworkRange($0) }

  private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
    bytes.enumerated().map { $1 & Self.mask(bits: min(max(prefix - $0 * 8, 0), 8)) }
  }

  /// A byte whose first `bits` bits are set.
  private static func mask(bits: Int) -> UInt8 { ~(0xFF >> UInt8(bits)) }
}
