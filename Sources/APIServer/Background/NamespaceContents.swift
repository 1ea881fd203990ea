import KubernetesModel

/// Creates the objects of every namespace: the service account `default`, and the ConfigMap with the certificates of
/// the server's authorities, if it has any.
struct NamespaceContents: Sendable {
  let editor: ObjectEditor

  func scan() async throws {
    let query = StoreQuery(resource: BuiltInResources.namespaces, namespace: nil)
    for namespace in try await self.editor.store.list(query).objects { try await self.furnish(namespace.key.name) }
  }

  func handle(_ events: [StoreEvent]) async throws {
    var names: Set<String> = []
    for event in events {
      let key = event.object.key
      switch key.resource {
      case BuiltInResources.namespaces where event.kind == .added: names.insert(key.name)
      case BuiltInResources.serviceAccounts where event.kind == .deleted && key.name == "default",
        BuiltInResources.configMaps where event.kind != .added && key.name == PodAdmission.rootCertificates:
        names.insert(key.namespace)
      default: ()
      }
    }
    for name in names { try await self.furnish(name) }
  }

  private func furnish(_ namespace: String) async throws {
    let key = StoreKey(resource: BuiltInResources.namespaces, namespace: "", name: namespace)
    guard let (object, _) = try await self.editor.read(key), !object.isTerminating else { return }
    try await self.editor.create(BuiltInObjects.defaultAccount, BuiltInResources.serviceAccounts, in: namespace)
    let certificates = self.editor.server.context.configuration.rootCertificates
    guard !certificates.isEmpty else { return }
    let map = StoreKey(
      resource: BuiltInResources.configMaps, namespace: namespace, name: PodAdmission.rootCertificates)
    guard let (present, _) = try await self.editor.read(map) else {
      let body = APIObject([
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(map.name)],
        "data": ["ca.crt": .string(certificates)],
      ])
      return try await self.editor.create(body, BuiltInResources.configMaps, in: namespace)
    }
    guard present[path: "data"]?["ca.crt"]?.stringValue != certificates else { return }
    try await self.editor.edit(map) { object in
      object.json["data"] = ["ca.crt": .string(certificates)]
      return true
    }
  }
}
