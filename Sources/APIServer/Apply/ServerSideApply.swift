import KubernetesModel

/// Server-side apply as a function on values.
struct ServerSideApply: Sendable {
  var manager: String
  var isForced: Bool
  var subresource: Subresource
  var ownership: Ownership

  private var schema: StructuralSchema? { self.ownership.schema }

  private var owner: ManagedFields.Owner {
    ManagedFields.Owner(
      manager: self.manager, operation: .apply, subresource: self.subresource.rawValue,
      apiVersion: self.ownership.resource.apiVersion)
  }

  private func entry(_ fields: FieldSet) -> ManagedFields.Entry {
    ManagedFields.Entry(self.owner, time: self.ownership.now.description, fields)
  }

  /// Who owns a new object.
  func ownership(ofNew config: APIObject) -> JSONValue? {
    ManagedFields(entries: [self.entry(self.ownership.owned(config))]).json
  }

  /// The object with a configuration applied, owners included.
  ///
  /// - Throws: ``APIFailure`` with code 409 for fields that others own and that the configuration wants otherwise.
  func apply(_ config: APIObject, to live: APIObject) throws(APIFailure) -> APIObject {
    let before = ManagedFields(live)
    var managers = before.entries.isEmpty ? self.ownership.beforeFirstApply(live) : before
    var wanted = self.ownership.owned(config)
    if self.subresource != .none { wanted = wanted.restricted(to: self.subresource.rawValue) }
    let own = managers.entries.firstIndex { $0.belongs(to: self.owner) }
    let previous = own.map { managers.entries.remove(at: $0) }
    var merged = live
    merged.json.merge(applied: config.json, self.schema)
    merged.metadata = live.metadata
    merged.metadata.merge(applied: config.metadata, BuiltInSchemas.metadata)
    merged[metadata: "managedFields"] = live[metadata: "managedFields"]
    // What the manager wanted before and does not want any more goes, unless someone else owns it too.
    if let previous { self.prune(&merged, previous.fields, wanted, managers) }

    let changes = self.ownership.changes(from: live, to: merged)
    try self.checkConflicts(managers, changes, live)
    for index in managers.entries.indices {
      managers.entries[index].lose(changes.changed)
      managers.entries[index].lose(changes.removed)
    }
    managers.entries.removeAll(where: \.isEmpty)
    if let previous, changes.isEmpty, previous.fields == wanted, previous.apiVersion == self.owner.apiVersion {
      managers.entries.append(previous)
    } else if !wanted.isEmpty {
      managers.entries.append(self.entry(wanted))
    }
    merged[metadata: "managedFields"] = managers.json
    self.updateLastApplied(&merged, config)
    return merged
  }

  private func prune(_ object: inout APIObject, _ previous: FieldSet, _ wanted: FieldSet, _ managers: ManagedFields) {
    let gone = previous.subtracting(wanted)
    guard !gone.isEmpty else { return }
    var kept = wanted
    for entry in managers.entries { kept.formUnion(entry.fields) }
    object.json.remove(gone.without("metadata"), keeping: kept, self.schema)
    guard let metadata = gone.children[.field("metadata")] else { return }
    // What nobody owns in the metadata is the server's, such as finalizers.
    var rest = FieldSet.of(object.metadata, BuiltInSchemas.metadata).subtracting(metadata)
    rest.formUnion(kept.children[.field("metadata")] ?? FieldSet())
    object.metadata.remove(metadata, keeping: rest, BuiltInSchemas.metadata)
  }

  private func checkConflicts(
    _ managers: ManagedFields, _ changes: FieldChanges, _ live: APIObject
  ) throws(APIFailure) {
    guard !self.isForced else { return }
    var conflicts = managers.entries.filter { $0.owns(anyOf: changes.changed) }
      .map { ApplyConflict(entry: $0, fields: $0.fields.intersection(changes.changed)) }
    if let allowed = self.ownedByClientSideApply(live) {
      let remaining = conflicts.map { ApplyConflict(entry: $0.entry, fields: $0.fields.subtracting(allowed)) }
      conflicts = remaining.filter { !$0.fields.isEmpty }
    }
    if !conflicts.isEmpty { throw ApplyConflict.failure(conflicts) }
  }
}

/// Fields that an applied configuration wants otherwise than their owner.
struct ApplyConflict: Sendable {
  var entry: ManagedFields.Entry
  var fields: FieldSet

  /// The owner as messages name it.
  private var owner: String {
    var text = FieldFault.text(.string(self.entry.manager))
    if !self.entry.subresource.isEmpty {
      text += " with subresource \(FieldFault.text(.string(self.entry.subresource)))"
    }
    return self.entry.operation == .update ? "\(text) using \(self.entry.apiVersion)" : text
  }

  static func failure(_ conflicts: [ApplyConflict]) -> APIFailure {
    let causes = conflicts.flatMap { conflict in
      conflict.fields.paths.map {
        FieldFault(field: $0, reason: "FieldManagerConflict", message: "conflict with \(conflict.owner)")
      }
    }
    let list =
      causes.count == 1
      ? "\(causes[0].message): \(causes[0].field)"
      : conflicts.map { conflict in
        "conflicts with \(conflict.owner):\n" + conflict.fields.paths.map { "- \($0)" }.joined(separator: "\n")
      }.joined(separator: "\n")
    return APIFailure(
      409, "Conflict", "Apply failed with \(causes.count) conflict\(causes.count == 1 ? "" : "s"): \(list)",
      details: ["causes": .array(causes.map(\.json))])
  }
}
