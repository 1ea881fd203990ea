import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import Logging
import Metrics
import TestSupport
import Testing
import UmpireController
import UmpireModel
import WebhookClient

/// The whole story of the product, with a stand-in for the node.
@Suite struct ControllersContractTests {
  private func withControllers(
    _ backend: ContractBackend, _ body: (ContractCluster, OutsideWorld) async throws -> Void
  ) async throws {
    try await backend.run { cluster in
      let world = OutsideWorld()
      let controllers = UmpireControllers(
        connections: ControllerConnections(
          client: try await cluster.controller(), outbound: world.transport, services: ClusterServiceAddressResolver()),
        configuration: ControllerConfiguration(namespace: cluster.namespace),
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        metricsFactory: NOOPMetricsHandler.instance)
      let node = StandInNode(client: cluster.client, namespace: cluster.namespace)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await controllers.run() }
        group.addTask { await node.run() }
        try await body(cluster, world)
        // Nothing may hold the namespace back.
        world.permitAll()
        try await cluster.client.delete(GameAutoscaler.self, cluster.key("arena"))
        try await cluster.client.delete(GameType.self, cluster.key("arena"))
        try await eventually("everything is gone") { try await self.servers(cluster).isEmpty }
        try await node.remove()
        group.cancelAll()
      }
    }
  }

  private func servers(_ cluster: ContractCluster) async throws -> [Server] {
    try await cluster.client.list(Server.self, namespace: cluster.namespace).items
  }

  private func ready(_ cluster: ContractCluster, _ count: Int) async throws -> [Server] {
    try await eventually("\(count) Servers are ready") {
      let servers = try await self.servers(cluster)
      let ready = servers.filter { $0.status?.state == .ready && !$0.metadata.isBeingDeleted }
      return servers.count == count && ready.count == count ? servers : nil
    }
  }

  private func gameType(_ cluster: ContractCluster, image: String) -> GameType {
    let pod = StandInPod.spec([Container(name: "game", image: image)])
    return GameType(
      metadata: ObjectMeta(name: "arena", namespace: cluster.namespace),
      spec: GameTypeSpec(fleetSpec: FleetSpec(spec: ServerSpec(pod: pod))))
  }

  private func autoscaler(_ cluster: ContractCluster) -> GameAutoscaler {
    let endpoint = ScalingEndpoint(url: "http://studio.test/scale")
    return GameAutoscaler(
      metadata: ObjectMeta(name: "arena", namespace: cluster.namespace),
      spec: GameAutoscalerSpec(
        gameName: "arena", policy: .init(webhook: endpoint), sync: .init(interval: GoDuration(.seconds(1)))))
  }

  @Test(arguments: ContractBackend.available)
  func aGameGrowsShrinksAndIsUpgradedAndNobodyIsThrownOut(on backend: ContractBackend) async throws {
    try await self.withControllers(backend) { cluster, world in
      world.answer(replicas: 2)
      _ = try await cluster.client.create(self.gameType(cluster, image: "game:1"))
      _ = try await cluster.client.create(self.autoscaler(cluster))
      _ = try await self.ready(cluster, 2)
      world.answer(replicas: 5)
      _ = try await self.ready(cluster, 5)

      world.answer(replicas: 2)
      let going = try await eventually("three are asked to go") {
        let going = try await self.servers(cluster).filter(\.metadata.isBeingDeleted)
        return going.count == 3 && world.shutdowns.count == 3 ? going : nil
      }
      for server in going.dropFirst() { world.permit(server.status?.address ?? "") }
      let held = going[0].key
      try await eventually("two of them are gone") { try await self.servers(cluster).count == 3 }
      let pod = try await cluster.client.get(Pod.self, cluster.key(going[0].podName))
      #expect(!pod.metadata.isBeingDeleted)
      world.permit(going[0].status?.address ?? "")
      try await eventually("its permission came") { try await cluster.client.find(Server.self, held) == nil }
      let old = try await self.ready(cluster, 2)

      let patch: JSONValue = [
        "spec": ["fleetSpec": ["spec": ["pod": ["containers": [["name": "game", "image": "game:2"]]]]]]
      ]
      let _: GameType = try await cluster.client.patch(GameType.self, cluster.key("arena"), patch)
      try await eventually("the new version is ready beside the old") {
        let servers = try await self.servers(cluster)
        let oldKeys = Set(old.map(\.key))
        return servers.count == 4
          && servers.filter { $0.status?.state == .ready && !oldKeys.contains($0.key) }.count == 2
      }
      world.permitAll()
      let new = try await self.ready(cluster, 2)
      #expect(new.allSatisfy { $0.spec.pod.containers.first?.image == "game:2" })
    }
  }
}
