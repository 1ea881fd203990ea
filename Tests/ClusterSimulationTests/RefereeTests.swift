import KubernetesClient
import KubernetesModel
import Testing
import UmpireModel

@testable import ClusterSimulation

extension SimulationTests {
  /// A referee that sees nothing would let every sweep pass.
  struct RefereeTests {
    private func violations(
      _ body: @escaping @Sendable (Simulation, Server) async throws -> Void
    ) async throws -> [String] {
      let rogue = Scenario(name: "rogue") { stage in
        try await stage.create(replicas: 2)
        try await stage.settle()
        let key = try #require(try await stage.play(onFirst: 1).first)
        try await body(stage, try await stage.cluster.outside.get(Server.self, key))
      }
      return try await Simulation.play(rogue).violations
    }

    private static func pod(of server: Server) -> ObjectKey {
      ObjectKey(namespace: server.metadata.namespace, name: server.podName)
    }

    @Test func seesPlayersBeingThrownOut() async throws {
      let violations = try await self.violations { stage, server in
        try await stage.cluster.outside.delete(Server.self, server.key)
        try await stage.judged.delete(Pod.self, Self.pod(of: server))
      }
      #expect(violations.count == 1 && violations[0].contains("4 players are thrown out"))
    }

    @Test func seesAPodGoThatMayStay() async throws {
      let violations = try await self.violations { stage, server in
        stage.game.end()
        try await stage.judged.delete(Pod.self, Self.pod(of: server))
      }
      #expect(violations.count == 1 && violations[0].contains("though the Server is not"))
    }

    @Test func letsGoWhatMayGo() async throws {
      let violations = try await self.violations { stage, server in
        let patch: JSONValue = ["spec": ["allowForceDelete": true]]
        let _: Server = try await stage.cluster.outside.patch(Server.self, server.key, patch)
        try await stage.cluster.outside.delete(Server.self, server.key)
        try await stage.judged.delete(Pod.self, Self.pod(of: server))
      }
      #expect(violations == [])
    }

    @Test func seesAServerLetGoBeforeItsPod() async throws {
      let violations = try await self.violations { stage, server in
        let patch: JSONValue = ["metadata": ["finalizers": .array([])]]
        let _: Server = try await stage.judged.patch(Server.self, server.key, patch)
      }
      #expect(violations.count == 1 && violations[0].contains("is let go while its Pod is there"))
    }

    @Test func seesOneServerTooMany() async throws {
      let violations = try await self.violations { stage, server in
        var metadata = ObjectMeta(name: "extra", namespace: "default", labels: server.metadata.labels)
        metadata.ownerReferences = server.metadata.ownerReferences
        _ = try await stage.judged.create(Server(metadata: metadata, spec: server.spec))
      }
      #expect(violations.count == 1 && violations[0].contains("gets Server number 3"))
    }

    @Test func seesWhatIsMissingAtTheEnd() async throws {
      let violations = try await self.violations { stage, _ in
        try await stage.expect(servers: 3)
        try await stage.expect(servers: 2, image: "game:2")
        try await stage.expectNothing()
      }
      #expect(violations.contains { $0.contains("3 Servers are wanted") })
      #expect(violations.contains { $0.contains("runs something old") })
      #expect(violations.contains { $0.contains("arena is left") || $0.contains("the GameType is left") })
    }
  }
}
