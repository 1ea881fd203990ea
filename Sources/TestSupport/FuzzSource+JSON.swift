package import KubernetesModel

extension FuzzSource {
  /// A value with one of the values in it replaced, removed, or given a neighbour.
  package mutating func altered(_ json: JSONValue) -> JSONValue {
    switch json {
    case .array(var elements) where !elements.isEmpty && !self.isOne(in: 4):
      let index = self.number(below: elements.count)
      switch self.number(below: 8) {
      case 0: elements.remove(at: index)
      case 1: elements.insert(self.json(depth: 2), at: index)
      default: elements[index] = self.altered(elements[index])
      }
      return .array(elements)
    case .object(var fields) where !fields.isEmpty && !self.isOne(in: 12):
      let name = self.pick(fields.keys.sorted())
      switch self.number(below: 8) {
      case 0: fields[name] = nil
      case 1: fields[self.name()] = self.json(depth: 2)
      case 2: fields[name] = .null
      default: fields[name] = fields[name].map { self.altered($0) }
      }
      return .object(fields)
    default: return self.json(depth: 2)
    }
  }

  /// One of the many texts that mean this value: with white space, in any order of keys, with escapes or without.
  package mutating func spelled(_ json: JSONValue) -> [UInt8] {
    switch json {
    case .array(let elements):
      self.space() + Array("[".utf8) + self.joined(elements.map { self.spelled($0) }) + Array("]".utf8) + self.space()
    case .object(let fields):
      self.space() + Array("{".utf8)
        + self.joined(
          fields.sorted { $0.key < $1.key }.shuffled(using: &self).map { name, value in
            self.space() + self.spelled(name) + self.space() + Array(":".utf8) + self.spelled(value)
          }) + Array("}".utf8) + self.space()
    case .string(let string): self.space() + self.spelled(string) + self.space()
    default: self.space() + json.serialized() + self.space()
    }
  }

  private mutating func spelled(_ string: String) -> [UInt8] {
    guard self.isOne(in: 4) else { return JSONValue.string(string).serialized() }
    let units = string.utf16.map { unit in
      let digits = String(unit, radix: 16, uppercase: self.isOne(in: 2))
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return Array("\"\(units.joined())\"".utf8)
  }

  private func joined(_ parts: [[UInt8]]) -> [UInt8] { Array(parts.joined(separator: [UInt8(ascii: ",")])) }

  private mutating func space() -> [UInt8] {
    self.isOne(in: 6) ? Array(self.pick([" ", "\n", "\t", "\r\n", "   "]).utf8) : []
  }
}
