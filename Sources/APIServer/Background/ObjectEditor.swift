import KubernetesModel

/// The server's own writes.
struct ObjectEditor: Sendable {
  /// The owner of what the server itself changes.
  static let manager = "umpire-api-server"

  let server: EmbeddedAPIServer

  var store: ObjectStore { self.server.context.store }

  /// The object and its resource; nil if either is gone.
  func read(_ key: StoreKey) async throws -> (object: APIObject, handler: ResourceHandler)? {
    guard let handler = self.handler(key), let stored = try await self.store.object(key) else { return nil }
    return (try handler.decoded(stored), handler)
  }

  /// Changes an object's metadata or anything else that needs no check.
  ///
  /// `change` returns whether it changed anything.
  func edit(_ key: StoreKey, _ change: (inout APIObject) -> Bool) async throws {
    guard let handler = self.handler(key) else { return }
    for _ in 0..<ResourceHandler.maximumAttempts {
      guard let stored = try await self.store.object(key) else { return }
      let old = try handler.decoded(stored)
      var object = old
      guard change(&object) else { return }
      object[metadata: "managedFields"] = handler.ownership.ofUpdate(
        from: old, to: object, requested: nil, manager: Self.manager, subresource: .none)
      do {
        _ = try await handler.store(object, revision: stored.revision, key: key)
        return
      } catch StoreError.conflict {
        continue
      } catch StoreError.notFound {
        return
      }
    }
    throw APIFailure.conflict(handler.resource.name, key.name)
  }

  /// Deletes an object; one that is gone, or has become another, is left alone.
  func delete(_ key: StoreKey, _ options: DeleteOptions) async throws {
    guard let handler = self.handler(key) else { return }
    do {
      _ = try await handler.delete(key, options)
    } catch let failure as APIFailure where failure.code == 404 || failure.code == 409 {
      return
    }
  }

  private func handler(_ key: StoreKey) -> ResourceHandler? {
    self.server.handler(key.resource, namespace: key.namespace.isEmpty ? nil : key.namespace, name: key.name)
  }
}
