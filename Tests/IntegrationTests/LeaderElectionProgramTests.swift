import ClusterTestSupport
import Glibc
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@Suite(.timeLimit(.minutes(3))) struct LeaderElectionProgramTests {
  private let key = ObjectKey(namespace: "default", name: "arena")
  private let lease = ObjectKey(namespace: "default", name: "umpire-controller")

  private func arguments(_ cluster: SocketCluster) -> [String] {
    [
      "--kubeconfig", cluster.kubeconfig, "--leader-elect", "--leader-elect-lease", "10", "--health-host", "127.0.0.1",
      "--health-port", "0", "--log-level", "debug",
    ]
  }

  private func servers(_ cluster: SocketCluster, _ count: Int) async throws {
    try await eventually("\(count) Servers") {
      try await cluster.client.list(Server.self, namespace: "default").items.count == count
    }
  }

  @Test func aPausedLeaderDoesNotActWhenItWakes() async throws {
    try await withFolder { folder in
      try await SocketCluster.run(in: folder) { cluster in
        let start = try await cluster.client.list(Server.self, namespace: "default").metadata.resourceVersion
        let ended = try await Program.run("umpire-controller", self.arguments(cluster), in: folder) { first in
          _ = try await first.line(with: "Controllers started")
          try await Program.run("umpire-controller", self.arguments(cluster), in: folder) { second in
            _ = try await second.line(with: "Standing by")
            let spec = ServerSpec(pod: PodSpec(containers: [Container(name: "game", image: "game:1")]))
            _ = try await cluster.client.create(
              Fleet(
                metadata: ObjectMeta(name: "arena", namespace: "default"),
                spec: FleetSpec(scaling: FleetScaling(replicas: 2), spec: spec)))
            try await self.servers(cluster, 2)
            let before = try await cluster.client.get(Lease.self, self.lease).spec?.holderIdentity

            first.send(SIGSTOP)
            // Work that the first one finds when it wakes.
            try await cluster.client.scale(Fleet.self, self.key, replicas: 4)
            _ = try await second.line(with: "Controllers started")
            try await self.servers(cluster, 4)
            let spread = try await cluster.client.get(Lease.self, self.lease).spec
            #expect(spread?.holderIdentity != before)
            #expect(spread?.leaseTransitions == 1)
            first.send(SIGCONT)

            try await eventually("the first one ends by itself") { first.isOver }
            #expect(first.output.contains("Lease lost"))
            try await cluster.client.scale(Fleet.self, self.key, replicas: 5)
            try await self.servers(cluster, 5)
            #expect(!second.output.contains("Lease lost"))
          }
          let free = try await cluster.client.get(Lease.self, self.lease)
          #expect(free.spec?.holderIdentity == "")
        }
        #expect(ended == .exited(EX_TEMPFAIL))
        // Had both acted, some Servers would have been too many, and deleted again.
        let (made, deleted) = try await cluster.client.withWatch(
          Server.self, namespace: "default", options: ListOptions(resourceVersion: start), timeoutSeconds: 1
        ) { (events: WatchEvents<Server>) in
          var counts = (made: 0, deleted: 0)
          for try await event in events {
            if case .added = event { counts.made += 1 }
            if case .deleted = event { counts.deleted += 1 }
          }
          return counts
        }
        #expect(made == 5)
        #expect(deleted == 0)
      }
    }
  }
}
