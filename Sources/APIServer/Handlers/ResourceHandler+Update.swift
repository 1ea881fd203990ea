import KubernetesModel

extension ResourceHandler {
  func put(subresource: Subresource) async throws -> APIResponse {
    try self.checkContentType()
    _ = try self.presenter()
    let options = try WriteOptions(self.request.query, kind: "UpdateOptions")
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    var body = try decoding.decode(self.request.body)
    let name = self.path.name ?? ""
    try self.checkName(of: body.name)
    let fresh = decoding
    do {
      let object = try await self.update(options: options, subresource: subresource) { [body] old throws(APIFailure) in
        try self.checkPrecondition(uid: body.uid, of: old)
        if body.resourceVersion ?? "0" == "0", !self.resource.definition.traits.contains(.unconditionalUpdate) {
          throw .invalid(
            self.resource.name, name,
            [.invalid("metadata.resourceVersion", 0, "must be specified for an update")])
        }
        decoding = fresh
        decoding.review(body, replacing: old)
        return body
      }
      return try self.answer(200, object, warnings: decoding.warnings)
    } catch StoreError.notFound {
      guard self.resource.definition.traits.contains(.createOnUpdate), subresource == .none else {
        throw APIFailure.notFound(self.resource.name, name)
      }
      try self.checkMayCreate()
      body.resourceVersion = nil
      return try self.answer(201, try await self.create(body, options: options), warnings: decoding.warnings)
    }
  }

  /// Checks that an object has the name that the path says.
  func checkName(of given: String?) throws(APIFailure) {
    let name = self.path.name ?? ""
    guard let given, !given.isEmpty else {
      throw .badRequest("the name of the object (\(name) based on URL) was undeterminable: name must be provided")
    }
    guard given == name else {
      throw .badRequest("the name of the object (\(given)) does not match the name on the URL (\(name))")
    }
  }

  /// Checks that an update is meant for the object that is there.
  func checkPrecondition(uid: String?, of old: APIObject) throws(APIFailure) {
    guard let uid, !uid.isEmpty, uid != old.uid else { return }
    throw .conflict(
      self.resource.name, old.name ?? "",
      "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uid ?? "")")
  }

  /// Changes an object and stores it, again from the start if another write comes first.
  ///
  /// `change` makes the wanted object out of the present one; nothing is written if that makes no difference.
  ///
  /// - Throws: `StoreError.notFound` if there is no object; ``APIFailure`` for a change that is refused.
  func update(
    options: WriteOptions, subresource: Subresource, recordsManager: Bool = true,
    change: (APIObject) throws -> APIObject
  ) async throws -> APIObject {
    let key = try self.key()
    for _ in 0..<Self.maximumAttempts {
      guard let stored = try await self.context.store.object(key) else { throw StoreError.notFound }
      let old = try self.decoded(stored)
      let wanted = try await self.mutated(try change(old), from: old, subresource, options: options)
      var new =
        switch subresource {
        case .none, .scale, .finalize: try self.rules.updated(wanted, from: old, namespace: self.path.namespace)
        case .status: try self.rules.updatedStatus(wanted, from: old, namespace: self.path.namespace)
        }
      self.setDefinitionStatus(&new)
      try self.checkEscalation(new, replacing: old)
      if recordsManager {
        new[metadata: "managedFields"] = self.ownership.ofUpdate(
          from: old, to: new, requested: wanted[metadata: "managedFields"], manager: self.manager(options),
          subresource: subresource)
      }
      if self.admission != nil {
        if Self.isUnchanged(new, from: old) { new = old }
        try await self.validate(new, from: old, subresource, options: options)
      }
      if new == old || options.isDryRun { return new }
      do {
        return try await self.store(new, revision: stored.revision, key: key)
      } catch StoreError.conflict {
        continue
      }
    }
    throw APIFailure.conflict(self.resource.name, key.name)
  }

  /// Stores a changed object, or removes it if the change took its last finalizer.
  func store(_ new: APIObject, revision: Int64, key: StoreKey) async throws -> APIObject {
    let goes = DeletionRules(resource: self.resource, now: self.context.now).goesAfterUpdate(new)
    let fields = self.resource.selectableValues(of: new)
    let object = self.storable(new)
    let change: StoreMutation.Change =
      goes ? .remove(object, ifRevision: revision) : .replace(object, ifRevision: revision)
    let stored = try await self.context.store.commit(StoreMutation(key, change, fields: fields))
    return goes ? new : new.stored(at: stored.revision)
  }
}

extension APIObject {
  /// The object as reading it again would give it, without the cost of that.
  func stored(at revision: Int64) -> APIObject {
    var object = self
    object.resourceVersion = String(revision)
    return object
  }
}
