import KubernetesModel

/// Server-side apply as a function on values.
struct ServerSideApply: Sendable {
  var manager: String
  var isForced: Bool
  /// Empty, or `status`.
  var subresource: String
  var schema: StructuralSchema?
  var now: Timestamp

  /// The fields of the metadata that the server sets; they belong to nobody.
  private static let metadataOfNobody = FieldSet(
    children: Dictionary(
      uniqueKeysWithValues: [
        "name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "managedFields", "selfLink",
        "deletionTimestamp", "deletionGracePeriodSeconds", "generateName",
      ].map { (FieldSet.Step.field($0), FieldSet.leaf) }))

  /// The places that an object's content fills.
  static func owned(_ object: APIObject, _ schema: StructuralSchema?) -> FieldSet {
    var set = FieldSet.of(object.json, schema)
    let metadata = FieldSet.of(object.metadata, BuiltInSchemas.metadata).subtracting(Self.metadataOfNobody)
    set.children[.field("apiVersion")] = nil
    set.children[.field("kind")] = nil
    set.children[.field("metadata")] = metadata.children.isEmpty ? nil : FieldSet(children: metadata.children)
    return set
  }

  /// The places that a change filled or altered, and those that it emptied.
  static func changes(
    from old: APIObject, to new: APIObject, _ schema: StructuralSchema?
  ) -> (changed: FieldSet, removed: FieldSet) {
    let all = FieldSet.changes(from: old.json, to: new.json, schema)
    let metadata = FieldSet.changes(from: old.metadata, to: new.metadata, BuiltInSchemas.metadata)
    func replaced(_ set: FieldSet, _ metadata: FieldSet) -> FieldSet {
      var set = set
      let rest = metadata.subtracting(Self.metadataOfNobody)
      set.children[.field("metadata")] = rest.children.isEmpty ? nil : FieldSet(children: rest.children)
      return set
    }
    return (replaced(all.changed, metadata.changed), replaced(all.removed, metadata.removed))
  }

  /// Who owns a new object.
  func ownership(ofNew config: APIObject) -> JSONValue? {
    var fields = ManagedFields()
    fields.set(self.entry(config, Self.owned(config, self.schema)))
    return fields.json
  }

  /// The object with a configuration applied, owners included.
  ///
  /// - Throws: ``APIFailure`` with code 409 for fields that others own and that the configuration wants otherwise.
  func apply(_ config: APIObject, to live: APIObject) throws(APIFailure) -> APIObject {
    var managers = ManagedFields(live)
    if managers.entries.isEmpty {
      managers.set(
        ManagedFields.Entry(
          manager: "before-first-apply", operation: .update, subresource: "", apiVersion: live.apiVersion,
          time: self.now.description, fields: Self.owned(live, self.schema)))
    }
    var wanted = Self.owned(config, self.schema)
    wanted = self.subresource.isEmpty ? wanted : wanted.restricted(to: self.subresource)
    var merged = live
    merged.json.merge(applied: config.json, self.schema)
    merged.metadata = live.metadata
    merged.metadata.merge(applied: config.metadata, BuiltInSchemas.metadata)
    merged[metadata: "managedFields"] = nil
    let own = self.entry(config, wanted)
    let previous = managers.entries.first { $0.isSameOwner(as: own) }?.fields ?? FieldSet()

    try self.settleConflicts(&managers, own: own, changed: Self.changes(from: live, to: merged, self.schema).changed)
    managers.set(own)
    managers.entries.removeAll { $0.fields.isEmpty }
    // What the manager wanted before and does not want any more goes, unless someone else owns it too.
    var gone = previous.subtracting(wanted)
    for entry in managers.entries { gone = gone.subtracting(entry.fields) }
    merged.json.remove(gone.without("metadata"), self.schema)
    if let metadata = gone.children[.field("metadata")] { merged.metadata.remove(metadata, BuiltInSchemas.metadata) }
    merged[metadata: "managedFields"] = managers.json
    return merged
  }

  private func settleConflicts(
    _ managers: inout ManagedFields, own: ManagedFields.Entry, changed: FieldSet
  ) throws(APIFailure) {
    var conflicts: [(owner: String, paths: [String])] = []
    for index in managers.entries.indices where !managers.entries[index].isSameOwner(as: own) {
      let entry = managers.entries[index]
      let disputed = entry.fields.intersection(own.fields).intersection(changed)
      guard !disputed.isEmpty else { continue }
      managers.entries[index].fields = entry.fields.subtracting(disputed)
      conflicts.append((entry.shownOwner, disputed.paths))
    }
    guard !conflicts.isEmpty, !self.isForced else { return }
    let causes = conflicts.flatMap { owner, paths in
      paths.map { FieldFault(field: $0, reason: "FieldManagerConflict", message: "conflict with \(owner)") }
    }
    let list = conflicts.sorted { $0.owner < $1.owner }.map { owner, paths in
      "conflicts with \(owner):" + paths.map { "\n- \($0)" }.joined()
    }
    throw APIFailure(
      409, "Conflict",
      causes.count == 1
        ? "Apply failed with 1 conflict: \(causes[0].message): \(causes[0].field)"
        : "Apply failed with \(causes.count) conflicts: \(list.joined(separator: "\n"))",
      details: ["causes": .array(causes.map(\.json))])
  }

  private func entry(_ config: APIObject, _ fields: FieldSet) -> ManagedFields.Entry {
    ManagedFields.Entry(
      manager: self.manager, operation: .apply, subresource: self.subresource, apiVersion: config.apiVersion,
      time: self.now.description, fields: fields)
  }

  /// Records an ordinary update of an object whose owners are known.
  static func record(
    updateOf old: APIObject, to new: inout APIObject, manager: String, subresource: String, schema: StructuralSchema?,
    now: Timestamp
  ) {
    var managers = ManagedFields(given: new[metadata: "managedFields"], replacing: ManagedFields(old))
    new[metadata: "managedFields"] = managers.json
    guard !managers.entries.isEmpty else { return }
    let changes = Self.changes(from: old, to: new, schema)
    managers.record(
      ManagedFields.Entry(
        manager: manager, operation: .update, subresource: subresource, apiVersion: new.apiVersion,
        time: now.description, fields: FieldSet()),
      changed: changes.changed, removed: changes.removed)
    new[metadata: "managedFields"] = managers.json
  }
}
