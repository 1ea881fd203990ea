import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Service accounts, their tokens, and what becomes of requests with them.
struct TokenTests {
  private static let accounts = "/api/v1/namespaces/default/serviceaccounts"
  private static let reviews = "/apis/authentication.k8s.io/v1/tokenreviews"

  private func review(
    _ token: String, in server: EmbeddedAPIServer, audiences: JSONValue? = nil
  ) async throws -> JSONValue {
    var spec: JSONValue = ["token": .string(token)]
    spec["audiences"] = audiences
    let answer = try await server.send(.post, Self.reviews, ["spec": spec])
    #expect(answer.status == 201, "\(answer.text)")
    return answer.json["status"] ?? nil
  }

  @Test func everyNamespaceHasADefaultAccount() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    #expect(try await server.send(.get, "\(Self.accounts)/default").status == 200)
    try await server.send(.post, "/api/v1/namespaces", ["metadata": ["name": "games"]])
    let account = try await server.send(.get, "/api/v1/namespaces/games/serviceaccounts/default")
    #expect(account.status == 200)
    let dry = try await server.send(.post, "/api/v1/namespaces?dryRun=All", ["metadata": ["name": "dry"]])
    #expect(dry.status == 201)
    #expect(try await server.send(.get, "/api/v1/namespaces/dry/serviceaccounts/default").status == 404)
  }

  @Test func aTokenEndsWithItsAccount() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let token = try await server.token(of: "lobby")
    #expect(try await self.review(token, in: server)["authenticated"] == true)
    try await server.send(.delete, "\(Self.accounts)/lobby")
    #expect(try await self.review(token, in: server)["error"] == "serviceaccounts \"lobby\" not found")
    #expect(try await server.send(.get, "/api", fields: ["Authorization": "Bearer \(token)"]).status == 401)
    // Another account of the name is another one.
    try await server.send(.post, Self.accounts, ["metadata": ["name": "lobby"]])
    let status = try await self.review(token, in: server)
    #expect(status["authenticated"] == nil)
    #expect(status["error"]?.stringValue?.contains("does not match claim") == true)
  }

  @Test(arguments: ["Pod", "Secret", "Node"])
  func aTokenEndsWithItsObject(kind: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(.post, Self.accounts, ["metadata": ["name": "lobby"]])
    let collection = kind == "Node" ? "/api/v1/nodes" : "/api/v1/namespaces/default/\(kind.lowercased())s"
    let object: JSONValue =
      kind == "Pod"
      ? [
        "metadata": ["name": "x"],
        "spec": ["serviceAccountName": "lobby", "containers": [["name": "a", "image": "b"]]],
      ] : ["metadata": ["name": "x"]]
    let created = try await server.send(.post, collection, object)
    #expect(created.status == 201, "\(created.text)")
    let bound: JSONValue = [
      "apiVersion": "v1", "kind": .string(kind), "name": "x", "uid": created.json["metadata"]?["uid"] ?? nil,
    ]
    let token = try await server.token(of: "lobby", ["boundObjectRef": bound])
    #expect(try await self.review(token, in: server)["authenticated"] == true)
    try await server.send(.delete, "\(collection)/x")
    #expect(
      try await self.review(token, in: server)["error"] == "service account token has been invalidated")
    let missing = try await server.send(.post, "\(Self.accounts)/lobby/token", ["spec": ["boundObjectRef": bound]])
    #expect(missing.status == 404)
  }

  @Test func aPodsTokenNamesItsNode() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(.post, Self.accounts, ["metadata": ["name": "lobby"]])
    let node = try await server.send(.post, "/api/v1/nodes", ["metadata": ["name": "n"]])
    try await server.send(
      .post, "/api/v1/namespaces/default/pods",
      [
        "metadata": ["name": "x"],
        "spec": ["serviceAccountName": "lobby", "nodeName": "n", "containers": [["name": "a", "image": "b"]]],
      ])
    let token = try await server.token(
      of: "lobby", ["boundObjectRef": ["apiVersion": "v1", "kind": "Pod", "name": "x"]])
    let extra = try await self.review(token, in: server)["user"]?["extra"]
    #expect(extra?["authentication.kubernetes.io/node-name"] == ["n"])
    #expect(extra?["authentication.kubernetes.io/node-uid"] == [node.json["metadata"]?["uid"] ?? nil])
    let other = try await server.send(
      .post, "\(Self.accounts)/default/token",
      ["spec": ["boundObjectRef": ["apiVersion": "v1", "kind": "Pod", "name": "x"]]])
    #expect(other.status == 400)
  }

  @Test func tokensEnd() async throws {
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { time.now } }
    defer { server.close() }
    let token = try await server.token(of: "lobby", ["expirationSeconds": 600])
    time.advance(by: .seconds(600))
    #expect(try await self.review(token, in: server)["authenticated"] == true)
    time.advance(by: .seconds(61))
    #expect(try await self.review(token, in: server)["error"] == "service account token has expired")
  }

  @Test(
    arguments: [
      (["expirationSeconds": 599], "spec.expirationSeconds: FieldValueInvalid"),
      (["expirationSeconds": 4_294_967_297], "spec.expirationSeconds: FieldValueInvalid"),
    ] as [(JSONValue, String)])
  func lifetimesAreBounded(spec: JSONValue, cause: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let answer = try await server.send(.post, "\(Self.accounts)/default/token", ["spec": spec])
    #expect(answer.status == 422)
    #expect(answer.causes == [cause])
  }

  @Test func audiencesDecide() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let token = try await server.token(of: "lobby", ["audiences": ["vault", "metrics"]])
    #expect(try await server.send(.get, "/api", fields: ["Authorization": "Bearer \(token)"]).status == 401)
    let status = try await self.review(token, in: server, audiences: ["metrics", "other"])
    #expect(status["authenticated"] == true)
    #expect(status["audiences"] == ["metrics"])
    #expect(try await self.review(token, in: server)["authenticated"] == nil)
  }

  @Test(arguments: ["Bearer x", "Bearer a.b.c", "Bearer ", "Basic eDp5", "x"])
  func aBadTokenIsNobody(field: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.bearerTokens = ["known"] }
    defer { server.close() }
    for path in ["/api", "/api/v1/pods", "/openid/v1/jwks"] {
      #expect(try await server.send(.get, path, fields: ["Authorization": field]).status == 401, "\(path)")
    }
  }

  @Test func adminTokensAreReviewedToo() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.bearerTokens = ["known"] }
    defer { server.close() }
    let status = try await self.review("known", in: server)
    #expect(status["user"]?["username"] == "kubernetes-admin")
    #expect(try await self.review("known", in: server, audiences: ["other"])["authenticated"] == nil)
    #expect(try await server.send(.post, Self.reviews, ["spec": ["token": ""]]).status == 400)
  }

  @Test func keysArePublished() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let token = try await server.token(of: "lobby")
    let fields = ["Authorization": "Bearer \(token)"]
    let keys = try await server.send(.get, "/openid/v1/jwks", fields: fields)
    #expect(keys.status == 200)
    #expect(keys.json["keys"]?.arrayValue?.first?["crv"] == "Ed25519")
    let issuer = try await server.send(.get, "/.well-known/openid-configuration", fields: fields)
    #expect(issuer.json["issuer"] == "https://kubernetes.default.svc")
  }

  @Test func tokensOutliveARestart() async throws {
    try await withFolder { folder in
      let configuration = EmbeddedAPIServer.Configuration(storage: .directory(folder))
      let first = try EmbeddedAPIServer.open(configuration)
      let token = try await first.token(of: "lobby")
      first.close()
      let second = try EmbeddedAPIServer.open(configuration)
      #expect(try await self.review(token, in: second)["authenticated"] == true)
      second.close()
    }
  }
}

extension EmbeddedAPIServer {
  /// A token of a service account of the namespace `default`, which is made if there is none.
  func token(of account: String, _ spec: JSONValue = [:]) async throws -> String {
    let accounts = "/api/v1/namespaces/default/serviceaccounts"
    try await self.send(.post, accounts, ["metadata": ["name": .string(account)]])
    let answer = try await self.send(.post, "\(accounts)/\(account)/token", ["spec": spec])
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer.json["status"]?["token"]?.stringValue)
  }
}
