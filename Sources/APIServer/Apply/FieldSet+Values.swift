import KubernetesModel

/// How sets, merges and removals see a value: its schema says which objects and lists are taken apart.
enum Shape {
  case fields([String: JSONValue])
  case keyed([(key: FieldSet.Step, value: JSONValue)])
  case values([JSONValue])
  case whole

  init(_ value: JSONValue, _ schema: StructuralSchema?) {
    switch value {
    case .object(let fields) where schema?.isAtomicMap != true: self = .fields(fields)
    case .array(let elements) where schema?.listType == .map:
      let keyed = elements.compactMap { element in
        schema?.mapKey(of: element).map { (key: FieldSet.Step.key($0), value: element) }
      }
      self = keyed.count == elements.count ? .keyed(keyed) : .whole
    case .array(let elements) where schema?.listType == .set: self = .values(elements)
    default: self = .whole
    }
  }
}

extension FieldSet {
  /// The places that a configuration asks for.
  ///
  /// An object that the schema names is not owned itself, only what it holds.
  static func of(_ value: JSONValue, _ schema: StructuralSchema?) -> FieldSet {
    Self.of(value, schema, marksAll: false)
  }

  /// Every place that a value fills, itself included.
  static func filled(by value: JSONValue, _ schema: StructuralSchema?) -> FieldSet {
    Self.of(value, schema, marksAll: true)
  }

  private static func of(_ value: JSONValue, _ schema: StructuralSchema?, marksAll: Bool) -> FieldSet {
    var set = FieldSet(isMember: marksAll)
    switch Shape(value, schema) {
    case .fields(let fields) where !fields.isEmpty:
      set.children.reserveCapacity(fields.count)
      for (name, field) in fields {
        var child = Self.of(field, schema?.child(name), marksAll: marksAll)
        // A key that the schema does not name is owned as such, beside what it holds.
        if schema?.properties[name] == nil { child.isMember = true }
        set.children[.field(name)] = child
      }
    case .keyed(let elements) where !elements.isEmpty:
      for element in elements {
        var child = Self.of(element.value, schema?.items, marksAll: marksAll)
        child.isMember = true
        set.children[element.key] = child
      }
    case .values(let values) where !values.isEmpty:
      for value in values { set.children[.value(value)] = .leaf }
    default: return .leaf
    }
    return set
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
      var indices = Dictionary(zip(elements.map(\.key), elements.indices), uniquingKeysWith: { first, _ in first })
      for change in changes {
        if let index = indices[change.key] {
          elements[index].value.merge(applied: change.value, schema?.items)
        } else {
          indices[change.key] = elements.endIndex
          elements.append(change)
        }
      }
      self = .array(elements.map(\.value))
    case (.values(let values), .values(let changes)):
      var known = Set(values)
      self = .array(values + changes.filter { known.insert($0).inserted })
    default: self = applied
    }
  }

  /// Empties the places of a set, but for what `kept` holds.
  ///
  /// An object or element that is in the set goes with everything that it holds, unless some of that is kept.
  mutating func remove(_ set: FieldSet, keeping kept: FieldSet, _ schema: StructuralSchema?) {
    switch Shape(self, schema) {
    case .fields(var fields):
      for (step, gone) in set.children {
        let name = String(step.written.dropFirst(2))
        guard let field = fields[name] else { continue }
        // A field that the schema names goes with the last that anyone owned below it.
        let goes = gone.isMember || schema?.properties[name] != nil
        fields[name] = field.remains(gone, keeping: kept.children[step], goes: goes, schema?.child(name))
      }
      self = .object(fields)
    case .keyed(let elements):
      self = .array(
        elements.compactMap { element in
          guard let gone = set.children[element.key] else { return element.value }
          return element.value.remains(gone, keeping: kept.children[element.key], goes: gone.isMember, schema?.items)
        })
    case .values(let values):
      self = .array(
        values.filter {
          let step = FieldSet.Step.value($0)
          return set.children[step] == nil || kept.children[step] != nil
        })
    case .whole: ()
    }
  }

  /// What stays of a value below which places are emptied; nil if it goes.
  private func remains(
    _ gone: FieldSet, keeping kept: FieldSet?, goes: Bool, _ schema: StructuralSchema?
  ) -> JSONValue? {
    guard let kept, !kept.isEmpty else {
      guard !goes else { return nil }
      var rest = self
      rest.remove(gone, keeping: FieldSet(), schema)
      // What held only what is gone goes too.
      return rest == .object([:]) || rest == .array([]) ? nil : rest
    }
    var rest = self
    rest.remove(gone, keeping: kept, schema)
    return rest
  }
}
