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

    @Test func seesOneVictimTooMany() async throws {
      let violations = try await self.violations { stage, server in
        try await stage.judged.delete(Server.self, server.key)
      }
      #expect(violations.count == 1 && violations[0].contains("never wanted fewer than 2"))
    }

    @Test func seesPlayersBeingAskedToGoWhereTheFleetDrains() async throws {
      let violations = try await self.violations { stage, server in
        let fleet = ObjectKey(namespace: "default", name: try #require(server.metadata.controller?.name))
        let patch: JSONValue = ["spec": ["scaling": ["scaleDown": "Drain", "replicas": 1]]]
        let _: Fleet = try await stage.cluster.outside.patch(Fleet.self, fleet, patch)
        try await stage.judged.delete(Server.self, server.key)
      }
      #expect(violations.count == 1 && violations[0].contains("with 4 players, though its Fleet drains"))
    }

    @Test func seesOwnersLetGoBeforeTheirChildren() async throws {
      let violations = try await self.violations { stage, server in
        let fleet = ObjectKey(namespace: "default", name: try #require(server.metadata.controller?.name))
        let patch: JSONValue = ["metadata": ["finalizers": .array([])]]
        let _: Fleet = try await stage.judged.patch(Fleet.self, fleet, patch)
        let _: GameType = try await stage.judged.patch(GameType.self, Simulation.key, patch)
      }
      #expect(violations.count == 2 && violations[0].contains("while 2 Servers are there"))
      #expect(violations.last?.contains("while 1 Fleets are there") ?? false)
    }

    @Test func seesScalingThatNobodyAskedFor() async throws {
      let violations = try await self.violations { stage, _ in
        try await stage.judged.scale(GameType.self, Simulation.key, replicas: 7)
        stage.webhooks.ask(for: 2)
        try await stage.createAutoscaler()
        try await stage.judged.scale(GameType.self, Simulation.key, replicas: 0)
      }
      #expect(violations.count == 2 && violations[0].contains("by no autoscaler"))
      #expect(violations.last?.contains("no webhook says so now") ?? false)
    }

    @Test func seesStatusesThatAreNotTrue() async throws {
      let violations = try await self.violations { stage, server in
        let fleet = ObjectKey(namespace: "default", name: try #require(server.metadata.controller?.name))
        let patch: JSONValue = ["status": ["readyReplicas": 1]]
        let _: Fleet = try await stage.cluster.outside.patch(Fleet.self, fleet, subresource: .status, patch)
        let _: GameType = try await stage.cluster.outside.patch(
          GameType.self, Simulation.key, subresource: .status, patch)
        try await stage.expectTrueStatuses()
      }
      #expect(violations.count == 2, "\(violations)")
      #expect(violations.allSatisfy { $0.contains("eadyReplicas: the status says 1, and it is 2") })
    }

    @Test func seesWhatIsToldAgainAndAgain() async throws {
      let violations = try await self.violations { stage, server in
        for number in 0..<5 {
          var event = Event(
            metadata: ObjectMeta(name: "event-\(number)", namespace: "default"), involvedObject: server.reference)
          event.reason = "Ready"
          event.message = "players may join"
          _ = try await stage.cluster.outside.create(event)
        }
        try await stage.expectNoRepetition()
      }
      // Looked at twice: here, and at the end.
      #expect(violations.count == 2 && violations.allSatisfy { $0.contains("told 5 times") }, "\(violations)")
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
