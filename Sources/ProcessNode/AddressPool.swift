/// Hands out loopback addresses, one to each Pod.
///
/// Addresses are given in a circle, so that one that has just become free rests for as long as possible.
package struct AddressPool: Sendable {
  private let range: Range
  private var owners: [UInt32: String] = [:]
  private var addresses: [String: UInt32] = [:]
  private var cursor: UInt32

  /// Creates a pool in which every address is free.
  package init(_ range: Range = .standard) {
    self.range = range
    self.cursor = range.first
  }

  /// How many addresses are in use.
  package var count: Int { self.owners.count }

  /// The address of `owner`: the one it has, else `preferred` if that lies in the range and is free, else the next free one.
  ///
  /// - Returns: Nil if every address is taken.
  package mutating func address(for owner: String, preferred: String? = nil) -> String? {
    if let address = self.addresses[owner] { return Range.text(address) }
    if let preferred, let address = Range.number(preferred), self.range.contains(address), self.owners[address] == nil {
      return self.give(address, to: owner)
    }
    for _ in 0..<self.range.count {
      let address = self.cursor
      self.cursor = address == self.range.last ? self.range.first : address + 1
      if self.owners[address] == nil { return self.give(address, to: owner) }
    }
    return nil
  }

  /// Makes the address of `owner` free.
  package mutating func release(_ owner: String) {
    guard let address = self.addresses.removeValue(forKey: owner) else { return }
    self.owners[address] = nil
  }

  private mutating func give(_ address: UInt32, to owner: String) -> String {
    self.owners[address] = owner
    self.addresses[owner] = address
    return Range.text(address)
  }

  /// A block of addresses inside 127.0.0.0/8.
  package struct Range: Sendable, Hashable, CustomStringConvertible {
    let first: UInt32
    let last: UInt32
    /// The block as it was written.
    package let description: String

    /// 127.64.0.0/16: far from 127.0.0.1, room for 65,534 Pods.
    package static let standard = Range(first: 0x7F40_0001, last: 0x7F40_FFFE, description: "127.64.0.0/16")

    private init(first: UInt32, last: UInt32, description: String) {
      self.first = first
      self.last = last
      self.description = description
    }

    /// Reads a block such as `127.64.0.0/16`.
    ///
    /// The block's first and last address are never given to a Pod.
    ///
    /// - Returns: Nil unless the block lies in 127.0.0.0/8, has a prefix of 8 to 30 bits and does not hold 127.0.0.1.
    package init?(_ text: String) {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let base = Self.number(String(parts[0])), let bits = UInt32(parts[1]),
        (8...30).contains(bits), base >> 24 == 127
      else { return nil }
      let size = UInt32(1) << (32 - bits)
      guard base % size == 0, !(base...base + (size - 1)).contains(0x7F00_0001) else { return nil }
      self.init(first: base + 1, last: base + size - 2, description: text)
    }

    var count: Int { Int(self.last - self.first) + 1 }

    func contains(_ address: UInt32) -> Bool { (self.first...self.last).contains(address) }

    static func text(_ address: UInt32) -> String {
      "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    static func number(_ text: String) -> UInt32? {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4 else { return nil }
      var number: UInt32 = 0
      for part in parts {
        guard let byte = UInt8(part) else { return nil }
        number = number << 8 | UInt32(byte)
      }
      return number
    }
  }
}
