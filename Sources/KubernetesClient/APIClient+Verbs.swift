import FoundationEssentials
package import KubernetesModel

extension APIClient {
  /// Reads one object.
  package func get<Resource: KubernetesResource>(_ type: Resource.Type, _ key: ObjectKey) async throws -> Resource {
    try await self.send(.get(Resource.resourceType, key), as: Resource.self)
  }

  /// Reads one object, or nil if there is none.
  package func find<Resource: KubernetesResource>(_ type: Resource.Type, _ key: ObjectKey) async throws -> Resource? {
    do {
      return try await self.get(type, key)
    } catch let error as APIError where error.isNotFound {
      return nil
    }
  }

  /// Reads many objects; a nil namespace means all namespaces.
  ///
  /// Pages are fetched until the list is whole.
  ///
  /// - Throws: ``APIError``, also if one object does not decode.
  package func list<Resource: KubernetesResource>(
    _ type: Resource.Type, namespace: String? = nil, options: ListOptions = ListOptions()
  ) async throws -> ResourceList<Resource> {
    try await self.pages(Resource.resourceType, namespace: namespace, options: options)
  }

  /// Reads many objects as ``list(_:namespace:options:)`` does, those among them that do not decode.
  package func listReadable<Resource: KubernetesResource>(
    _ type: Resource.Type, namespace: String? = nil, options: ListOptions = ListOptions()
  ) async throws -> ResourceList<Readable<Resource>> {
    try await self.pages(Resource.resourceType, namespace: namespace, options: options)
  }

  private func pages<Item: Decodable & Sendable>(
    _ type: ResourceType, namespace: String?, options: ListOptions
  ) async throws -> ResourceList<Item> {
    var options = options
    options.limit = options.limit ?? 500
    var list = try await self.send(
      .list(type, namespace: namespace, options: options), as: ResourceList<Item>.self)
    while let next = list.metadata.continue, !next.isEmpty {
      options.continue = next
      let page = try await self.send(
        .list(type, namespace: namespace, options: options), as: ResourceList<Item>.self)
      list.items += page.items
      list.metadata = page.metadata
    }
    return list
  }

  /// Creates an object in the namespace that its metadata names.
  package func create<Resource: KubernetesResource>(_ object: Resource) async throws -> Resource {
    try await self.send(
      .create(
        Resource.resourceType, namespace: object.metadata.namespace, body: try Self.encode(object),
        fieldManager: self.fieldManager), as: Resource.self)
  }

  /// Creates an object, or leaves one of the same name as it is.
  ///
  /// - Throws: ``APIError`` for any other refusal.
  package func createIfAbsent(_ object: some KubernetesResource) async throws {
    do {
      _ = try await self.create(object)
    } catch let error as APIError where error.isAlreadyExists {
      // What is there counts.
    }
  }

  /// A token of a service account, for the API server.
  ///
  /// - Throws: ``APIError``; one that is malformed if the answer has no token.
  package func token(of account: ObjectKey, _ spec: TokenRequest.Spec) async throws -> TokenRequest.Status {
    let answer = try await self.send(
      .create(
        ServiceAccount.resourceType, account, subresource: .token, body: try Self.encode(TokenRequest(spec: spec))),
      as: TokenRequest.self)
    guard let status = answer.status else { throw APIError(.malformedAnswer, "the TokenRequest has no status") }
    return status
  }

  /// Replaces an object; its resourceVersion must be the newest.
  package func replace<Resource: KubernetesResource>(
    _ object: Resource, subresource: Subresource? = nil
  ) async throws -> Resource {
    try await self.send(
      .replace(
        Resource.resourceType, object.key, subresource: subresource, body: try Self.encode(object),
        fieldManager: self.fieldManager), as: Resource.self)
  }

  /// Changes a part of an object by a merge patch or a JSON patch.
  package func patch<Resource: KubernetesResource>(
    _ type: Resource.Type, _ key: ObjectKey, subresource: Subresource? = nil, kind: PatchKind = .merge,
    _ patch: JSONValue
  ) async throws -> Resource {
    try await self.send(
      .patch(
        Resource.resourceType, key, subresource: subresource, kind: kind, body: patch.serialized(),
        fieldManager: self.fieldManager), as: Resource.self)
  }

  /// Sets the number of replicas through the scale subresource.
  package func scale<Resource: KubernetesResource>(
    _ type: Resource.Type, _ key: ObjectKey, replicas: Int64
  ) async throws {
    _ = try await self.send(
      .patch(
        Resource.resourceType, key, subresource: .scale, kind: .merge,
        body: (["spec": ["replicas": .integer(replicas)]] as JSONValue).serialized(),
        fieldManager: self.fieldManager))
  }

  /// Deletes an object.
  ///
  /// One that is not there is no error.
  ///
  /// - Returns: whether it was there.
  @discardableResult
  package func delete<Resource: KubernetesResource>(
    _ type: Resource.Type, _ key: ObjectKey, options: DeleteOptions = DeleteOptions()
  ) async throws -> Bool {
    do {
      _ = try await self.send(.delete(Resource.resourceType, key, options: options))
      return true
    } catch let error as APIError where error.isNotFound {
      return false
    }
  }

  /// Encodes an object as the body of a write.
  package static func encode(_ object: some Encodable) throws -> [UInt8] {
    do {
      return [UInt8](try JSONEncoder().encode(object))
    } catch {
      throw APIError(.invalidRequest, "the object cannot be encoded: \(error)")
    }
  }
}
