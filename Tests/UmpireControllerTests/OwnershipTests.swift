import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

/// What belongs to a GameType, and what only looks like it.
@Suite struct OwnershipTests {
  private func ready(_ client: APIClient, in namespace: String, _ count: Int) async throws -> [Server] {
    try await eventually("\(count) Servers are ready in \(namespace)") {
      let servers = try await client.list(Server.self, namespace: namespace).items
      return servers.count == count && servers.allSatisfy { $0.status?.state == .ready } ? servers : nil
    }
  }

  @Test func gamesOfOneNameInTwoNamespacesLeaveEachOtherAlone() async throws {
    try await withControllers { client, world in
      world.permitAll()
      let namespace: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "other"]]
      let type = ResourceType(group: "", version: "v1", kind: "Namespace", plural: "namespaces", isNamespaced: false)
      _ = try await client.send(.create(type, namespace: nil, body: namespace.serialized()))
      let first = Fixtures.arena(replicas: 2)
      var second = first
      second.metadata.namespace = "other"
      _ = try await client.create(first)
      _ = try await client.create(second)
      _ = try await self.ready(client, in: "default", 2)
      let before = try await self.ready(client, in: "other", 2)
      try await client.scale(GameType.self, first.key, replicas: 1)
      _ = try await self.ready(client, in: "default", 1)
      try await client.delete(GameType.self, first.key)
      try await eventually("the first is gone") {
        let servers = try await client.arenaServers()
        return try await client.find(GameType.self, first.key) == nil && servers.isEmpty
      }
      let after = try await client.list(Server.self, namespace: "other").items
      #expect(Set(after.map(\.metadata.uid)) == Set(before.map(\.metadata.uid)))
      #expect(after.allSatisfy { !$0.metadata.isBeingDeleted })
      #expect(try await client.get(GameType.self, second.key).status?.readyReplicas == 2)
      #expect(try await client.list(Fleet.self, namespace: "other").items.allSatisfy { !$0.metadata.isBeingDeleted })
    }
  }

  @Test func settingsOfAGameTypeReachTheServersThatRun() async throws {
    try await withControllers { client, _ in
      let arena = try await client.create(Fixtures.arena(replicas: 1))
      let server = try await self.ready(client, in: "default", 1)[0]
      let settings: JSONValue = [
        "spec": [
          "fleetSpec": [
            "scaling": ["agePriority": "newest_first", "prioritizeAllowed": false],
            "spec": ["timeout": "7m", "allowForceDelete": true],
          ]
        ]
      ]
      let _: GameType = try await client.patch(GameType.self, arena.key, settings)
      try await eventually("the Server has them") {
        let spec = try await client.get(Server.self, server.key).spec
        return spec.timeout.duration == .seconds(420) && spec.allowForceDelete
      }
      let fleets = try await client.list(Fleet.self, namespace: "default").items
      #expect(fleets.count == 1)
      #expect(fleets.first?.spec.scaling.agePriority == .newestFirst)
      #expect(fleets.first?.spec.scaling.prioritizeAllowed == false)
      #expect(try await !client.get(Server.self, server.key).metadata.isBeingDeleted)
    }
  }
}
