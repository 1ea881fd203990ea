import KubernetesModel

/// Who owns which fields of an object: `metadata.managedFields`.
///
/// Ownership is recorded from an object's first server-side apply on. What the object held before belongs to the manager
/// `before-first-apply`, as with real servers that did not record it until then.
struct ManagedFields: Sendable, Hashable {
  /// One owner's part.
  struct Entry: Sendable, Hashable {
    enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

    var manager: String
    var operation: Operation
    var subresource: String
    var apiVersion: String
    var time: String
    var fields: FieldSet

    /// Whether both are the same owner.
    func isSameOwner(as other: Entry) -> Bool {
      self.manager == other.manager && self.operation == other.operation && self.subresource == other.subresource
        && (self.operation == .apply || self.apiVersion == other.apiVersion)
    }

    /// The owner as errors name it.
    var shownOwner: String {
      var text = "\"\(self.manager)\""
      if !self.subresource.isEmpty { text += " with subresource \"\(self.subresource)\"" }
      return self.operation == .update ? text + " using \(self.apiVersion)" : text
    }
  }

  static let maximumEntries = 100

  var entries: [Entry] = []

  init(entries: [Entry] = []) { self.entries = entries }

  /// Reads an object's managed fields.
  init(_ object: APIObject) { self.init(list: object[metadata: "managedFields"]?.arrayValue ?? []) }

  /// Reads what an update says of the owners: one empty entry for that there are none, and nothing, or what cannot be
  /// read, for that they stay.
  init(given: JSONValue?, replacing old: ManagedFields) {
    let list = given?.arrayValue ?? []
    if list == [.object([:])] { return }
    let fields = ManagedFields(list: list)
    self = list.isEmpty || fields.entries.count < list.count ? old : fields
  }

  private init(list: [JSONValue]) {
    self.entries = list.compactMap { entry in
      guard let manager = entry["manager"]?.stringValue,
        let operation = entry["operation"]?.stringValue.flatMap(Entry.Operation.init)
      else { return nil }
      return Entry(
        manager: manager, operation: operation, subresource: entry["subresource"]?.stringValue ?? "",
        apiVersion: entry["apiVersion"]?.stringValue ?? "", time: entry["time"]?.stringValue ?? "",
        fields: FieldSet(json: entry["fieldsV1"] ?? nil))
    }
  }

  /// The form that objects carry; nil if there is no owner.
  var json: JSONValue? {
    let entries = self.entries.filter { !$0.fields.isEmpty }
    guard !entries.isEmpty else { return nil }
    return .array(
      entries.map { entry in
        var json: JSONValue = [
          "manager": .string(entry.manager), "operation": .string(entry.operation.rawValue),
          "apiVersion": .string(entry.apiVersion), "time": .string(entry.time), "fieldsType": "FieldsV1",
          "fieldsV1": entry.fields.json,
        ]
        if !entry.subresource.isEmpty { json["subresource"] = .string(entry.subresource) }
        return json
      })
  }

  /// Gives an owner its part; its time stays while the part does.
  mutating func set(_ entry: Entry) {
    if let index = self.entries.firstIndex(where: { $0.isSameOwner(as: entry) }) {
      if self.entries[index].fields != entry.fields { self.entries[index] = entry }
    } else if !entry.fields.isEmpty {
      self.entries.append(entry)
    }
    // The oldest updaters are forgotten first; what they owned is then nobody's.
    while self.entries.count > Self.maximumEntries,
      let index = self.entries.firstIndex(where: { $0.operation == .update })
    {
      self.entries.remove(at: index)
    }
  }

  /// Records an ordinary update: what it changed is the updater's now, what it removed nobody's.
  mutating func record(_ updater: Entry, changed: FieldSet, removed: FieldSet) {
    guard !changed.isEmpty || !removed.isEmpty else { return }
    var updater = updater
    let own = self.entries.first { $0.isSameOwner(as: updater) }?.fields ?? FieldSet()
    updater.fields = own.union(changed).subtracting(removed)
    for index in self.entries.indices {
      let lost = self.entries[index].isSameOwner(as: updater) ? removed : changed.union(removed)
      self.entries[index].fields = self.entries[index].fields.subtracting(lost)
    }
    self.set(updater)
    self.entries.removeAll { $0.fields.isEmpty }
  }
}
