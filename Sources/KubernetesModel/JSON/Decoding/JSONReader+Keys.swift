extension JSONReader {
  /// Up to so many keys are compared each with each.
  private static let fewKeys = 24

  /// Whether the key at this place is `name` and counts.
  func isKey(_ name: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
    switch self.tokens[index].kind {
    case .string: Self.areEqual(self.raw(at: index), name)
    case .escapedString: self.string(at: index).utf8.elementsEqual(name)
    default: false
    }
  }

  /// The places of an object's keys.
  func keys(of object: Int) -> [Int] {
    let children = self.tokens[object].children(at: object)
    return Array(
      sequence(first: children.lowerBound) { Int(self.tokens[$0 + 1].next) }.prefix { $0 < children.upperBound })
  }

  /// The places of the keys that stand in their object once more further on.
  func repeatedKeys(of object: Int) -> [Int] {
    let token = self.tokens[object]
    guard token.count > Self.fewKeys else { return self.fewRepeatedKeys(in: token.children(at: object)) }
    var seen = Set<Name>(minimumCapacity: token.count)
    return self.keys(of: object).reversed().filter { !seen.insert(Name(text: self.string(at: $0))).inserted }
  }

  private func fewRepeatedKeys(in children: Range<Int>) -> [Int] {
    var repeated: [Int] = []
    var first = children.lowerBound
    while first < children.upperBound {
      var second = Int(self.tokens[first + 1].next)
      while second < children.upperBound {
        if self.areSameKeys(first, second) {
          repeated.append(first)
          break
        }
        second = Int(self.tokens[second + 1].next)
      }
      first = Int(self.tokens[first + 1].next)
    }
    return repeated
  }

  private func areSameKeys(_ first: Int, _ second: Int) -> Bool {
    if self.tokens[first].kind == .string, self.tokens[second].kind == .string {
      return Self.areEqual(self.raw(at: first), self.raw(at: second))
    }
    return self.string(at: first).utf8.elementsEqual(self.string(at: second).utf8)
  }

  private static func areEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    // The last bytes first: they differ where names have a beginning in common.
    left.count == right.count && zip(left.reversed(), right.reversed()).allSatisfy(==)
  }

  /// A key that is the same as another only if its bytes are.
  private struct Name: Hashable {
    var text: String

    static func == (left: Name, right: Name) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
      for byte in self.text.utf8 { hasher.combine(byte) }
    }
  }
}
