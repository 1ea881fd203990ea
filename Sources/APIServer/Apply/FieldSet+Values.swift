import KubernetesModel

/// How sets, merges and removals see a value: its schema says which objects and lists are taken apart.
private enum Shape {
  case fields([String: JSONValue])
  case keyed([(key: JSONValue, value: JSONValue)])
  case values([JSONValue])
  case whole

  init(_ value: JSONValue, _ schema: StructuralSchema?) {
    switch value {
    case .object(let fields) where schema?.isAtomicMap != true: self = .fields(fields)
    case .array(let elements) where schema?.listType == .map:
      let keyed = elements.compactMap { element in schema?.mapKey(of: element).map { (key: $0, value: element) } }
      self = keyed.count == elements.count ? .keyed(keyed) : .whole
    case .array(let elements) where schema?.listType == .set: self = .values(elements)
    default: self = .whole
    }
  }
}

extension FieldSet {
  /// Every place that a value fills.
  static func of(_ value: JSONValue, _ schema: StructuralSchema?) -> FieldSet {
    var set = FieldSet()
    switch Shape(value, schema) {
    case .fields(let fields) where !fields.isEmpty:
      for (name, field) in fields {
        var child = Self.of(field, schema?.child(name))
        // A key that the schema does not name is owned as such, beside what it holds.
        if schema?.properties[name] == nil { child.isMember = true }
        set.children[.field(name)] = child
      }
    case .keyed(let elements) where !elements.isEmpty:
      for element in elements {
        var child = Self.of(element.value, schema?.items)
        child.isMember = true
        set.children[.key(element.key)] = child
      }
    case .values(let values) where !values.isEmpty:
      for value in values { set.children[.value(value)] = .leaf }
    default: return .leaf
    }
    return set
  }

  /// The places that a change filled or altered, and those that it emptied.
  static func changes(
    from old: JSONValue, to new: JSONValue, _ schema: StructuralSchema?
  ) -> (changed: FieldSet, removed: FieldSet) {
    var changed = FieldSet()
    var removed = FieldSet()
    func visit(_ step: Step, _ old: JSONValue?, _ new: JSONValue?, _ schema: StructuralSchema?, owned: Bool) {
      switch (old, new) {
      case (nil, nil): ()
      case (let old?, nil):
        var set = Self.of(old, schema)
        set.isMember = set.isMember || owned
        removed.children[step] = set
      case (nil, let new?):
        var set = Self.of(new, schema)
        set.isMember = set.isMember || owned
        changed.children[step] = set
      case (let old?, let new?):
        let below = Self.changes(from: old, to: new, schema)
        if !below.changed.isEmpty { changed.children[step] = below.changed }
        if !below.removed.isEmpty { removed.children[step] = below.removed }
      }
    }
    switch (Shape(old, schema), Shape(new, schema)) {
    case (.fields(let old), .fields(let new)):
      for name in Set(old.keys).union(new.keys) {
        visit(.field(name), old[name], new[name], schema?.child(name), owned: schema?.properties[name] == nil)
      }
    case (.keyed(let old), .keyed(let new)):
      let oldValues = Dictionary(old.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      let newValues = Dictionary(new.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
      for key in Set(oldValues.keys).union(newValues.keys) {
        visit(.key(key), oldValues[key], newValues[key], schema?.items, owned: true)
      }
    case (.values(let old), .values(let new)):
      for value in new where !old.contains(value) { changed.children[.value(value)] = .leaf }
      for value in old where !new.contains(value) { removed.children[.value(value)] = .leaf }
    default: if old != new { changed = Self.of(new, schema) }
    }
    return (changed, removed)
  }
}

extension JSONValue {
  /// Merges an applied configuration into this value.
  mutating func merge(applied: JSONValue, _ schema: StructuralSchema?) {
    switch (Shape(self, schema), Shape(applied, schema)) {
    case (.fields(var fields), .fields(let changes)):
      for (name, change) in changes {
        if fields[name] == nil {
          fields[name] = change
        } else {
          fields[name]!.merge(applied: change, schema?.child(name))
        }
      }
      self = .object(fields)
    case (.keyed(var elements), .keyed(let changes)):
      for change in changes {
        if let index = elements.firstIndex(where: { $0.key == change.key }) {
          elements[index].value.merge(applied: change.value, schema?.items)
        } else {
          elements.append(change)
        }
      }
      self = .array(elements.map(\.value))
    case (.values(let values), .values(let changes)):
      self = .array(values + changes.filter { !values.contains($0) })
    default: self = applied
    }
  }

  /// Empties the places of a set.
  mutating func remove(_ set: FieldSet, _ schema: StructuralSchema?) {
    switch Shape(self, schema) {
    case .fields(var fields):
      for (name, field) in fields {
        guard let gone = set.children[.field(name)] else { continue }
        if gone.isMember {
          fields[name] = nil
          continue
        }
        var rest = field
        rest.remove(gone, schema?.child(name))
        // What held only what is gone goes too.
        if rest == .object([:]) || rest == .array([]) { fields[name] = nil } else { fields[name] = rest }
      }
      self = .object(fields)
    case .keyed(let elements):
      self = .array(
        elements.compactMap { element in
          guard let gone = set.children[.key(element.key)] else { return element.value }
          guard !gone.isMember else { return nil }
          var rest = element.value
          rest.remove(gone, schema?.items)
          return rest
        })
    case .values(let values): self = .array(values.filter { set.children[.value($0)] == nil })
    case .whole: ()
    }
  }
}
