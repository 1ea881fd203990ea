package import KubernetesModel

/// A source of values that a seed determines (SplitMix64), so that what it finds is found again.
package struct FuzzSource: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { self.state = seed }

  package mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var value = self.state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  package mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// Whether one time in so many has come.
  package mutating func isOne(in count: Int) -> Bool { self.number(below: count) == 0 }

  package mutating func pick<Element>(_ choices: [Element]) -> Element { choices[self.number(below: choices.count)] }

  /// Few names, so that they meet.
  package mutating func name() -> String {
    self.pick(["a", "b", "c", "name", "type", "spec", "items", "$patch", "", "~/", "0"])
  }

  package mutating func scalar() -> JSONValue {
    switch self.number(below: 9) {
    case 0: .null
    case 1: .bool(self.isOne(in: 2))
    case 2: .integer(self.pick([0, 1, -1, 100, .max, .min, 1 << 53]))
    case 3: .double(self.pick([0.5, -0.0, 1e300, -1e300, 2.3e-308, 1e19, 3.0]))
    case 4: .string("")
    case 5: .string(self.pick(["é", "e\u{301}", "\u{0}", "👩‍🚀", "\u{FEFF}", "2026-01-01T00:00:00Z", "1", "delete"]))
    default: .string(self.name())
    }
  }

  package mutating func json(depth: Int = 4) -> JSONValue {
    guard depth > 0, !self.isOne(in: 3) else { return self.scalar() }
    let count = self.number(below: 4)
    if self.isOne(in: 2) { return .array((0..<count).map { _ in self.json(depth: depth - 1) }) }
    var fields: [String: JSONValue] = [:]
    for _ in 0..<count { fields[self.name()] = self.json(depth: depth - 1) }
    return .object(fields)
  }

  /// Bytes with some of them replaced, removed, repeated or inserted.
  package mutating func mutated(_ bytes: [UInt8], from alphabet: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<(1 + self.number(below: 4)) {
      let place = self.number(below: bytes.count + 1)
      let byte = self.isOne(in: 4) ? UInt8(truncatingIfNeeded: self.next()) : self.pick(alphabet)
      switch self.number(below: 4) {
      case 0 where place < bytes.count: bytes[place] = byte
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2:
        let end = min(bytes.count, place + 1 + self.number(below: 8))
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      default: bytes.insert(byte, at: place)
      }
    }
    return bytes
  }
}
