import KubernetesModel

extension ResourceHandler {
  func create() async throws -> APIResponse {
    try self.checkContentType()
    _ = try self.presenter()
    let options = try WriteOptions(self.request.query, kind: "CreateOptions")
    var decoding = BodyDecoding(self.resource, options.fieldValidation)
    let body = try decoding.decode(self.request.body)
    let object = try await self.create(body, options: options)
    decoding.review(object, replacing: nil)
    return try self.answer(201, object, warnings: decoding.warnings)
  }

  /// Stores a new object and returns it; `applied` says how, if it was not sent as it is.
  func create(
    _ body: APIObject, options: WriteOptions, applied: ServerSideApply? = nil
  ) async throws -> APIObject {
    if self.resource.definition.isTerminating {
      throw APIFailure(
        405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating",
        details: APIFailure.details(self.resource.name))
    }
    let config = body
    var body = body
    let isPod = self.resource.definition.name == BuiltInResources.pods
    if self.admission != nil || isPod { try await self.checkNamespaceTakesContent(body.name ?? "") }
    body = try await self.admitted(body)
    if self.admission != nil {
      let mutated = try await self.mutated(body, from: nil, options: options)
      // Containers that webhooks add get the same defaults.
      body = mutated == body ? body : try await self.admitted(mutated)
    }
    for _ in 0..<8 {
      var object = try self.rules.created(body, namespace: self.path.namespace, suffix: NameSuffix.random)
      self.setDefinitionStatus(&object)
      try self.checkEscalation(object, replacing: nil)
      object[metadata: "managedFields"] =
        if let applied { applied.ownership(ofNew: config) } else {
          self.ownership.ofCreation(
            isPod ? PodAdmission.withoutAdditions(object, asked: config) : object,
            requested: body[metadata: "managedFields"], manager: self.manager(options))
        }
      let name = object.name ?? ""
      try await self.validate(object, from: nil, options: options)
      do {
        if options.isDryRun { return try await self.createDry(object) }
        let mutation = StoreMutation(
          self.resource.key(namespace: self.path.namespace, name: name), .create(self.storable(object)),
          fields: self.resource.selectableValues(of: object), requires: self.namespaceKey)
        let revision = try await self.context.store.commit(mutation).revision
        if self.resource.definition.name == BuiltInResources.namespaces {
          try await self.createDefaultAccount(in: name)
        }
        return object.stored(at: revision)
      } catch StoreError.exists {
        // A generated name that is taken is made anew.
        if body.name == nil { continue }
        throw APIFailure.alreadyExists(self.resource.name, name)
      } catch StoreError.requirementMissing {
        throw self.namespaceMissing
      } catch StoreError.requirementTerminating {
        throw self.namespaceTerminating(name)
      }
    }
    throw APIFailure.alreadyExists(self.resource.name, body.generateName ?? "")
  }

  /// Nobody is asked about what cannot be.
  private func checkNamespaceTakesContent(_ name: String) async throws {
    do {
      try await self.requireNamespace()
    } catch StoreError.requirementMissing {
      throw self.namespaceMissing
    } catch StoreError.requirementTerminating {
      throw self.namespaceTerminating(name)
    }
  }

  /// Checks what the store checks once more when the object is written.
  private func requireNamespace() async throws {
    guard let key = self.namespaceKey else { return }
    guard let namespace = try await self.context.store.object(key) else { throw StoreError.requirementMissing }
    if try namespace.decoded().isTerminating { throw StoreError.requirementTerminating }
  }

  private func createDry(_ object: APIObject) async throws -> APIObject {
    try await self.requireNamespace()
    let key = self.resource.key(namespace: self.path.namespace, name: object.name ?? "")
    guard try await self.context.store.object(key) == nil else { throw StoreError.exists }
    return object
  }

  /// The namespace that must exist.
  private var namespaceKey: StoreKey? {
    guard self.resource.definition.isNamespaced, let namespace = self.path.namespace else { return nil }
    return StoreKey(resource: BuiltInResources.namespaces, namespace: "", name: namespace)
  }

  private var namespaceMissing: APIFailure {
    .notFound(GroupResource(group: "", resource: "namespaces"), self.path.namespace ?? "")
  }

  private func namespaceTerminating(_ name: String) -> APIFailure {
    let namespace = self.path.namespace ?? ""
    var failure = APIFailure.forbidden(
      self.resource.name, name,
      "unable to create new content in namespace \(namespace) because it is being terminated")
    failure.details?["causes"] = [
      [
        "reason": "NamespaceTerminating", "message": .string("namespace \(namespace) is being terminated"),
        "field": "metadata.namespace",
      ]
    ]
    return failure
  }

  /// A definition's status is the server's own, and is written with every change of it.
  func setDefinitionStatus(_ object: inout APIObject) {
    guard self.resource.definition.storeResource == BuiltInResources.customResourceDefinitions,
      let definition = CustomResourceDefinition.resource(of: object)
    else { return }
    CustomResourceDefinition.setStatus(
      of: &object, conflict: CustomResourceDefinition.nameConflict(of: definition, in: self.snapshot),
      now: self.context.now)
  }
}
