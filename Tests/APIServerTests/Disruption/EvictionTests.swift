import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

@Suite struct EvictionTests {
  private static let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"

  private func pod(_ server: EmbeddedAPIServer, _ name: String, labels: JSONValue = ["app": "game"]) async throws {
    try await server.createPod(name, node: "local")
    let path = "\(EmbeddedAPIServer.pods)/\(name)"
    _ = try await server.merge(path, ["metadata": ["labels": labels]])
    let status: JSONValue = ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]
    _ = try await server.merge("\(path)/status", ["status": status])
  }

  private func evict(_ server: EmbeddedAPIServer, _ name: String) async throws -> Answer {
    let eviction: JSONValue = [
      "apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": .string(name)],
      "deleteOptions": ["gracePeriodSeconds": 0],
    ]
    return try await server.send(.post, "\(EmbeddedAPIServer.pods)/\(name)/eviction", eviction)
  }

  private func budget(_ name: String, _ bounds: JSONValue) -> JSONValue {
    var spec = bounds
    spec["selector"] = ["matchLabels": ["app": "game"]]
    return [
      "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": ["name": .string(name)], "spec": spec,
    ]
  }

  @Test func aBudgetHoldsPods() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for name in ["a", "b"] { try await self.pod(server, name) }
    try await self.pod(server, "other", labels: ["app": "other"])
    #expect(try await server.send(.post, Self.budgets, self.budget("all", ["minAvailable": 2])).status == 201)
    let refused = try await self.evict(server, "a")
    #expect(refused.status == 429)
    #expect(refused.json["message"] == "Cannot evict pod as it would violate the pod's disruption budget.")
    #expect(refused.json["details"]?["causes"]?[0]?["reason"] == "DisruptionBudget")
    #expect(
      refused.json["details"]?["causes"]?[0]?["message"]
        == "The disruption budget all needs 2 healthy pods and has 2 currently")
    #expect(try await self.evict(server, "other").status == 201)
    _ = try await server.merge("\(Self.budgets)/all", ["spec": ["minAvailable": 1]])
    #expect(try await self.evict(server, "a").status == 201)
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.pods)/a").status == 404)
    #expect(try await self.evict(server, "b").status == 429)
    #expect(try await self.evict(server, "a").status == 404)
  }

  @Test func aPodThatServesNobodyIsEvicted() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await self.pod(server, "a")
    _ = try await server.send(.post, Self.budgets, self.budget("all", ["minAvailable": 100]))
    #expect(try await self.evict(server, "a").status == 429)
    _ = try await server.merge("\(EmbeddedAPIServer.pods)/a/status", ["status": ["phase": "Succeeded"]])
    #expect(try await self.evict(server, "a").status == 201)
  }

  @Test func twoBudgetsOverOnePodAreAFault() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await self.pod(server, "a")
    for name in ["one", "two"] {
      _ = try await server.send(.post, Self.budgets, self.budget(name, ["minAvailable": 0]))
    }
    #expect(try await self.evict(server, "a").status == 500)
  }

  @Test func faultyBudgetsAreRefused() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let faulty: [JSONValue] = [
      ["minAvailable": 1, "maxUnavailable": 1], ["minAvailable": -1], ["minAvailable": "half"],
      ["maxUnavailable": "101%"],
    ]
    for bounds in faulty {
      #expect(try await server.send(.post, Self.budgets, self.budget("all", bounds)).status == 422, "\(bounds)")
    }
  }

  private struct Case: Sendable {
    var bounds: JSONValue
    var pods: Int
    var healthy: Int
    var mayGo: Bool
  }

  private static let cases = [
    Case(bounds: ["minAvailable": 1], pods: 2, healthy: 2, mayGo: true),
    Case(bounds: ["minAvailable": 2], pods: 2, healthy: 2, mayGo: false),
    Case(bounds: ["minAvailable": "50%"], pods: 3, healthy: 3, mayGo: true),
    Case(bounds: ["minAvailable": "50%"], pods: 3, healthy: 2, mayGo: false),
    Case(bounds: ["maxUnavailable": 1], pods: 3, healthy: 3, mayGo: true),
    Case(bounds: ["maxUnavailable": 1], pods: 3, healthy: 2, mayGo: false),
    Case(bounds: ["maxUnavailable": "0%"], pods: 3, healthy: 3, mayGo: false),
    Case(bounds: [:], pods: 1, healthy: 1, mayGo: true),
  ]

  @Test func budgetsAsValues() {
    for example in Self.cases {
      let pods = (0..<example.pods).map { index in
        APIObject([
          "metadata": ["name": .string("p\(index)")],
          "status": [
            "phase": "Running",
            "conditions": [["type": "Ready", "status": index < example.healthy ? "True" : "False"]],
          ],
        ])
      }
      let budget = DisruptionBudget(APIObject(self.budget("all", example.bounds)))
      #expect((budget.verdict(evicting: pods[0], among: pods) == .allowed) == example.mayGo, "\(example)")
    }
  }
}
