import KubernetesModel
import Synchronization

/// The server's own writes.
struct ObjectEditor: Sendable {
  /// The owner of what the server itself changes.
  static let manager = "umpire-api-server"

  let server: EmbeddedAPIServer
  /// Where deletions are noted that webhooks refuse.
  var refusals: DeletionRefusals?

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
  ///
  /// `asksWebhooks` says whether the deletion has to pass the webhooks; one that does not is tried again later.
  func delete(_ key: StoreKey, _ options: DeleteOptions, asksWebhooks: Bool = true) async throws {
    guard let handler = self.handler(key, asksWebhooks: asksWebhooks) else { return }
    do {
      _ = try await handler.delete(key, options)
    } catch let failure as APIFailure where failure.isOfWebhook {
      // The other objects need not wait for this one.
      guard let refusals = self.refusals else { throw failure }
      refusals.note(failure)
    } catch let failure as APIFailure where failure.code == 404 || failure.code == 409 {
      return
    }
  }

  /// Creates an object in a namespace, unless there is one of its name, or the namespace is gone or going.
  func create(_ body: APIObject, _ resource: String, in namespace: String) async throws {
    let key = StoreKey(resource: resource, namespace: namespace, name: body.name ?? "")
    guard try await self.store.object(key) == nil, let handler = self.handler(key) else { return }
    do {
      _ = try await handler.createByServer(body)
    } catch let failure as APIFailure where [403, 404, 409].contains(failure.code) {
      return
    }
  }

  private func handler(_ key: StoreKey, asksWebhooks: Bool = false) -> ResourceHandler? {
    self.server.handler(
      key.resource, namespace: key.namespace.isEmpty ? nil : key.namespace, name: key.name,
      asksWebhooks: asksWebhooks)
  }
}

/// Deletions that some background work wanted and that webhooks refused.
final class DeletionRefusals: Sendable {
  private let last = Mutex<APIFailure?>(nil)

  func note(_ failure: APIFailure) { self.last.withLock { $0 = failure } }

  /// Forgets the refusals.
  ///
  /// - Throws: the last of them, so that the work begins anew.
  func check() throws(APIFailure) {
    let failure = self.last.withLock { last in
      defer { last = nil }
      return last
    }
    if let failure { throw failure }
  }
}
