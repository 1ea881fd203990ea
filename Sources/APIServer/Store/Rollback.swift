/// What takes the present objects of one resource back to an earlier revision.
///
/// Changes that the present objects do not show yet do no harm: what was there before them is there still.
struct Rollback: Sendable {
  /// The objects that have changed since, as they were; nil for those that were not there.
  private(set) var former: [StoreKey: StoredObject?] = [:]

  /// Takes back a change; changes must come oldest first.
  mutating func undo(_ event: StoreEvent) {
    guard self.former[event.object.key] == nil else { return }
    self.former[event.object.key] = .some(event.previous)
  }

  /// Whether an object has changed since.
  func covers(_ key: StoreKey) -> Bool { self.former[key] != nil }

  /// The changed objects that a query asks for, as they were, in the order of lists.
  func objects(_ query: StoreQuery) -> [StoredObject] {
    self.former.values.compactMap { $0 }
      .filter { object in
        guard query.matches(object) else { return false }
        guard let after = query.after else { return true }
        return StoreKey.isOrdered((after.namespace, after.name), (object.key.namespace, object.key.name))
      }
      .sorted { StoreKey.isOrdered(($0.key.namespace, $0.key.name), ($1.key.namespace, $1.key.name)) }
  }
}
