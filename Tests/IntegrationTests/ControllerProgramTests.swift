import ClusterTestSupport
import Glibc
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@Suite struct ControllerProgramTests {
  private let key = ObjectKey(namespace: "default", name: "arena")

  private func gameType() -> GameType {
    let spec = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
    return GameType(
      metadata: ObjectMeta(name: "arena", namespace: "default"),
      spec: GameTypeSpec(fleetSpec: FleetSpec(scaling: FleetScaling(replicas: 2), spec: spec)))
  }

  private func ready(_ client: APIClient, _ count: Int64) async throws {
    try await eventually("\(count) Servers are ready") {
      try await client.get(GameType.self, self.key).status?.readyReplicas == count
    }
  }

  @Test func itWorksOverASocketAndTakesUpWhereAnotherWasKilled() async throws {
    try await withFolder { folder in
      try await SocketCluster.run(in: folder) { cluster in
        let node = StandInNode(client: cluster.client)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { await node.run() }
          let arguments = [
            "--kubeconfig", cluster.kubeconfig, "--health-host", "127.0.0.1", "--health-port", "0",
          ]
          try await Program.run("umpire-controller", arguments, in: folder) { controller in
            _ = try await controller.line(with: "Controllers started")
            _ = try await cluster.client.create(self.gameType())
            try await self.ready(cluster.client, 2)
            try await cluster.client.scale(GameType.self, self.key, replicas: 6)
            controller.send(SIGKILL)
            try await eventually("it is dead") { controller.isOver }
          }
          let status = try await Program.run("umpire-controller", arguments, in: folder) { controller in
            try await self.ready(cluster.client, 6)
            let servers = try await cluster.client.list(Server.self, namespace: "default").items
            #expect(servers.count == 6)
            controller.send(SIGTERM)
            try await eventually("it ends") { controller.isOver }
          }
          #expect(status == .exited(0))
          group.cancelAll()
        }
      }
    }
  }

  @Test func aKubeconfigThatIsWrongIsNamed() async throws {
    try await withFolder { folder in
      let missing = try await Program.finish(
        "umpire-controller", ["--kubeconfig", "\(folder)/nothing"], in: folder)
      #expect(missing.status == .exited(64))
      #expect(missing.output.contains("\(folder)/nothing"))
      let cluster = try await Program.finish("umpire-controller", [], environment: ["HOME": folder], in: folder)
      #expect(cluster.status == .exited(64))
      #expect(cluster.output.contains("KUBERNETES_SERVICE_HOST"))
    }
  }
}
