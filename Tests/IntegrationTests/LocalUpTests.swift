import ClusterTestSupport
import FoundationEssentials
import Glibc
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@Suite(.serialized) struct LocalUpTests {
  private let key = ObjectKey(namespace: "default", name: "arena")

  @Test func whatIsKeptSurvivesARestartAndNoProcessIsLeft() async throws {
    try await withFolder { folder in
      let data = "\(folder)/data"
      let file = try SampleManifests.write(SampleManifests.gameType(replicas: 2), to: "\(folder)/arena.yaml")
      var before: [Server] = []
      let status = try await LocalUp.run(dataDirectory: data, ["-f", file], in: folder) { local in
        before = try await local.readyServers(2)
        #expect(NodeProcesses.all(of: data).count == 4)
        #expect(local.program.output.contains("gametype.umpire.dev/arena created"))
        local.program.send(SIGTERM)
        try await eventually("it ends") { local.program.isOver }
        #expect(NodeProcesses.all(of: data).isEmpty)
      }
      #expect(status == .exited(0))
      try await LocalUp.run(dataDirectory: data, in: folder) { local in
        let after = try await local.readyServers(2)
        #expect(after.map(\.metadata.uid) == before.map(\.metadata.uid))
        try await eventually("their processes run again") { NodeProcesses.all(of: data).count == 4 }
        local.program.send(SIGINT)
        try await eventually("it ends") { local.program.isOver }
        #expect(NodeProcesses.all(of: data).isEmpty)
      }
    }
  }

  /// Killed while it works, at a moment that differs from run to run: what was acknowledged is there again, and what
  /// ran is not left behind.
  @Test func nothingAcknowledgedIsLostToAKill() async throws {
    try await withFolder { folder in
      let data = "\(folder)/data"
      var acknowledged: Set<String> = []
      var orphans: [Int32] = []
      try await LocalUp.run(
        dataDirectory: data,
        ["-f", try SampleManifests.write(SampleManifests.gameType(replicas: 2), to: "\(folder)/arena.yaml")], in: folder
      ) { local in
        _ = try await local.readyServers(2)
        let limit = Int.random(in: 20...200)
        await withThrowingTaskGroup(of: String.self) { group in
          for number in 0..<200 {
            group.addTask {
              let map = ConfigMap(metadata: ObjectMeta(name: "map-\(number)", namespace: "default"), data: ["n": "1"])
              _ = try await local.client.create(map)
              return "map-\(number)"
            }
          }
          // Requests that the kill cuts off were not acknowledged.
          while let name = try? await group.next() {
            acknowledged.insert(name)
            if acknowledged.count == limit {
              orphans = NodeProcesses.all(of: data)
              local.program.send(SIGKILL)
            }
          }
        }
        try await eventually("it is dead") { local.program.isOver }
      }
      #expect(acknowledged.count >= 20)
      #expect(!orphans.isEmpty)
      try await LocalUp.run(dataDirectory: data, in: folder) { local in
        let there = try await local.client.list(ConfigMap.self, namespace: "default").items
        #expect(acknowledged.isSubset(of: there.compactMap(\.metadata.name)))
        _ = try await local.readyServers(2)
        try await eventually("what was left behind is gone") {
          Set(NodeProcesses.all(of: data)).isDisjoint(with: orphans)
        }
      }
    }
  }

  @Test func theDemoEndsWell() async throws {
    try await withFolder { folder in
      let data = "\(folder)/data"
      let (status, output) = try await Program.finish(
        "umpire", ["local", "up", "--demo", "--once", "--port", "0", "--data", data], in: folder)
      #expect(status == .exited(0), "\(output)")
      #expect(output.contains("Timeline"))
      #expect(output.contains("the last match on v1 ends: only v2 is left"))
      #expect(NodeProcesses.all(of: data).isEmpty)
    }
  }

  @Test func anImageThatNobodyKnowsIsNamedOnTheServer() async throws {
    try await withFolder { folder in
      let manifest = SampleManifests.gameType(replicas: 1, image: "nobody-knows:1")
      let file = try SampleManifests.write(manifest, to: "\(folder)/arena.yaml")
      try await LocalUp.run(dataDirectory: "\(folder)/data", ["-f", file], in: folder) { local in
        let condition = try await eventually("the Server says so") {
          try await local.servers().first?.status?.conditions[type: "Ready"].flatMap {
            $0.reason == "ErrImagePull" ? $0 : nil
          }
        }
        #expect(condition.message?.contains("nobody-knows:1") == true)
        let fleet = try await eventually("and so does the GameType") {
          try await local.client.get(GameType.self, self.key).status?.conditions[type: "Available"].flatMap {
            $0.message?.contains("ErrImagePull") == true ? $0 : nil
          }
        }
        #expect(fleet.status == .false)
        // A Server that never started holds nobody: it goes at once.
        try await local.client.delete(GameType.self, self.key)
        try await eventually("everything is gone") { try await local.servers().isEmpty }
      }
    }
  }

  @Test func aGameServerThatDiesIsReplaced() async throws {
    try await withFolder { folder in
      var manifest = SampleManifests.gameType(replicas: 1)
      manifest = manifest.replacing("pod:\n", with: "pod:\n        restartPolicy: Never\n")
      let file = try SampleManifests.write(manifest, to: "\(folder)/arena.yaml")
      try await LocalUp.run(dataDirectory: "\(folder)/data", ["-f", file], in: folder) { local in
        let server = try #require(try await local.readyServers(1).first)
        let pod = try await local.client.get(Pod.self, ObjectKey(namespace: "default", name: server.podName))
        let identifier = pod.status?.containerStatuses?.first?.containerID?.split(separator: "/").last.flatMap {
          Int32($0)
        }
        kill(try #require(identifier), SIGKILL)
        try await eventually("another one is ready") {
          let servers = try await local.servers()
          return servers.count == 1 && servers.first?.metadata.uid != server.metadata.uid
            && servers.first?.status?.state == .ready
        }
      }
    }
  }
}
