import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import TestSupport
import Testing

@Suite struct WatcherContractTests {
  private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private func map(_ name: String, _ cluster: ContractCluster) -> ConfigMap {
    ConfigMap(
      metadata: ObjectMeta(name: name, namespace: cluster.namespace, labels: ["contract": "yes"]), data: ["n": "0"])
  }

  private let options = ListOptions(labelSelector: "contract=yes")

  @Test(arguments: ContractBackend.available)
  func aStoreStaysTrue(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      _ = try await cluster.client.create(self.map("early", cluster))
      let seen = Mutex<[String]>([])
      let watcher = Watcher<ConfigMap>(
        client: cluster.client, namespace: cluster.namespace, options: self.options, logger: self.logger
      ) { change in
        let name = change.object.metadata.name ?? ""
        seen.withLock { log in
          switch change {
          case .added: log.append("added \(name)")
          case .updated: log.append("updated \(name)")
          case .removed: log.append("removed \(name)")
          }
        }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await watcher.run() }
        await watcher.waitUntilSynced()
        #expect(watcher.store.get(cluster.key("early")) != nil)
        _ = try await cluster.client.create(self.map("late", cluster))
        let _: ConfigMap = try await cluster.client.patch(ConfigMap.self, cluster.key("late"), ["data": ["n": "1"]])
        // An object that no longer matches has left the watcher's world.
        let _: ConfigMap = try await cluster.client.patch(
          ConfigMap.self, cluster.key("early"), ["metadata": ["labels": ["contract": "no"]]])
        try await cluster.client.delete(ConfigMap.self, cluster.key("late"))
        try await eventually("everything is told") { seen.withLock { $0.last } == "removed late" }
        #expect(seen.withLock { $0 } == ["added early", "added late", "updated late", "removed early", "removed late"])
        #expect(watcher.store.count == 0)
        group.cancelAll()
      }
    }
  }

  @Test(arguments: ContractBackend.available)
  func aWatchGoesOnFromAVersion(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      let first = try await cluster.client.create(self.map("a", cluster))
      let _: ConfigMap = try await cluster.client.patch(ConfigMap.self, first.key, ["data": ["n": "1"]])
      _ = try await cluster.client.create(self.map("b", cluster))
      var options = self.options
      options.resourceVersion = first.metadata.resourceVersion
      let seen = try await cluster.client.withWatch(
        ConfigMap.self, namespace: cluster.namespace, options: options, timeoutSeconds: 60
      ) { (events: WatchEvents<ConfigMap>) in
        var seen: [String] = []
        for try await event in events {
          switch event {
          case .added(let map): seen.append("added \(map.metadata.name ?? "")")
          case .modified(let map): seen.append("modified \(map.metadata.name ?? "")")
          case .deleted, .unreadable, .bookmark: continue
          case .error(let status): throw APIError(status)
          }
          if seen.count == 2 { break }
        }
        return seen
      }
      #expect(seen == ["modified a", "added b"])
    }
  }

  @Test(arguments: ContractBackend.available)
  func aVersionThatIsNotKeptIsRefusedOrRelisted(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      var options = self.options
      options.resourceVersion = "1"
      // Either the server still has everything since then, or it says that it has not; it never leaves a gap.
      _ = try await cluster.client.create(self.map("a", cluster))
      do {
        let isWhole = try await cluster.client.withWatch(
          ConfigMap.self, namespace: cluster.namespace, options: options, timeoutSeconds: 10
        ) { (events: WatchEvents<ConfigMap>) in
          for try await event in events {
            switch event {
            case .added(let map): return map.metadata.name == "a"
            case .error(let status): return status.isExpired
            case .modified, .deleted, .unreadable, .bookmark: continue
            }
          }
          return false
        }
        #expect(isWhole)
      } catch let error as APIError {
        #expect(error.isExpired)
      }
    }
  }

  @Test(arguments: ContractBackend.available)
  func aListComesInPagesThatFitTogether(on backend: ContractBackend) async throws {
    try await backend.run { cluster in
      for number in 0..<25 { _ = try await cluster.client.create(self.map("map-\(number)", cluster)) }
      var options = self.options
      options.limit = 7
      let list = try await cluster.client.list(ConfigMap.self, namespace: cluster.namespace, options: options)
      #expect(Set(list.items.compactMap(\.metadata.name)).count == 25)
      #expect(list.items.count == 25)
    }
  }
}
