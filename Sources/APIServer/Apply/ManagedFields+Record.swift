import KubernetesModel

extension ManagedFields {
  /// How many owners by update an object has; the oldest are merged beyond that.
  static let maximumUpdaters = 10

  /// The owner of what the oldest updaters owned.
  private static let ancientManager = "ancient-changes"

  /// Records an update: what it changed is the updater's now and nobody else's, what it removed nobody's.
  mutating func record(_ changes: FieldChanges, by updater: Owner, at now: Timestamp) {
    guard !changes.isEmpty else { return }
    var own: Int?
    for index in self.entries.indices {
      self.entries[index].lose(changes.removed)
      if self.entries[index].belongs(to: updater) {
        own = index
      } else {
        self.entries[index].lose(changes.changed)
      }
    }
    if !changes.changed.isEmpty {
      if let own {
        self.entries[own].fields.formUnion(changes.changed)
        self.entries[own].time = now.description
      } else {
        self.entries.append(Entry(updater, time: now.description, changes.changed))
      }
    }
    self.entries.removeAll(where: \.isEmpty)
    self.mergeOldest()
  }

  /// Merges the oldest updaters of each version into one, until there are no more than the limit.
  private mutating func mergeOldest() {
    var updaters = self.entries.filter { $0.operation == .update }
    guard updaters.count > Self.maximumUpdaters else { return }
    updaters.sort { ($0.time, $0.manager) < ($1.time, $1.manager) }
    var surplus = updaters.count - Self.maximumUpdaters
    var oldest: [String: Int] = [:]
    var gone: Set<Int> = []
    for index in updaters.indices where surplus > 0 {
      let version = updaters[index].apiVersion
      guard let first = oldest[version] else {
        oldest[version] = index
        continue
      }
      let ancient = Owner(manager: Self.ancientManager, operation: .update, subresource: "", apiVersion: version)
      let present = updaters.indices.first { !gone.contains($0) && updaters[$0].belongs(to: ancient) }
      let (into, from) = present.map { $0 == index ? (index, first) : ($0, index) } ?? (first, index)
      updaters[into] = Entry(
        ancient, time: updaters[index].time, updaters[into].fields.union(updaters[from].fields))
      oldest[version] = into
      gone.insert(from)
      surplus -= 1
    }
    self.entries =
      self.entries.filter { $0.operation == .apply }
      + updaters.indices.filter { !gone.contains($0) }.map { updaters[$0] }
  }
}
