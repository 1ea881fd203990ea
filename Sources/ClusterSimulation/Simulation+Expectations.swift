import KubernetesClient
import KubernetesModel
import UmpireModel

/// What is looked at on the stage.
extension Simulation {
  /// Those that players are on are there with their Pods; one whose Pod has died by itself holds nobody.
  func expectAlive(_ servers: [ObjectKey]) async throws {
    for key in servers where self.game.players(on: key.name) > 0 {
      guard let server = try await self.cluster.outside.find(Server.self, key) else {
        self.report("\(key.name) is gone, and its players with it")
        continue
      }
      let pod = try await self.cluster.outside.find(Pod.self, ObjectKey(namespace: key.namespace, name: server.podName))
      if pod?.metadata.isBeingDeleted ?? true {
        self.report("the Pod of \(key.name) is going, and its players with it")
      }
    }
  }

  /// Exactly the wanted Servers are there and ready, each with its Pod, and every status says so.
  func expect(servers count: Int, image: String = "game:1") async throws {
    let client = self.cluster.outside
    let servers = try await self.servers()
    let shown = servers.map { "\($0.key.name) \($0.status?.state.rawValue ?? "-")" }.joined(separator: ", ")
    if servers.count != count { self.report("\(count) Servers are wanted, there are: \(shown)") }
    for server in servers {
      if server.metadata.isBeingDeleted || server.status?.state != .ready || server.isDrained {
        self.report("\(server.key.name) does not serve: \(shown)")
      }
      if server.spec.pod.containers.first?.image != image { self.report("\(server.key.name) runs something old") }
    }
    let pods = try await client.list(Pod.self, namespace: "default").items
    let owners = Set(servers.compactMap(\.metadata.uid))
    for pod in pods where !owners.contains(pod.metadata.controller?.uid ?? "") {
      self.report("\(pod.key.name) is an orphan")
    }
    if pods.count != servers.count { self.report("\(pods.count) Pods for \(servers.count) Servers") }
    let fleets = try await client.list(Fleet.self, namespace: "default").items
    if fleets.count != 1 { self.report("\(fleets.count) Fleets are left") }
    guard let gameType = try await client.find(GameType.self, Self.key), let status = gameType.status else {
      return self.report("the GameType has no status")
    }
    if status.conditions[type: ConditionTypes.progressing]?.reason != "UpdateComplete" {
      self.report("the GameType is \(status.conditions[type: ConditionTypes.progressing]?.reason ?? "silent")")
    }
    try await self.expectTrueStatuses()
  }

  /// There are so many Servers, whether they serve or not.
  func expectCount(_ count: Int) async throws {
    let servers = try await self.servers()
    if servers.count != count {
      self.report("\(count) Servers are to be there, there are: \(servers.map(\.key.name).joined(separator: ", "))")
    }
  }

  /// So many Servers serve, whatever else there is.
  func expect(ready count: Int) async throws {
    let servers = try await self.servers()
    let ready = servers.filter { !$0.metadata.isBeingDeleted && $0.status?.state == .ready }
    if ready.count != count {
      let shown = servers.map { "\($0.key.name) \($0.status?.state.rawValue ?? "-")" }.joined(separator: ", ")
      self.report("\(count) Servers are to be ready, there are: \(shown)")
    }
  }

  /// A Server is not there any more.
  func expectGone(_ server: ObjectKey) async throws {
    if try await self.cluster.outside.find(Server.self, server) != nil { self.report("\(server.name) is left") }
  }

  /// The Servers are there with nobody above them.
  func expectNoOwners() async throws {
    let client = self.cluster.outside
    if try await client.find(GameType.self, Self.key) != nil { self.report("the GameType is left") }
    for fleet in try await client.list(Fleet.self, namespace: "default").items {
      self.report("\(fleet.key.name) is left")
    }
    for server in try await self.servers() where server.metadata.controller != nil {
      self.report("\(server.key.name) has an owner")
    }
  }

  /// Servers are still the same, and serve; only one whose Pod has died by itself may have been replaced.
  func expectKept(_ before: [Server]) async throws {
    let kept = Set(try await self.servers().filter { !$0.metadata.isBeingDeleted }.compactMap(\.metadata.uid))
    let lost = before.filter { !kept.contains($0.metadata.uid ?? "") }
    if lost.count > self.node.losses {
      self.report("replaced though they were well: \(lost.map(\.key.name).joined(separator: ", "))")
    }
  }

  /// Nothing is left.
  func expectNothing() async throws {
    let client = self.cluster.outside
    if try await client.find(GameType.self, Self.key) != nil { self.report("the GameType is left") }
    let fleets = try await client.list(Fleet.self, namespace: "default").items
    let pods = try await client.list(Pod.self, namespace: "default").items
    let servers = try await self.servers()
    for left in fleets.map(\.key.name) + servers.map(\.key.name) + pods.map(\.key.name) {
      self.report("\(left) is left")
    }
  }
}
