import ClusterTestSupport
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct CustodyTests {
  private func changes(_ children: [Server], strays: [Server] = []) -> Custody.Changes {
    var fleet = Fixtures.fleet("arena-1", replicas: 2)
    fleet.metadata.name = "arena-1"
    return Custody.changes(of: fleet.metadata, label: Labels.fleet, children: children, strays: strays) {
      $0.spec.hasSameTemplate(as: fleet.spec.spec)
    }
  }

  private func server(_ name: String, fleet: String = "arena-1", image: String = "game:1") -> Server {
    var server = Fixtures.server(name, spec: Fixtures.serverSpec(image: image))
    server.metadata.labels = [Labels.fleet: fleet]
    return server
  }

  @Test func straysOfTheSameTemplateAreTakenIn() {
    #expect(self.changes([], strays: [self.server("a"), self.server("b", image: "game:2")]).adopt == ["a"])
  }

  @Test func childrenWithAnotherLabelAreLetGo() {
    #expect(self.changes([self.server("a", fleet: "debugging"), self.server("b")]).release == ["a"])
  }

  @Test func whatIsGoingIsLeftAlone() {
    var going = self.server("a", fleet: "debugging")
    going.metadata.deletionTimestamp = Fixtures.now
    var stray = self.server("b")
    stray.metadata.deletionTimestamp = Fixtures.now
    #expect(self.changes([going], strays: [stray]).isEmpty)
  }

  // With everything running

  private let key = ObjectKey(namespace: "default", name: "arena")

  private func readyServers(_ client: APIClient, _ count: Int) async throws -> [Server] {
    try await eventually("\(count) Servers are ready") {
      let servers = try await client.arenaServers()
      return servers.count == count && servers.allSatisfy { $0.status?.state == .ready } ? servers : nil
    }
  }

  @Test func aServerIsTakenOutForALookAndPutBack() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 2))
      let taken = try await self.readyServers(client, 2)[0]
      let fleet = try #require(taken.metadata.label(Labels.fleet))
      let label = { (value: String) -> JSONValue in ["metadata": ["labels": [Labels.fleet: .string(value)]]] }
      let _: Server = try await client.patch(Server.self, taken.key, label("looked-at"))
      let three = try await self.readyServers(client, 3)
      let free = try #require(three.first { $0.metadata.uid == taken.metadata.uid })
      #expect(free.metadata.controller == nil)
      let pod = try await client.get(Pod.self, ObjectKey(namespace: "default", name: taken.podName))
      #expect(!pod.metadata.isBeingDeleted)
      // One too many again: somebody is asked to go, and the one that came back has its owner again.
      let _: Server = try await client.patch(Server.self, taken.key, label(fleet))
      try await eventually("it is taken in and one is asked to go") {
        let servers = try await client.arenaServers()
        return servers.allSatisfy { $0.metadata.controller?.name == fleet }
          && servers.filter(\.metadata.isBeingDeleted).count == 1
      }
    }
  }

  @Test func orphansAreKeptAndTakenInAgain() async throws {
    try await withControllers { client, world in
      _ = try await client.create(Fixtures.arena(replicas: 2))
      let before = try await self.readyServers(client, 2)
      try await client.delete(GameType.self, self.key, options: DeleteOptions(propagationPolicy: .orphan))
      try await eventually("the GameType is gone") { try await client.find(GameType.self, self.key) == nil }
      let fleet = try #require(try await client.list(Fleet.self, namespace: "default").items.first)
      #expect(fleet.metadata.controller == nil && !fleet.metadata.isBeingDeleted)
      try await client.delete(Fleet.self, fleet.key, options: DeleteOptions(propagationPolicy: .orphan))
      try await eventually("the Fleet is gone") { try await client.find(Fleet.self, fleet.key) == nil }
      _ = try await client.create(Fixtures.arena(replicas: 2))
      try await eventually("a new Fleet has the old Servers") {
        let servers = try await client.arenaServers()
        return servers.count == 2 && servers.allSatisfy { $0.metadata.controller?.name == fleet.metadata.name }
      }
      let after = try await client.arenaServers()
      #expect(Set(after.compactMap(\.metadata.uid)) == Set(before.compactMap(\.metadata.uid)))
      #expect(after.allSatisfy { !$0.metadata.isBeingDeleted })
      #expect(world.shutdowns.isEmpty)
    }
  }

  @Test func aPodOutlivesAServerThatOrphansIt() async throws {
    try await withControllers { client, world in
      _ = try await client.create(Fixtures.arena(replicas: 1))
      let server = try await self.readyServers(client, 1)[0]
      try await client.delete(Server.self, server.key, options: DeleteOptions(propagationPolicy: .orphan))
      try await eventually("the Server is gone") { try await client.find(Server.self, server.key) == nil }
      let pod = try await client.get(Pod.self, ObjectKey(namespace: "default", name: server.podName))
      #expect(pod.metadata.controller == nil && !pod.metadata.isBeingDeleted)
      #expect(world.shutdowns.isEmpty)
    }
  }

  @Test func aFleetThatWasGivenAnotherTemplateByHandIsReplaced() async throws {
    try await withControllers { client, world in
      world.permitAll()
      _ = try await client.create(Fixtures.arena(replicas: 1))
      _ = try await self.readyServers(client, 1)
      let fleet = try #require(try await client.list(Fleet.self, namespace: "default").items.first)
      let image: JSONValue = ["spec": ["spec": ["pod": ["containers": [["name": "game", "image": "game:9"]]]]]]
      let _: Fleet = try await client.patch(Fleet.self, fleet.key, image)
      try await eventually("a Fleet of the GameType's own template has taken its place") {
        let fleets = try await client.list(Fleet.self, namespace: "default").items
        return fleets.count == 1 && fleets[0].metadata.uid != fleet.metadata.uid
          && fleets[0].spec.spec.pod.containers.first?.image == "game:1"
      }
    }
  }

  @Test func aKilledServerIsReplacedAndAHandMadeOneGoes() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 1))
      let server = try await self.readyServers(client, 1)[0]
      let handMade = Server(metadata: ObjectMeta(name: "solo", namespace: "default"), spec: Fixtures.serverSpec())
      _ = try await client.create(handMade)
      _ = try await self.readyServers(client, 2)
      for key in [server.key, handMade.key] {
        let _: Server = try await client.patch(Server.self, key, ["spec": ["opsState": "Kill"]])
      }
      try await eventually("another has taken its place") {
        let servers = try await client.arenaServers()
        return servers.count == 1 && servers[0].metadata.uid != server.metadata.uid
          && servers[0].status?.state == .ready
      }
    }
  }

  @Test func aServerWhoseMatchIsOverIsReplacedOnceItMayGo() async throws {
    try await withControllers { client, _ in
      _ = try await client.create(Fixtures.arena(replicas: 1))
      let server = try await self.readyServers(client, 1)[0]
      let over: JSONValue = ["spec": ["opsState": "WaitToBeDeleted"]]
      let written: Server = try await client.patch(Server.self, server.key, over)
      try await eventually("the controller has seen it") {
        try await client.get(Server.self, server.key).status?.observedGeneration == written.metadata.generation
      }
      #expect(try await !client.get(Server.self, server.key).metadata.isBeingDeleted)
      let conditions = try await client.get(Server.self, server.key).status?.conditions ?? []
      let allowed: JSONValue = [
        "type": "DeleteAllowed", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "Test",
        "message": "",
      ]
      let all = try conditions.map { try JSONValue(encoding: $0) } + [allowed]
      let _: Server = try await client.patch(
        Server.self, server.key, subresource: .status, ["status": ["conditions": .array(all)]])
      try await eventually("another has taken its place") {
        let servers = try await client.arenaServers()
        return servers.count == 1 && servers[0].metadata.uid != server.metadata.uid
      }
    }
  }
}
