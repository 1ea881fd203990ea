import KubernetesModel

/// Deletes the objects of definitions that are being deleted, and lets the definitions go after them.
struct DefinitionCleaner: Sendable {
  let editor: ObjectEditor

  private var store: ObjectStore { self.editor.store }

  func scan() async throws {
    let definitions = try await self.store.terminatingObjects()
      .filter { $0.resource == BuiltInResources.customResourceDefinitions }
    for key in definitions { try await self.clean(key.name) }
  }

  func handle(_ events: [StoreEvent]) async throws {
    var names: Set<String> = []
    for event in events {
      let key = event.object.key
      if key.resource == BuiltInResources.customResourceDefinitions {
        if event.kind != .deleted { names.insert(key.name) }
      } else if event.kind == .deleted {
        names.insert(key.resource)
      }
    }
    for name in names { try await self.clean(name) }
  }

  private func clean(_ name: String) async throws {
    let key = StoreKey(resource: BuiltInResources.customResourceDefinitions, namespace: "", name: name)
    guard let (definition, _) = try await self.editor.read(key), definition.isTerminating else { return }
    let query = StoreQuery(resource: name, namespace: nil)
    // Objects of a definition that never was served could not be created.
    for object in try await self.store.list(query).objects where try !object.decoded().isTerminating {
      try await self.editor.delete(object.key, DeleteOptions())
    }
    guard try await self.store.list(query).objects.isEmpty else { return }
    try await self.editor.edit(key) { object in
      guard object.finalizers.contains(CustomResourceDefinitionRules.finalizer) else { return false }
      object.finalizers.removeAll { $0 == CustomResourceDefinitionRules.finalizer }
      return true
    }
  }
}
