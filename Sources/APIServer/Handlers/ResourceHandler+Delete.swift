import KubernetesModel

extension ResourceHandler {
  func delete() async throws -> APIResponse {
    _ = try self.presenter()
    let options = try DeleteOptions(self.request.query, body: self.request.body)
    let (object, isGone) = try await self.delete(try self.key(), options)
    let returnsObject = self.resource.definition.traits.contains(.returnsDeletedObject)
    guard isGone, !returnsObject else { return try self.answer(200, object) }
    var details = APIFailure.details(self.resource.name, name: object.name)
    details["uid"] = object.uid.map(JSONValue.string)
    return APIResponse(
      200,
      [
        "kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Success", "details": details,
      ])
  }

  /// Deletes an object, or marks it.
  ///
  /// Returns it as it is then, and whether it is gone.
  func delete(_ key: StoreKey, _ options: DeleteOptions) async throws -> (object: APIObject, isGone: Bool) {
    for _ in 0..<Self.maximumAttempts {
      guard let stored = try await self.context.store.object(key) else {
        throw APIFailure.notFound(self.resource.name, key.name)
      }
      let old = try self.decoded(stored)
      try self.checkPreconditions(options, old)
      let decision = DeletionRules(resource: self.resource, now: self.context.now).decide(old, options)
      if decision != .unchanged { try await self.admitDeletion(of: old, options) }
      let mutation: StoreMutation
      var last = old
      let fields = self.resource.selectableValues(of: old)
      switch decision {
      case .unchanged: return (old, false)
      case .remove:
        last = DeletionRules(resource: self.resource, now: self.context.now).lastState(of: old, options)
        mutation = StoreMutation(key, .remove(self.storable(last), ifRevision: stored.revision), fields: fields)
        if options.isDryRun { return (last, true) }
      case .mark(var new):
        self.setDefinitionStatus(&new)
        mutation = StoreMutation(key, .replace(self.storable(new), ifRevision: stored.revision), fields: fields)
        if options.isDryRun { return (new, false) }
      }
      do {
        let result = try await self.context.store.commit(mutation)
        if case .remove = mutation.change { return (last.stored(at: result.revision), true) }
        return (try self.decoded(result), false)
      } catch StoreError.conflict {
        continue
      } catch StoreError.notFound {
        throw APIFailure.notFound(self.resource.name, key.name)
      }
    }
    throw APIFailure.conflict(self.resource.name, key.name)
  }

  private func checkPreconditions(_ options: DeleteOptions, _ object: APIObject) throws(APIFailure) {
    let name = object.name ?? ""
    if let uid = options.preconditionUID, uid != object.uid {
      throw .conflict(
        self.resource.kindName, name,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(object.uid ?? "")). The object "
          + "might have been deleted and then recreated")
    }
    if let version = options.preconditionResourceVersion, version != object.resourceVersion {
      throw .conflict(
        self.resource.kindName, name,
        "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
          + "(\(object.resourceVersion ?? "")). The object might have been modified")
    }
  }

  func deleteCollection() async throws -> APIResponse {
    let presenter = try self.presenter()
    let options = try DeleteOptions(self.request.query, body: self.request.body)
    let selection = try ListOptions(self.request.query, resource: self.resource)
    let listing = try await self.context.store.list(
      selection.storeQuery(self.resource, namespace: self.path.namespace))
    // Together, so that they share transactions; a few at a time, so that they do not crowd out other writes.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, object) in listing.objects.enumerated() {
        if index >= 16 { try await group.next() }
        group.addTask {
          do {
            _ = try await self.delete(object.key, options)
          } catch let failure as APIFailure where failure.code == 404 && !failure.isOfWebhook {
            return
          }
        }
      }
      try await group.waitForAll()
    }
    var metadata: JSONValue = ["resourceVersion": .string(String(listing.revision))]
    if self.resource.isCustom { metadata["continue"] = "" }
    return APIResponse(200, bytes: try presenter.list(listing.objects, metadata: metadata))
  }
}
