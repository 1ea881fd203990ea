import KubernetesModel

/// Updates the rules of aggregated ClusterRoles.
struct RoleAggregator: Sendable {
  let editor: ObjectEditor

  func scan() async throws {
    // A role may aggregate an aggregated role.
    while try await self.aggregate() {}
  }

  func handle(_ events: [StoreEvent]) async throws {
    guard events.contains(where: { $0.object.key.resource == BuiltInResources.clusterRoles }) else { return }
    try await self.scan()
  }

  /// Brings every role up to date once; returns whether one changed.
  private func aggregate() async throws -> Bool {
    let query = StoreQuery(resource: BuiltInResources.clusterRoles, namespace: nil)
    let roles = try await self.editor.store.list(query).objects.map { (key: $0.key, object: try $0.decoded()) }
    var hasChanged = false
    for (key, role) in roles {
      guard let rules = RoleAggregation.rules(of: role, among: roles.map(\.object)), rules != role.json["rules"] else {
        continue
      }
      hasChanged = true
      try await self.editor.edit(key) { object in
        guard object.json[RoleAggregation.field] == role.json[RoleAggregation.field] else { return false }
        object.json["rules"] = rules
        return true
      }
    }
    return hasChanged
  }
}
