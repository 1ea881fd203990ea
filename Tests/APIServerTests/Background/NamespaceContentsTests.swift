import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// What a cluster keeps up by itself in namespaces and roles.
struct NamespaceContentsTests {
  private func withRunningServer(
    _ change: (inout EmbeddedAPIServer.Configuration) -> Void = { _ in },
    _ body: (EmbeddedAPIServer) async throws -> Void
  ) async throws {
    let server = try await EmbeddedAPIServer.inMemory(change)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      do {
        try await body(server)
      } catch {
        server.close()
        throw error
      }
      server.close()
      try await group.waitForAll()
    }
  }

  private func wait(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(10))
    while try await !condition() {
      try #require(ContinuousClock.now < deadline, what)
      await Task.yield()
    }
  }

  @Test func certificatesAreEverywhere() async throws {
    try await self.withRunningServer({ $0.rootCertificates = "PEM" }) { server in
      try await server.send(.post, "/api/v1/namespaces", ["metadata": ["name": "games"]])
      for namespace in ["default", "games"] {
        let path = "/api/v1/namespaces/\(namespace)/configmaps/kube-root-ca.crt"
        try await self.wait("no certificate") { try await server.send(.get, path).status == 200 }
        #expect(try await server.send(.get, path).json["data"] == ["ca.crt": "PEM"])
        // What somebody changes or deletes comes back.
        try await server.merge(path, ["data": ["ca.crt": "other"]])
        try await self.wait("the change stays") { try await server.send(.get, path).json["data"]?["ca.crt"] == "PEM" }
        try await server.send(.delete, path)
        try await self.wait("it stays away") { try await server.send(.get, path).status == 200 }
      }
    }
  }

  @Test func theDefaultAccountComesBack() async throws {
    try await self.withRunningServer { server in
      let path = "/api/v1/namespaces/default/serviceaccounts/default"
      let first = try await server.send(.get, path).json["metadata"]?["uid"]
      try await server.send(.delete, path)
      try await self.wait("it stays away") { try await server.send(.get, path).status == 200 }
      #expect(try await server.send(.get, path).json["metadata"]?["uid"] != first)
    }
  }

  @Test func namespacesStillEnd() async throws {
    try await self.withRunningServer { server in
      try await server.send(.post, "/api/v1/namespaces", ["metadata": ["name": "games"]])
      try await server.send(.delete, "/api/v1/namespaces/games")
      try await self.wait("the namespace stays") {
        try await server.send(.get, "/api/v1/namespaces/games").status == 404
      }
      #expect(
        try await server.send(.get, "/api/v1/namespaces/games/serviceaccounts").json["items"]?.arrayValue?.isEmpty
          == true
      )
    }
  }

  @Test func rolesAreGathered() async throws {
    try await self.withRunningServer { server in
      let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
      let rule: JSONValue = ["apiGroups": ["umpire.dev"], "resources": ["*"], "verbs": ["get"]]
      try await server.send(
        .post, path,
        [
          "metadata": ["name": "umpire-view", "labels": ["rbac.authorization.k8s.io/aggregate-to-view": "true"]],
          "rules": [rule],
        ])
      // What view has, edit and admin have too.
      for name in ["view", "edit", "admin"] {
        try await self.wait("\(name) has not got the rule") {
          try await server.send(.get, "\(path)/\(name)").json["rules"]?.arrayValue?.contains(rule) == true
        }
      }
      try await server.send(.delete, "\(path)/umpire-view")
      try await self.wait("admin keeps the rule") {
        try await server.send(.get, "\(path)/admin").json["rules"]?.arrayValue?.contains(rule) == false
      }
    }
  }
}
