import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// The tables of built-in kinds.
struct PrinterColumnTests {
  private static let accept = ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"]

  private func table(
    _ server: EmbeddedAPIServer, _ path: String, _ body: JSONValue
  ) async throws -> (columns: [String], cells: [JSONValue]) {
    var object = body
    if object["metadata"] == nil { object["metadata"] = ["name": "x"] }
    let made = try await server.send(.post, path, object)
    #expect(made.status == 201, "\(made.text)")
    let table = try await server.send(.get, "\(path)/x", fields: Self.accept).json
    let row = table["rows"]?.arrayValue?.first?["cells"]?.arrayValue ?? []
    return (table["columnDefinitions"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? [], row)
  }

  @Test func chartsKindsLookLikeARealServers() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { Timestamp(secondsSinceEpoch: 1_767_225_600) } }
    defer { server.close() }
    let accounts = try await self.table(server, "/api/v1/namespaces/default/serviceaccounts", [:])
    #expect(accounts.columns == ["Name", "Age"])
    #expect(accounts.cells == ["x", "0s"])
    let roles = try await self.table(server, "/apis/rbac.authorization.k8s.io/v1/clusterroles", [:])
    #expect(roles.columns == ["Name", "Created At"])
    #expect(roles.cells == ["x", "2026-01-01T00:00:00Z"])
    let bindings = try await self.table(
      server, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
      [
        "roleRef": ["kind": "ClusterRole", "name": "view"],
        "subjects": [
          ["kind": "User", "name": "u"], ["kind": "Group", "name": "g"],
          ["kind": "ServiceAccount", "name": "s", "namespace": "n"],
        ],
      ])
    #expect(bindings.columns == ["Name", "Role", "Age", "Users", "Groups", "ServiceAccounts"])
    #expect(bindings.cells == ["x", "ClusterRole/view", "0s", "u", "g", "n/s"])
    let policies = try await self.table(
      server, "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
      ["spec": ["podSelector": ["matchLabels": ["a": "b"]]]])
    #expect(policies.columns == ["Name", "Pod-Selector", "Age"])
    #expect(policies.cells == ["x", "a=b", "0s"])
    let priorities = try await self.table(server, "/apis/scheduling.k8s.io/v1/priorityclasses", ["value": 7])
    #expect(priorities.columns == ["Name", "Value", "Global-Default", "Age", "PreemptionPolicy"])
    #expect(priorities.cells == ["x", 7, false, "0s", "PreemptLowerPriority"])
    let nodes = try await self.table(server, "/api/v1/nodes", [:])
    #expect(nodes.columns.prefix(5) == ["Name", "Status", "Roles", "Age", "Version"])
    #expect(nodes.cells.prefix(5) == ["x", "Unknown", "<none>", "0s", ""])
    let services = try await self.table(
      server, "/api/v1/namespaces/default/services", ["spec": ["clusterIP": "None", "ports": [["port": 80]]]])
    #expect(services.columns == ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector"])
    #expect(services.cells == ["x", "ClusterIP", "None", "<none>", "80/TCP", "0s", "<none>"])
  }
}
