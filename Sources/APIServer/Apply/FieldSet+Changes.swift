import KubernetesModel

/// What an update did to an object's places.
struct FieldChanges: Sendable, Hashable {
  /// Filled or altered.
  var changed = FieldSet()
  /// Emptied.
  var removed = FieldSet()

  var isEmpty: Bool { self.changed.isEmpty && self.removed.isEmpty }

  init() {}

  /// Compares two values.
  init(from old: JSONValue, to new: JSONValue, _ schema: StructuralSchema?) {
    switch (Shape(old, schema), Shape(new, schema)) {
    case (.fields(let old), .fields(let new)):
      for (name, value) in new { self.add(.field(name), old[name], value, schema?.child(name)) }
      for (name, value) in old where new[name] == nil { self.add(.field(name), value, nil, schema?.child(name)) }
    case (.keyed(let old), .keyed(let new)):
      let values = Dictionary(old.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      var kept: Set<FieldSet.Step> = []
      // Of elements with the same keys the first counts.
      for element in new where kept.insert(element.key).inserted {
        self.add(element.key, values[element.key], element.value, schema?.items)
      }
      for (key, value) in values where !kept.contains(key) { self.add(key, value, nil, schema?.items) }
    case (.values(let old), .values(let new)):
      let before = Set(old)
      let after = Set(new)
      for value in after.subtracting(before) { self.changed.children[.value(value)] = .leaf }
      for value in before.subtracting(after) { self.removed.children[.value(value)] = .leaf }
    default:
      guard old != new else { return }
      self.changed = .filled(by: new, schema)
      self.removed = .filled(by: old, schema)
      self.removed.isMember = false
    }
  }

  /// Adds what happened to one part of a value.
  mutating func add(
    _ step: @autoclosure () -> FieldSet.Step, _ old: JSONValue?, _ new: JSONValue?, _ schema: StructuralSchema?
  ) {
    switch (old, new) {
    case (nil, nil): ()
    case (let old?, nil): self.removed.children[step()] = .filled(by: old, schema)
    case (nil, let new?): self.changed.children[step()] = .filled(by: new, schema)
    case (let old?, let new?):
      switch (old, new) {
      case (.object, .object), (.array, .array): ()
      default: if old == new { return }
      }
      let below = FieldChanges(from: old, to: new, schema)
      if below.isEmpty { return }
      let step = step()
      if !below.changed.isEmpty { self.changed.children[step] = below.changed }
      if !below.removed.isEmpty { self.removed.children[step] = below.removed }
    }
  }
}
