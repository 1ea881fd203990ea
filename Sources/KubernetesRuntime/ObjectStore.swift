package import KubernetesModel
import Synchronization

/// What a watcher has seen: the newest state of every object, with indexes.
///
/// Written by one watcher, read by everybody. Reads are snapshots of values.
package final class ObjectStore<Resource: KubernetesResource>: Sendable {
  /// Gives the values under which an object is found.
  package typealias IndexFunction = @Sendable (Resource) -> [String]

  private struct State {
    var objects: [ObjectKey: Resource] = [:]
    var isListed = false
    var indexes: [String: [String: Set<ObjectKey>]] = [:]
  }

  private let indexFunctions: [String: IndexFunction]
  private let state = Mutex(State())

  /// - Parameter indexes: index functions by the index's name.
  package init(indexes: [String: IndexFunction] = [:]) {
    self.indexFunctions = indexes
  }

  /// The object of that key.
  package func get(_ key: ObjectKey) -> Resource? { self.state.withLock { $0.objects[key] } }

  /// Every object, in the order of their keys.
  package func all() -> [Resource] {
    self.state.withLock { state in state.objects.values.sorted { $0.key < $1.key } }
  }

  /// The objects found under `value` in an index, in the order of their keys.
  package func find(_ index: String, _ value: String) -> [Resource] {
    self.state.withLock { state in
      (state.indexes[index]?[value] ?? []).sorted().compactMap { state.objects[$0] }
    }
  }

  /// How many objects are found under `value` in an index.
  package func count(_ index: String, _ value: String) -> Int {
    self.state.withLock { $0.indexes[index]?[value]?.count ?? 0 }
  }

  /// Whether the store has ever held a whole list, so that what it lacks does not exist, but for what is newer.
  package var isListed: Bool { self.state.withLock { $0.isListed } }

  /// How many objects there are.
  package var count: Int { self.state.withLock { $0.objects.count } }

  /// Puts in the newest state of an object.
  ///
  /// - Returns: the state before.
  @discardableResult
  package func apply(_ object: Resource) -> Resource? {
    let entries = self.entries(of: object)
    return self.state.withLock { state in
      let old = state.objects.updateValue(object, forKey: object.key)
      if let old { Self.remove(self.entries(of: old), old.key, from: &state.indexes) }
      for (index, value) in entries { state.indexes[index, default: [:]][value, default: []].insert(object.key) }
      return old
    }
  }

  /// Takes an object out.
  @discardableResult
  package func remove(_ key: ObjectKey) -> Resource? {
    self.state.withLock { state in
      guard let old = state.objects.removeValue(forKey: key) else { return nil }
      Self.remove(self.entries(of: old), key, from: &state.indexes)
      return old
    }
  }

  /// Replaces the whole content at once, so that no reader sees half a list.
  ///
  /// - Returns: what this changed, in the order of the list; then what is gone, in the order of their keys.
  package func replaceAll(_ objects: [Resource]) -> [StoreChange<Resource>] {
    var next = State()
    next.isListed = true
    for object in objects {
      next.objects[object.key] = object
      for (index, value) in self.entries(of: object) {
        next.indexes[index, default: [:]][value, default: []].insert(object.key)
      }
    }
    let fresh = next
    let old = self.state.withLock { state in
      let old = state.objects
      state = fresh
      return old
    }
    var changes: [StoreChange<Resource>] = []
    for object in objects {
      if let before = old[object.key] {
        if before.metadata.resourceVersion != object.metadata.resourceVersion
          || before.metadata.uid != object.metadata.uid
        {
          changes.append(.updated(from: before, to: object))
        }
      } else {
        changes.append(.added(object))
      }
    }
    let gone = old.values.filter { fresh.objects[$0.key] == nil }.sorted { $0.key < $1.key }
    return changes + gone.map(StoreChange.removed)
  }

  private func entries(of object: Resource) -> [(index: String, value: String)] {
    self.indexFunctions.flatMap { index, function in function(object).map { (index, $0) } }
  }

  private static func remove(
    _ entries: [(index: String, value: String)], _ key: ObjectKey,
    from indexes: inout [String: [String: Set<ObjectKey>]]
  ) {
    for (index, value) in entries {
      indexes[index]?[value]?.remove(key)
      if indexes[index]?[value]?.isEmpty == true { indexes[index]?[value] = nil }
    }
  }
}

/// One change of a store.
package enum StoreChange<Resource: KubernetesResource>: Sendable {
  /// Seen for the first time.
  case added(Resource)
  /// Changed.
  case updated(from: Resource, to: Resource)
  /// Gone; its last known state.
  case removed(Resource)

  /// The newest known state.
  package var object: Resource {
    switch self {
    case .added(let object), .updated(_, let object), .removed(let object): object
    }
  }
}
