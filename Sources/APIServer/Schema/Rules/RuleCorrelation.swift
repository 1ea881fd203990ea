import KubernetesModel

/// Which old value stands for a new one, to forgive faults where nothing changed.
struct RuleCorrelation: Sendable {
  private struct Pair: Sendable {
    var new: JSONValue
    var old: JSONValue
  }

  /// The value and the one that it replaces.
  private var current: Pair?
  /// The nearest value above that replaces another.
  private var nearest: Pair?

  /// An object and the one that it replaces.
  init(_ new: JSONValue, _ old: JSONValue?) { self.current = old.map { Pair(new: new, old: $0) } }

  /// Whether nothing changed here.
  var isUnchanged: Bool { (self.current ?? self.nearest).map { $0.new == $0.old } ?? false }

  /// The correlation of a field.
  func field(_ name: String) -> RuleCorrelation {
    guard let current = self.current else { return self }
    return self.child(current.new[name], current.old[name])
  }

  /// The correlation of an element: only lists with keys have old elements.
  func element(_ index: Int, of schema: StructuralSchema) -> RuleCorrelation {
    guard let current = self.current else { return self }
    guard schema.listType == .map, let new = current.new[index], let key = schema.mapKey(of: new) else {
      return self.child(nil, nil)
    }
    return self.child(new, current.old.arrayValue?.first { schema.mapKey(of: $0) == key })
  }

  private func child(_ new: JSONValue?, _ old: JSONValue?) -> RuleCorrelation {
    var child = self
    child.nearest = self.current
    child.current = if let new, let old { Pair(new: new, old: old) } else { nil }
    return child
  }
}
