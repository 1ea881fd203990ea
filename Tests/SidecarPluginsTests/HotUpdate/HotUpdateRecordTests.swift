import ClusterTestSupport
import Foundation
import HTTPTransport
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import SidecarPlugins

/// What is remembered of updates, and loaded again, against the embedded API server.
@Suite(.timeLimit(.minutes(2)))
struct HotUpdateRecordTests {
  private static let key = ObjectKey(namespace: "games", name: "umpire-sidecar-result")
  private static let labels = [Labels.server: "arena-1", Labels.gameType: "arena"]

  private func yaml(_ trap: Trap, _ more: String = "") -> String {
    "loadPatchType: signal\nsignal: {signalName: SIGHUP, processName: \(trap.marker)}\n\(more)"
  }

  private func records(_ scene: StorageScene) async throws -> [String: UpdateRecord] {
    (try await scene.client.find(ConfigMap.self, Self.key)?.data ?? [:]).compactMapValues { UpdateRecord(yaml: $0) }
  }

  /// A record of another Pod of the namespace, which is there.
  private func addPod(_ name: String, version: String?, url: String, gameType: String, _ scene: StorageScene)
    async throws -> String?
  {
    let labels = [Labels.server: name, Labels.gameType: gameType]
    let pod = try await scene.client.create(
      Pod(
        metadata: ObjectMeta(name: name, namespace: "games", labels: labels),
        spec: PodSpec(containers: [Container(name: "game", image: "game:1")])))
    return version.flatMap { PatchVersion($0) }.map {
      UpdateRecord(version: $0, url: url, gameType: gameType, uid: pod.metadata.uid).yaml
    }
  }

  @Test func anUpdateIsRememberedWhereNothingWasAndEntriesOfGonePodsGo() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder)
        defer { trap.end() }
        try await StorageScene.run(labels: Self.labels) { cluster in
          let storage = "storageConfig: {type: InKube, inKube: {annotationKey: update}}"
          try await UpdateScene.run(self.yaml(trap, storage), in: folder, surroundings: cluster.surroundings) { scene in
            #expect(try await scene.order("version=v1.2&url=\(origin.base)/ok/a").status == 200)
            try await eventually("remembered") { try await self.records(cluster).count == 1 }
            let record = try #require(try await self.records(cluster)["arena-1-pod"])
            #expect(record.version.description == "v1.2")
            #expect(record.url == "\(origin.base)/ok/a")
            #expect(record.gameType == "arena")
            #expect(record.uid == (try await cluster.pod()).metadata.uid)
            try await eventually("stored") {
              try await cluster.pod().metadata.annotation("update") == "v1.2: Update success"
            }
            print(
              "| ConfigMap absent | 200 | created: \((try await cluster.client.get(ConfigMap.self, Self.key)).data?.keys.sorted() ?? []) |"
            )
            // Two more entries, of which one is of nobody.
            let other = try await self.addPod("other", version: "v7", url: "http://x/y", gameType: "arena", cluster)
            _ = try await cluster.client.patch(
              ConfigMap.self, Self.key,
              ["data": ["other": .string(other ?? ""), "gone": "hot_update:\n  v9: http://x/z\n"]])
            #expect(try await scene.order("version=v1.3&url=\(origin.base)/ok/a").status == 200)
            try await eventually("cleaned") {
              try await self.records(cluster).keys.sorted() == ["arena-1-pod", "other"]
            }
            let missing = try await scene.order("version=v1.4&url=\(origin.base)/nothing")
            #expect(missing.status == 500)
            try await eventually("the failure is stored") {
              try await cluster.pod().metadata.annotation("update")
                == "v1.4: Update failed: the answer's status is 404, not 200"
            }
            #expect(try await self.records(cluster)["arena-1-pod"]?.version.description == "v1.3")
          }
        }
      }
    }
  }

  @Test func aConflictAndAnAPIServerThatIsAwayOnlyDelayTheRecord() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder)
        defer { trap.end() }
        let time = ManualTime()
        try await StorageScene.run(time: time.time, labels: Self.labels) { cluster in
          let stale: [String: String] = ["gone": "hot_update:\n  v9: http://x/z\n"]
          _ = try await cluster.client.create(
            ConfigMap(metadata: ObjectMeta(name: Self.key.name, namespace: "games"), data: stale))
          let client = cluster.client
          cluster.transport.beforeNextWrite {
            _ = try await client.patch(ConfigMap.self, Self.key, ["data": ["other": "x: 1"]])
          }
          try await UpdateScene.run(self.yaml(trap), in: folder, surroundings: cluster.surroundings) { scene in
            #expect(try await scene.order("version=v2&url=\(origin.base)/ok/a").status == 200)
            try await eventually("the conflict is seen") { scene.plugin.status.isFailing }
            print("| ConfigMap conflict | 200 | meanwhile: \(scene.plugin.status.message.prefix(90)) |")
            try await self.advance(time, "remembered") {
              try await self.records(cluster).keys.sorted() == ["arena-1-pod"]
            }
            #expect(cluster.transport.writes.filter { $0.contains("configmaps") }.count == 2)
            cluster.transport.fail(TransportError(.connect, "nobody is there", progress: .nothingSent))
            #expect(try await scene.order("version=v3&url=\(origin.base)/ok/a").status == 200)
            try await eventually("the failure is known") { scene.plugin.status.isFailing }
            print("| API server away | 200 | meanwhile: \(scene.plugin.status.message.prefix(90)) |")
            cluster.transport.fail(nil)
            try await self.advance(time, "remembered") {
              try await self.records(cluster)["arena-1-pod"]?.version.description == "v3"
            }
            try await eventually("all is well") { !scene.plugin.status.isFailing }
          }
        }
      }
    }
  }

  /// Moves the clock until something has become true.
  private func advance(_ time: ManualTime, _ what: String, _ condition: () async throws -> Bool) async throws {
    try await eventually(what) {
      if try await condition() { return true }
      time.advance(by: .milliseconds(500))
      return false
    }
  }

  @Test func afterARestartWhatThePodHadIsLoadedOnceTheGameIsThere() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder, count: 0)
        defer { trap.end() }
        let time = ManualTime()
        try await StorageScene.run(time: time.time, labels: Self.labels) { cluster in
          // A newer one of the same GameType does not count: the Pod had one of its own.
          let newer = try await self.addPod(
            "newer", version: "v9", url: "\(origin.base)/ok/newer", gameType: "arena", cluster)
          let own = UpdateRecord(
            version: try #require(PatchVersion("v1.10.0.1")), url: "\(origin.base)/ok/own", gameType: "arena",
            uid: try await cluster.pod().metadata.uid)
          _ = try await cluster.client.create(
            ConfigMap(
              metadata: ObjectMeta(name: Self.key.name, namespace: "games"),
              data: ["arena-1-pod": own.yaml, "newer": newer ?? ""]))
          try await UpdateScene.run(self.yaml(trap), in: folder, surroundings: cluster.surroundings) { scene in
            try await eventually("the patch is there before the game") { scene.files == ["own"] }
            try await time.advance(until: "it waits") { time.slept.count > 3 }
            #expect(scene.plugin.status.details["restore"] == "loading v1.10.0.1")
            #expect(origin.asked.value.withLock { $0 } == ["/ok/own"])
            try trap.start()
            try await time.advance(until: "loaded") { scene.plugin.status.details["restore"] == "loaded v1.10.0.1" }
            try await eventually("the signal has come") { trap.lines == ["ready", "HUP"] }
            print("| restart | – | \(scene.plugin.status.message.split(separator: ";").last ?? "") |")
          }
        }
      }
    }
  }

  @Test func aNewPodLoadsTheNewestOfItsGameType() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder)
        defer { trap.end() }
        let time = ManualTime()
        try await StorageScene.run(time: time.time, labels: Self.labels) { cluster in
          var data: [String: String] = [:]
          for (name, version, gameType) in [
            ("a", "v1.9", "arena"), ("b", "v1.10", "arena"), ("c", "v1.9.9.9", "arena"), ("d", "v99", "other"),
          ] {
            data[name] = try await self.addPod(
              name, version: version, url: "\(origin.base)/ok/\(name)", gameType: gameType, cluster)
          }
          _ = try await cluster.client.create(
            ConfigMap(metadata: ObjectMeta(name: Self.key.name, namespace: "games"), data: data))
          try await UpdateScene.run(self.yaml(trap), in: folder, surroundings: cluster.surroundings) { scene in
            try await time.advance(until: "loaded") { scene.plugin.status.details["restore"] == "loaded v1.10" }
            #expect(scene.files == ["b"])
            try await self.advance(time, "remembered") {
              try await self.records(cluster)["arena-1-pod"]?.version.description == "v1.10"
            }
          }
        }
      }
    }
  }

  @Test func aGameThatDoesNotComeIsAFailureAndNoCrash() async throws {
    try await Origin.run { origin in
      try await withFolder { folder in
        let trap = try await Trap(in: folder, count: 0)
        let time = ManualTime()
        try await StorageScene.run(time: time.time, labels: Self.labels) { cluster in
          let own = UpdateRecord(
            version: try #require(PatchVersion("v3")), url: "\(origin.base)/ok/own",
            uid: try await cluster.pod().metadata.uid)
          _ = try await cluster.client.create(
            ConfigMap(metadata: ObjectMeta(name: Self.key.name, namespace: "games"), data: ["arena-1-pod": own.yaml]))
          let storage = "storageConfig: {type: InKube, inKube: {annotationKey: update}}"
          try await UpdateScene.run(self.yaml(trap, storage), in: folder, surroundings: cluster.surroundings) { scene in
            try await time.advance(until: "it gives up", step: .seconds(5)) { scene.plugin.status.isFailing }
            #expect(scene.plugin.status.message == "what the Pod had is not loaded: the game is not there yet")
            try await eventually("the failure is stored") {
              try await cluster.pod().metadata.annotation("update") == "v3: Update failed: the game is not there yet"
            }
            // It still takes orders.
            try trap.start()
            try await eventually("the trap is set") { trap.lines == ["ready"] }
            #expect(try await scene.order("version=v4&url=\(origin.base)/ok/a").status == 200)
            try await eventually("all is well") { scene.plugin.status.details["loadedVersion"] == "v4" }
          }
          trap.end()
        }
      }
    }
  }
}
