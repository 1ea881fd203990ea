import KubernetesModel

/// What of a resource's objects can be owned, and how writes move it from one owner to another.
struct Ownership: Sendable {
  var resource: ServedResource
  var now: Timestamp

  var schema: StructuralSchema? { self.resource.version.schema }

  /// The fields of the metadata that the server sets; they belong to nobody.
  private static let metadataOfNobody: Set<String> = [
    "name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "managedFields", "selfLink",
    "deletionTimestamp", "deletionGracePeriodSeconds",
  ]

  /// The parts that every object of a built-in kind has, where it is of that kind at all.
  private static let ever: JSONValue = ["spec": ["containers": [], "names": .object([:])], "source": .object([:])]

  // MARK: Fields

  /// The places that a configuration asks for.
  func owned(_ config: APIObject) -> FieldSet {
    var fields = config.json.objectValue ?? [:]
    for name in ["apiVersion", "kind", "metadata"] { fields[name] = nil }
    var set = FieldSet(children: FieldSet.of(.object(fields), self.schema).children)
    let metadata = FieldSet.of(Self.ownable(config.metadata), BuiltInSchemas.metadata)
    if !metadata.children.isEmpty { set.children[.field("metadata")] = FieldSet(children: metadata.children) }
    return set
  }

  /// What a write did.
  func changes(from old: APIObject, to new: APIObject) -> FieldChanges {
    let before = old.json.objectValue ?? [:]
    let after = new.json.objectValue ?? [:]
    var changes = FieldChanges()
    for name in Set(before.keys).union(after.keys) where name != "apiVersion" && name != "kind" {
      if name == "metadata" {
        let metadata = FieldChanges(
          from: Self.ownable(before[name]), to: Self.ownable(after[name]), BuiltInSchemas.metadata)
        if !metadata.changed.children.isEmpty {
          changes.changed.children[.field(name)] = FieldSet(children: metadata.changed.children)
        }
        if !metadata.removed.children.isEmpty {
          changes.removed.children[.field(name)] = FieldSet(children: metadata.removed.children)
        }
      } else {
        changes.add(.field(name), before[name], after[name], self.schema?.child(name))
      }
    }
    return changes
  }

  private static func ownable(_ metadata: JSONValue?) -> JSONValue {
    .object((metadata?.objectValue ?? [:]).filter { !Self.metadataOfNobody.contains($0.key) })
  }

  /// An object before its creation: what the server itself gives to every one belongs to nobody.
  private var blank: APIObject {
    var blank = APIObject(self.resource.isCustom ? .object([:]) : Self.ever)
    self.resource.version.rules.prepareForCreate(&blank)
    return blank
  }

  /// The object without its status, which belongs to who writes it by its own subresource.
  private func withoutStatus(_ object: APIObject) -> APIObject {
    guard self.resource.version.hasStatus, object.json["status"] != nil else { return object }
    var object = object
    object.json["status"] = nil
    return object
  }

  // MARK: Writes

  /// The managed fields of a new object, of which a client may have brought some along.
  func ofCreation(_ object: APIObject, requested: JSONValue?, manager: String) -> JSONValue? {
    var managers = ManagedFields()
    if case .replace(let brought) = ManagedFields.Request(requested) { managers = brought }
    var changes = self.changes(from: self.withoutStatus(self.blank), to: self.withoutStatus(object))
    // What a new object lacks was never anybody's.
    changes.removed = FieldSet()
    managers.record(changes, by: self.updater(manager, .none), at: self.now)
    return managers.json
  }

  /// The managed fields of an object after an update, of which the client may have sent other ones.
  ///
  /// An object without any has none until somebody applies it.
  func ofUpdate(
    from old: APIObject, to new: APIObject, requested: JSONValue?, manager: String, subresource: Subresource
  ) -> JSONValue? {
    let own = old[metadata: "managedFields"]
    var managers = ManagedFields(old)
    var isReplaced = false
    if subresource == .none, let requested, requested != own {
      switch ManagedFields.Request(requested) {
      case .keep: ()
      case .reset: return nil
      case .replace(let others):
        managers = others
        isReplaced = true
      }
    }
    guard !managers.entries.isEmpty else { return own }
    var changes =
      subresource == .status
      ? self.changes(from: old, to: new) : self.changes(from: self.withoutStatus(old), to: self.withoutStatus(new))
    if subresource == .scale, !changes.changed.isEmpty, let path = self.resource.version.scale?.specReplicas {
      changes.changed = FieldSet(path: path)
    }
    managers.record(changes, by: self.updater(manager, subresource), at: self.now)
    if changes.isEmpty, !isReplaced || managers.isSame(as: ManagedFields(old)) { return own }
    return managers.json
  }

  /// The managed fields of an object that had none before it is applied.
  func beforeFirstApply(_ live: APIObject) -> ManagedFields {
    var managers = ManagedFields()
    managers.record(
      self.changes(from: self.withoutStatus(self.blank), to: self.withoutStatus(live)),
      by: self.updater("before-first-apply", .none), at: self.now)
    return managers
  }

  private func updater(_ manager: String, _ subresource: Subresource) -> ManagedFields.Owner {
    ManagedFields.Owner(
      manager: manager, operation: .update, subresource: subresource.rawValue, apiVersion: self.resource.apiVersion)
  }
}
