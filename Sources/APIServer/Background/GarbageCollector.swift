import KubernetesModel

/// Deletes objects whose owners are all gone, and carries out foreground and orphaning deletions.
struct GarbageCollector: Sendable {
  let editor: ObjectEditor

  private var store: ObjectStore { self.editor.store }

  /// Looks at everything once.
  func scan() async throws {
    for key in try await self.store.ownedObjects() { try await self.collect(key) }
    for key in try await self.store.terminatingObjects() { try await self.proceed(key) }
  }

  /// Follows changes.
  func handle(_ events: [StoreEvent]) async throws {
    for event in events {
      let object = try event.object.decoded()
      let owners = object.ownerReferences.compactMap { $0["uid"]?.stringValue }
      guard event.kind == .deleted else {
        if object.isTerminating { try await self.proceed(event.object.key) }
        let had = try event.previous?.decoded().ownerReferences
        if !owners.isEmpty, had != object.ownerReferences { try await self.collect(event.object.key) }
        continue
      }
      if let uid = object.uid {
        for dependent in try await self.store.dependents(of: uid) { try await self.collect(dependent.key) }
      }
      for owner in owners {
        if let key = try await self.store.key(ofUID: owner) { try await self.proceed(key) }
      }
    }
  }

  // MARK: Dependents

  /// Deletes an object if no owner holds it any more, or drops the references to owners that are gone.
  func collect(_ key: StoreKey) async throws {
    guard let (object, _) = try await self.editor.read(key) else { return }
    guard !object.isTerminating else { return try await self.proceed(key) }
    let owners = try await self.owners(of: object)
    switch OwnershipDecision.decide(object, owners: owners) {
    case .keep: ()
    case .dropReferences(let gone):
      try await self.editor.edit(key) { object in
        let kept = object.ownerReferences.filter { !gone.contains($0["uid"]?.stringValue ?? "") }
        guard kept != object.ownerReferences else { return false }
        object.ownerReferences = kept
        return true
      }
    case .delete(let ownerWaits):
      var options = DeleteOptions()
      options.preconditionUID = object.uid
      // An owner that waits must also wait for what its dependents own.
      if ownerWaits, let uid = object.uid, try await !self.store.dependents(of: uid).isEmpty {
        options.propagation = .foreground
      }
      try await self.editor.delete(key, options)
    }
  }

  /// What each owner's uid stands for at the moment.
  private func owners(of object: APIObject) async throws -> [String: OwnershipDecision.Owner] {
    var owners: [String: OwnershipDecision.Owner] = [:]
    for uid in object.ownerReferences.compactMap({ $0["uid"]?.stringValue }) {
      guard let key = try await self.store.key(ofUID: uid), let stored = try await self.store.object(key),
        key.namespace.isEmpty || key.namespace == object.namespace
      else {
        owners[uid] = .gone
        continue
      }
      let owner = try stored.decoded()
      let waits = owner.isTerminating && owner.finalizers.contains(DeletionRules.foregroundFinalizer)
      owners[uid] = waits ? .waiting : .there
    }
    return owners
  }

  // MARK: Owners

  /// Carries on a deletion that waits for its dependents or has to let go of them.
  private func proceed(_ key: StoreKey) async throws {
    guard let (object, _) = try await self.editor.read(key), object.isTerminating, let uid = object.uid else { return }
    if object.finalizers.contains(DeletionRules.orphanFinalizer) {
      for dependent in try await self.store.dependents(of: uid) {
        try await self.editor.edit(dependent.key) { object in
          object.ownerReferences.removeAll { $0["uid"] == .string(uid) }
          return true
        }
      }
      try await self.removeFinalizer(DeletionRules.orphanFinalizer, from: key)
    } else if object.finalizers.contains(DeletionRules.foregroundFinalizer) {
      var isBlocked = false
      for dependent in try await self.store.dependents(of: uid) {
        let owners = try dependent.decoded().ownerReferences
        if owners.contains(where: { $0["uid"] == .string(uid) && $0["blockOwnerDeletion"] == true }) {
          isBlocked = true
        }
        guard try !dependent.decoded().isTerminating else { continue }
        try await self.collect(dependent.key)
      }
      if !isBlocked { try await self.removeFinalizer(DeletionRules.foregroundFinalizer, from: key) }
    }
  }

  private func removeFinalizer(_ finalizer: String, from key: StoreKey) async throws {
    try await self.editor.edit(key) { object in
      guard object.finalizers.contains(finalizer) else { return false }
      object.finalizers.removeAll { $0 == finalizer }
      return true
    }
  }
}

/// What becomes of an object with owners.
enum OwnershipDecision: Sendable, Hashable {
  /// What an owner's uid stands for.
  enum Owner: Sendable, Hashable {
    case there
    /// It is being deleted and waits for its dependents.
    case waiting
    case gone
  }

  case keep
  /// Some owner is there; the references to these others are of no use any more.
  case dropReferences(Set<String>)
  case delete(ownerWaits: Bool)

  static func decide(_ object: APIObject, owners: [String: Owner]) -> OwnershipDecision {
    guard !owners.isEmpty else { return .keep }
    let useless = Set(owners.filter { $0.value != .there }.keys)
    guard useless.count == owners.count else { return useless.isEmpty ? .keep : .dropReferences(useless) }
    return .delete(ownerWaits: owners.values.contains(.waiting))
  }
}
