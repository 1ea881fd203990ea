import KubernetesClient
package import KubernetesModel
package import KubernetesRuntime
package import UmpireModel

/// Everything that the controllers read: a store a kind, kept true by its watcher.
package struct ClusterState: Sendable {
  /// Index names.
  enum Index {
    /// By the uid of the controlling owner.
    static let owner = "owner"
    /// By `namespace/name` of the owner that the labels of an object name that nobody controls.
    static let stray = "stray"
    /// By `namespace/name` of the GameType.
    static let gameType = "gameType"
    /// By namespace.
    static let namespace = "namespace"
    /// By the name of the node.
    static let node = "node"
    /// By `namespace/name` of the WebhookConfiguration.
    static let webhookConfiguration = "webhookConfiguration"
  }

  package let autoscalers: ObjectStore<GameAutoscaler>
  package let gameTypes: ObjectStore<GameType>
  package let fleets: ObjectStore<Fleet>
  package let servers: ObjectStore<Server>
  package let webhookConfigurations: ObjectStore<WebhookConfiguration>
  package let pods: ObjectStore<Pod>
  package let nodes: ObjectStore<Node>
  package let disruptionBudgets: ObjectStore<PodDisruptionBudget>

  package init() {
    self.autoscalers = ObjectStore(indexes: [
      Index.gameType: { [ObjectKey(namespace: $0.metadata.namespace, name: $0.spec.gameName).description] }
    ])
    self.gameTypes = ObjectStore()
    self.fleets = ObjectStore(indexes: [
      Index.owner: Self.owner, Index.stray: { Self.stray($0, namedBy: Labels.gameType) },
    ])
    self.servers = ObjectStore(indexes: [
      Index.owner: Self.owner,
      Index.stray: { Self.stray($0, namedBy: Labels.fleet) },
      Index.namespace: { [$0.metadata.namespace ?? ""] },
      Index.webhookConfiguration: { $0.webhookConfigurationKey.map { [$0.description] } ?? [] },
    ])
    self.webhookConfigurations = ObjectStore()
    self.pods = ObjectStore(indexes: [Index.node: { $0.spec.nodeName.map { [$0] } ?? [] }])
    self.nodes = ObjectStore()
    self.disruptionBudgets = ObjectStore()
  }

  /// The autoscalers that name a GameType.
  func autoscalers(of gameType: ObjectKey) -> [GameAutoscaler] {
    self.autoscalers.find(Index.gameType, gameType.description)
  }

  /// The Fleets that a GameType controls.
  func fleets(of gameType: GameType) -> [Fleet] {
    self.fleets.find(Index.owner, gameType.metadata.uid ?? "")
  }

  /// Fleets that nobody controls and that name a GameType as theirs.
  func strayFleets(namingOwner gameType: ObjectKey) -> [Fleet] {
    self.fleets.find(Index.stray, gameType.description)
  }

  /// Servers that nobody controls and that name a Fleet as theirs.
  func strayServers(namingOwner fleet: ObjectKey) -> [Server] {
    self.servers.find(Index.stray, fleet.description)
  }

  /// The Servers that a Fleet controls.
  func servers(of fleet: Fleet) -> [Server] {
    self.servers.find(Index.owner, fleet.metadata.uid ?? "")
  }

  /// How many Servers a Fleet controls.
  func serverCount(ofFleet key: ObjectKey) -> Int {
    self.fleets.get(key).map { self.servers.count(Index.owner, $0.metadata.uid ?? "") } ?? 0
  }

  /// Whether a namespace has any Server.
  func hasServers(in namespace: String?) -> Bool { self.servers.count(Index.namespace, namespace ?? "") > 0 }

  /// The Servers that name a WebhookConfiguration.
  func servers(asking configuration: ObjectKey) -> [Server] {
    self.servers.find(Index.webhookConfiguration, configuration.description)
  }

  /// The Pod of a Server, if it is the Server's own.
  func pod(of server: Server) -> Pod? {
    guard let pod = self.pods.get(server.podKey), server.controls(pod) else { return nil }
    return pod
  }

  /// The Servers whose Pods are on a node.
  func servers(onNode name: String) -> [ObjectKey] {
    self.pods.find(Index.node, name).compactMap { $0.ownerKey(Server.self) }
  }

  private static func owner(_ object: some KubernetesResource) -> [String] {
    object.metadata.controller.map { [$0.uid] } ?? []
  }

  private static func stray(_ object: some KubernetesResource, namedBy label: String) -> [String] {
    object.namedOwnerKey(label).map { [$0.description] } ?? []
  }
}

extension Server {
  /// The key of the Pod that is made for it.
  var podKey: ObjectKey { ObjectKey(namespace: self.metadata.namespace, name: self.podName) }

  /// The WebhookConfiguration that is asked about this Server, if it names one.
  var webhookConfigurationKey: ObjectKey? {
    self.webhookConfigurationName.map { ObjectKey(namespace: self.metadata.namespace, name: $0) }
  }
}

extension KubernetesResource {
  /// The key of the controlling owner, if that is of this kind.
  func ownerKey<Owner: KubernetesResource>(_ type: Owner.Type) -> ObjectKey? {
    guard let owner = self.metadata.controller, owner.kind == Owner.resourceType.kind,
      owner.apiVersion == Owner.resourceType.apiVersion
    else { return nil }
    return ObjectKey(namespace: self.metadata.namespace, name: owner.name)
  }

  /// The key of the owner that a label names, for an object that nobody controls.
  func namedOwnerKey(_ label: String) -> ObjectKey? {
    guard self.metadata.controller == nil, let name = self.metadata.label(label) else { return nil }
    return ObjectKey(namespace: self.metadata.namespace, name: name)
  }
}
