extension JSONValue {
  /// Applies a JSON merge patch (RFC 7396): objects merge, `null` removes, everything else replaces.
  public mutating func apply(mergePatch patch: JSONValue) {
    guard case .object(let changes) = patch else {
      self = patch
      return
    }
    var fields = self.objectValue ?? [:]
    // Releases the old storage, so that `fields` is changed in place.
    self = .null
    for (key, change) in changes {
      if change.isNull {
        fields[key] = nil
      } else {
        fields[key, default: .null].apply(mergePatch: change)
      }
    }
    self = .object(fields)
  }

  /// This value with a JSON merge patch (RFC 7396) applied.
  public func applying(mergePatch patch: JSONValue) -> JSONValue {
    var copy = self
    copy.apply(mergePatch: patch)
    return copy
  }
}
