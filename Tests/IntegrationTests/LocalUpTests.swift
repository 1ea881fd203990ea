import ClusterTestSupport
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTypes
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

  /// Killed again and again while it works, each time at another moment: what was acknowledged is there again, and what
  /// ran is not left behind.
  @Test func nothingAcknowledgedIsLostToAKill() async throws {
    try await withFolder { folder in
      let data = "\(folder)/data"
      let ledger = WriteLedger()
      var arguments = [
        "-f", try SampleManifests.write(SampleManifests.gameType(replicas: 2), to: "\(folder)/arena.yaml"),
      ]
      var orphans: Set<Int32> = []
      var limit = 0
      for round in 1...4 {
        try await LocalUp.run(dataDirectory: data, arguments, in: folder) { local in
          #expect(ledger.differences(from: try await self.maps(local)) == [], "before round \(round)")
          if round == 1 { _ = try await local.readyServers(2) }
          limit += Int.random(in: 50...500)
          await withThrowingTaskGroup(of: Void.self) { [limit] group in
            for writer in 0..<16 {
              group.addTask {
                try await ledger.write(writer, with: local.client) { count in
                  if count == limit { local.program.send(SIGKILL) }
                }
              }
            }
            // The writes that the kill cuts off were not acknowledged.
            try? await group.next()
            group.cancelAll()
          }
          orphans.formUnion(NodeProcesses.all(of: data))
          try await eventually("it is dead") { local.program.isOver }
        }
        arguments = []
      }
      #expect(ledger.counts.values.reduce(0, +) >= limit)
      #expect(Set(ledger.counts.keys) == ["create", "update", "delete"])
      #expect(!orphans.isEmpty)
      try await LocalUp.run(dataDirectory: data, in: folder) { local in
        #expect(ledger.differences(from: try await self.maps(local)) == [])
        _ = try await local.readyServers(2)
        try await eventually("what was left behind is gone") {
          Set(NodeProcesses.all(of: data)).isDisjoint(with: orphans)
        }
      }
    }
  }

  private func maps(_ local: LocalUp) async throws -> [ConfigMap] {
    try await local.client.list(ConfigMap.self, namespace: "default").items
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

  @Test func aPermissionEndsWithTheGameThatGaveIt() async throws {
    try await withFolder { folder in
      let file = try SampleManifests.write(SampleManifests.gameType(replicas: 1), to: "\(folder)/arena.yaml")
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      try await LocalUp.run(dataDirectory: "\(folder)/data", ["-f", file], in: folder) { local in
        let server = try #require(try await local.readyServers(1).first)
        let calls = HTTPCalls(transport: transport, authority: "\(server.status?.address ?? ""):8080")
        #expect(try await calls.send(.post, "/allow_delete", #"{"allowed":true}"#).status == 200)
        let pod = ObjectKey(namespace: "default", name: server.podName)
        let game = try await local.client.get(Pod.self, pod).status?.containerStatuses?.first
        kill(try #require(game?.containerID?.split(separator: "/").last.flatMap { Int32($0) }), SIGKILL)
        let restarted = try await eventually("the restart is noticed") {
          try await local.servers().first.flatMap { $0.status?.gameRestarts == 1 ? $0 : nil }
        }
        #expect(restarted.status?.conditions[type: "DeleteAllowed"]?.reason == "GameRestarted")
        try await eventually("the sidecar knows") { try await calls.json(.get, "/allow_delete") == ["allowed": false] }
        try await eventually("players may join again") {
          try await local.servers().first?.status?.state == .ready
        }
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

  /// The sample with a sidecar's plugins, on addresses and in folders of the test's own.
  @Test func aSidecarRunsItsPluginsAndFollowsTheirConfiguration() async throws {
    let root = "\(#filePath)".split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let sample = try String(
      contentsOf: URL(filePath: "\(root)/manifests/samples/plugins.yaml"), encoding: .utf8)
    let transport = CurlHTTPTransport()
    defer { transport.shutdown() }
    try await withFolder { folder in
      let manifest = sample.replacing("127.0.0.1", with: Loopback.address())
      let file = try SampleManifests.write(manifest, to: "\(folder)/plugins.yaml")
      let roles = "\(root)/manifests/rbac/sidecar-plugins.yaml"
      try await LocalUp.run(dataDirectory: "\(folder)/data", ["-f", file, roles], in: folder) { local in
        let server = try #require(try await local.readyServers(1).first)
        let podKey = ObjectKey(namespace: "default", name: server.podName)
        let pod = try await local.client.get(Pod.self, podKey)
        let sidecar = HTTPCalls(transport: transport, authority: "\(try #require(pod.status?.podIP)):8080")
        try await eventually("both plugins run") {
          let plugins = try await sidecar.json(.get, "/plugins")["plugins"]?.arrayValue ?? []
          return plugins.map { $0["name"]?.stringValue } == ["http_probe", "hot_update"]
            && plugins.allSatisfy { $0["state"]?.stringValue == "Running" }
        }
        let statuses = (pod.status?.initContainerStatuses ?? []) + (pod.status?.containerStatuses ?? [])
        for name in ["umpire-sidecar", "server"] {
          let identifier = statuses.first { $0.name == name }?.containerID?.split(separator: "/").last
          let variables = try Data(contentsOf: URL(filePath: "/proc/\(try #require(identifier))/environ"))
            .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
          let downloads = variables.first { $0.hasPrefix("UMPIRE_DOWNLOAD_FOLDER=\(folder)/data/pods/") }
          #expect(downloads?.hasSuffix("/volumes/umpire-sidecar-downloads") == true)
        }
        try await eventually("what the game says is on its Pod") {
          try await local.client.get(Pod.self, podKey).metadata.annotation("example.com/players") == "0"
        }
        let mapKey = ObjectKey(namespace: "default", name: "patched-plugins")
        let text = try #require(try await local.client.get(ConfigMap.self, mapKey).data?["config.yaml"])
        let changed = text.replacing("example.com/players", with: "example.com/count")
        _ = try await local.client.patch(ConfigMap.self, mapKey, ["data": ["config.yaml": .string(changed)]])
        try await eventually("the change has reached the plugin", within: .seconds(60)) {
          try await local.client.get(Pod.self, podKey).metadata.annotation("example.com/count") == "0"
        }
        let pods = "\(folder)/data/pods"
        #expect(try FileManager.default.contentsOfDirectory(atPath: pods) == [try #require(pod.metadata.uid)])
        try await local.client.delete(GameType.self, ObjectKey(namespace: "default", name: "patched"))
        try await eventually("the Pod's folder is gone") {
          try FileManager.default.contentsOfDirectory(atPath: pods).isEmpty
        }
      }
    }
  }
}
