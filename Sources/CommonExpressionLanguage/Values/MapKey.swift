/// A key of a map: a number, a truth value or a text.
///
/// Numbers are one key if they are equal, whatever their types.
struct MapKey: Sendable, Hashable {
  /// The key as the expression wrote it.
  let value: Value
  private let identity: Identity

  private enum Identity: Sendable, Hashable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    /// The bytes of a text; texts that only look alike are different keys.
    case string([UInt8])
  }

  /// The key that a value is; nil for a value that no key equals.
  init?(_ value: Value) {
    self.value = value
    switch value {
    case .bool(let bool): self.identity = .bool(bool)
    case .int(let int): self.identity = .int(int)
    case .uint(let uint): self.identity = Int64(exactly: uint).map(Identity.int) ?? .uint(uint)
    case .double(let double):
      if let int = Int64(exactly: double) {
        self.identity = .int(int)
      } else if let uint = UInt64(exactly: double) {
        self.identity = .uint(uint)
      } else {
        return nil
      }
    case .string(let text): self.identity = .string(Array(text.utf8))
    default: return nil
    }
  }

  static func == (left: MapKey, right: MapKey) -> Bool { left.identity == right.identity }

  func hash(into hasher: inout Hasher) { hasher.combine(self.identity) }
}
