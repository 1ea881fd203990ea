extension JSONValue {
  /// The merge patch (RFC 7396) that turns `old` into `new`; nil if nothing differs.
  ///
  /// Fields whose value is null cannot be told from absent ones in this format, and are treated as absent.
  public static func mergePatch(from old: JSONValue, to new: JSONValue) -> JSONValue? {
    guard old != new else { return nil }
    guard let oldFields = old.objectValue, let newFields = new.objectValue else { return new }
    var patch: [String: JSONValue] = [:]
    for (field, value) in newFields where !value.isNull {
      guard let before = oldFields[field], !before.isNull else {
        patch[field] = value
        continue
      }
      if let difference = Self.mergePatch(from: before, to: value) { patch[field] = difference }
    }
    for (field, value) in oldFields where !value.isNull && (newFields[field] ?? .null).isNull { patch[field] = .null }
    return patch.isEmpty ? nil : .object(patch)
  }
}
