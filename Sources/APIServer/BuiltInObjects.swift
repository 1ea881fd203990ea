import KubernetesModel

/// The objects that a cluster has from the start.
enum BuiltInObjects {
  /// The namespaces.
  static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]

  /// The writes that make the objects; one that is there already stays as it is.
  static func seed(_ snapshot: ResourceRegistry.Snapshot, now: Timestamp) -> [StoreMutation] {
    var objects: [(resource: String, namespace: String?, object: APIObject)] = []
    for name in self.namespaces {
      let namespace = APIObject(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
      objects.append((BuiltInResources.namespaces, nil, namespace))
      objects.append((BuiltInResources.serviceAccounts, name, self.defaultAccount))
    }
    for (name, value, description) in PriorityClassRules.system {
      let priority = APIObject([
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": ["name": .string(name)],
        "value": .integer(value), "description": .string(description),
      ])
      objects.append((BuiltInResources.priorityClasses, nil, priority))
    }
    objects += BuiltInRoles.clusterRoles.map { (BuiltInResources.clusterRoles, nil, $0) }
    objects += BuiltInRoles.clusterRoleBindings.map { (BuiltInResources.clusterRoleBindings, nil, $0) }
    return objects.compactMap { name, namespace, body in
      guard let resource = snapshot.resource(storeResource: name) else { return nil }
      let rules = ObjectRules(resource: resource, now: now)
      // A constant that the rules accept, as a test shows.
      guard let object = try? rules.created(body, namespace: namespace, suffix: NameSuffix.random) else { return nil }
      return StoreMutation(
        resource.key(namespace: namespace, name: object.name ?? ""), .create(object),
        fields: resource.selectableValues(of: object))
    }
  }

  /// The account of Pods that name none, of which each namespace has one.
  static let defaultAccount = APIObject([
    "apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default"],
  ])
}
