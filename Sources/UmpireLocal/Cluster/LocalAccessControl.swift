import KubernetesModel

/// The roles of a local cluster: those of the manifests, and what stands in for a cluster's DNS.
enum LocalAccessControl {
  /// The account of the controllers.
  static let controller = ObjectKey(namespace: Self.namespace, name: "umpire-controller")
  /// The controllers' namespace, as in the manifests.
  static let namespace = "umpire-system"

  /// The roles of a cluster on one machine.
  ///
  /// - Throws: ``LocalError`` if a manifest cannot be read.
  static func documents() throws(LocalError) -> [ManifestDocument] {
    try Self.manifests() + ManifestFile.parse(Self.serviceAddresses, file: "service-addresses.yaml")
  }

  /// The roles of any cluster.
  ///
  /// - Throws: ``LocalError`` if a manifest cannot be read.
  static func manifests() throws(LocalError) -> [ManifestDocument] {
    var documents: [ManifestDocument] = []
    for (name, yaml) in EmbeddedManifests.accessControl { documents += try ManifestFile.parse(yaml, file: name) }
    return documents
  }

  /// Without a cluster's DNS sidecars and controllers look Services and their Pods up in the API server.
  private static let serviceAddresses = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: umpire-local-service-addresses
    rules:
    - apiGroups: ['']
      resources: [services]
      verbs: [get]
    - apiGroups: ['']
      resources: [pods]
      verbs: [list]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: umpire-local-service-addresses
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: umpire-local-service-addresses
    subjects:
    - apiGroup: rbac.authorization.k8s.io
      kind: Group
      name: system:serviceaccounts
    """
}
