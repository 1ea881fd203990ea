import KubernetesModel

/// Empties namespaces that are being deleted, and lets them go once they are empty.
struct NamespaceCleaner: Sendable {
  let editor: ObjectEditor

  private var store: ObjectStore { self.editor.store }

  func scan() async throws {
    let namespaces = try await self.store.terminatingObjects().filter { $0.resource == BuiltInResources.namespaces }
    for key in namespaces { try await self.clean(key.name) }
  }

  func handle(_ events: [StoreEvent]) async throws {
    var names: Set<String> = []
    for event in events {
      let key = event.object.key
      if key.resource == BuiltInResources.namespaces {
        if event.kind != .deleted { names.insert(key.name) }
      } else if event.kind == .deleted, !key.namespace.isEmpty {
        names.insert(key.namespace)
      }
    }
    for name in names { try await self.clean(name) }
  }

  private func clean(_ name: String) async throws {
    let key = StoreKey(resource: BuiltInResources.namespaces, namespace: "", name: name)
    guard let (namespace, handler) = try await self.editor.read(key), namespace.isTerminating else { return }
    var isEmpty = true
    for content in try await self.store.keys(inNamespace: name) {
      isEmpty = false
      var options = DeleteOptions()
      options.propagation = .background
      guard let (object, _) = try await self.editor.read(content), !object.isTerminating else { continue }
      try await self.editor.delete(content, options)
    }
    if !isEmpty { isEmpty = try await self.store.keys(inNamespace: name).isEmpty }
    guard isEmpty else { return }
    do {
      _ = try await handler.setNamespaceFinalizers([], as: ObjectEditor.manager)
    } catch let failure as APIFailure where failure.code == 404 {
      return
    }
  }
}
