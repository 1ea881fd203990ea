import HTTPTransport
import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// What service accounts may do, in process.
struct AccessTests {
  private static let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles"
  private static let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
  private static let maps = "/api/v1/namespaces/default/configmaps"
  private static let reviews = "/apis/authorization.k8s.io/v1"

  /// Gives rules to an account, and returns the fields of its requests.
  private func account(
    _ name: String, _ rules: JSONValue, in server: EmbeddedAPIServer
  ) async throws -> [String: String] {
    let token = try await server.token(of: name)
    let role = try await server.send(.post, Self.roles, ["metadata": ["name": .string(name)], "rules": rules])
    #expect(role.status == 201, "\(role.text)")
    let binding = try await server.send(
      .post, Self.bindings,
      [
        "metadata": ["name": .string(name)], "roleRef": ["kind": "Role", "name": .string(name)],
        "subjects": [["kind": "ServiceAccount", "name": .string(name), "namespace": "default"]],
      ])
    #expect(binding.status == 201, "\(binding.text)")
    return ["Authorization": "Bearer \(token)"]
  }

  private static func rule(_ verbs: [JSONValue], _ resources: [JSONValue], group: JSONValue = "") -> JSONValue {
    ["verbs": .array(verbs), "resources": .array(resources), "apiGroups": [group]]
  }

  @Test func everyVerbIsChecked() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let fields = try await self.account("a", [Self.rule(["create", "get"], ["configmaps"])], in: server)
    let made = try await server.send(.post, Self.maps, ["metadata": ["name": "m"]], fields: fields)
    #expect(made.status == 201)
    #expect(try await server.send(.get, "\(Self.maps)/m", fields: fields).status == 200)
    for (path, verb) in [(Self.maps, "list"), ("\(Self.maps)?watch=true", "watch")] {
      let answer = try await server.send(.get, path, fields: fields)
      #expect(answer.status == 403)
      #expect(answer.json["message"]?.stringValue?.contains(" cannot \(verb) resource \"configmaps\"") == true)
    }
    #expect(try await server.send(.put, "\(Self.maps)/m", made.json, fields: fields).status == 403)
    #expect(try await server.send(.delete, "\(Self.maps)/m", fields: fields).status == 403)
    #expect(try await server.send(.delete, Self.maps, fields: fields).status == 403)
    let patch = try await server.send(
      .patch, "\(Self.maps)/m", [:], type: "application/merge-patch+json", fields: fields)
    #expect(patch.status == 403)
    #expect(try await server.send(.get, "/api/v1/namespaces/kube-system/configmaps/m", fields: fields).status == 403)
    let nodes = try await server.send(.get, "/api/v1/nodes", fields: fields)
    #expect(
      nodes.json["message"]
        == "nodes is forbidden: User \"system:serviceaccount:default:a\" cannot list resource \"nodes\" in API group \"\" at the cluster scope"
    )
  }

  @Test func subresourcesAreApart() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let fields = try await self.account("a", [Self.rule(["*"], ["pods"])], in: server)
    #expect(try await server.send(.get, "/api/v1/namespaces/default/pods/x", fields: fields).status == 404)
    #expect(try await server.send(.get, "/api/v1/namespaces/default/pods/x/log", fields: fields).status == 403)
    #expect(try await server.send(.get, "/api/v1/namespaces/default/pods/x/status", fields: fields).status == 403)
  }

  @Test func applyingNeedsTheRightToCreate() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let fields = try await self.account("a", [Self.rule(["patch"], ["configmaps"])], in: server)
    let config: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "m"], "data": ["a": "b"]]
    func apply() async throws -> Int {
      try await server.send(
        .patch, "\(Self.maps)/m?fieldManager=me", config, type: "application/apply-patch+yaml", fields: fields
      ).status
    }
    #expect(try await apply() == 403)
    try await server.send(.post, Self.maps, ["metadata": ["name": "m"]])
    #expect(try await apply() == 200)
  }

  @Test func discoveryIsForEveryAccount() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let fields = ["Authorization": "Bearer \(try await server.token(of: "a"))"]
    for path in ["/api", "/apis", "/api/v1", "/apis/apps/v1", "/openapi/v3", "/openapi/v2", "/version", "/readyz"] {
      #expect(try await server.send(.get, path, fields: fields).status == 200, "\(path)")
    }
    let other = try await server.send(.get, "/metrics", fields: fields)
    #expect(other.status == 403)
    #expect(
      other.json["message"]
        == "forbidden: User \"system:serviceaccount:default:a\" cannot get path \"/metrics\"")
  }

  // MARK: Escalation

  @Test func nobodyGrantsMoreThanTheyHave() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let group: JSONValue = "rbac.authorization.k8s.io"
    let fields = try await self.account(
      "a", [Self.rule(["*"], ["roles", "rolebindings"], group: group), Self.rule(["get"], ["pods"])], in: server)
    func role(_ name: JSONValue, _ rule: JSONValue) -> JSONValue { ["metadata": ["name": name], "rules": [rule]] }
    // `*` holds escalate and bind too.
    let starred = try await server.send(.post, Self.roles, role("star", Self.rule(["*"], ["*"])), fields: fields)
    #expect(starred.status == 201)

    let limited = try await self.account(
      "b",
      [
        Self.rule(["create", "update", "patch", "get"], ["roles", "rolebindings"], group: group),
        Self.rule(["get"], ["pods"]),
      ], in: server)
    let held = try await server.send(.post, Self.roles, role("held", Self.rule(["get"], ["pods"])), fields: limited)
    #expect(held.status == 201)
    let more = try await server.send(.post, Self.roles, role("more", Self.rule(["get"], ["secrets"])), fields: limited)
    #expect(more.status == 403)
    #expect(
      more.json["message"]?.stringValue?.contains(
        "is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}"
      ) == true)
    let grown = try await server.send(
      .patch, "\(Self.roles)/held", ["rules": [Self.rule(["get"], ["secrets"])]],
      type: "application/merge-patch+json", fields: limited)
    #expect(grown.status == 403)
    // What changes no right is nobody's concern.
    let labelled = try await server.send(
      .patch, "\(Self.roles)/star", ["metadata": ["labels": ["a": "b"]]], type: "application/merge-patch+json",
      fields: limited)
    #expect(labelled.status == 200)
    func binding(_ role: JSONValue) -> JSONValue {
      ["metadata": ["name": role], "roleRef": ["kind": "Role", "name": role], "subjects": []]
    }
    #expect(try await server.send(.post, Self.bindings, binding("held"), fields: limited).status == 201)
    #expect(try await server.send(.post, Self.bindings, binding("star"), fields: limited).status == 403)
    #expect(try await server.send(.post, Self.bindings, binding("none"), fields: limited).status == 404)
  }

  @Test func bindAllowsToBind() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var bind = Self.rule(["bind"], ["clusterroles"], group: "rbac.authorization.k8s.io")
    bind["resourceNames"] = ["view"]
    let fields = try await self.account(
      "a", [Self.rule(["create"], ["rolebindings"], group: "rbac.authorization.k8s.io"), bind], in: server)
    func binding(_ role: JSONValue) -> JSONValue {
      ["metadata": ["name": role], "roleRef": ["kind": "ClusterRole", "name": role], "subjects": []]
    }
    #expect(try await server.send(.post, Self.bindings, binding("view"), fields: fields).status == 201)
    #expect(try await server.send(.post, Self.bindings, binding("edit"), fields: fields).status == 403)
  }

  // MARK: Impersonation

  @Test func peopleMayBeAnyone() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    _ = try await self.account("a", [Self.rule(["get"], ["configmaps"])], in: server)
    let fields = ["Impersonate-User": "system:serviceaccount:default:a"]
    #expect(try await server.send(.get, "\(Self.maps)/m", fields: fields).status == 404)
    #expect(try await server.send(.get, Self.maps, fields: fields).status == 403)
    let review = try await server.send(
      .post, "/apis/authentication.k8s.io/v1/selfsubjectreviews", [:], fields: fields)
    #expect(review.json["status"]?["userInfo"]?["username"] == "system:serviceaccount:default:a")
    #expect(try await server.send(.get, Self.maps, fields: ["Impersonate-User": "alice"]).status == 403)
    #expect(
      try await server.send(
        .get, Self.maps, fields: ["Impersonate-User": "alice", "Impersonate-Group": "system:masters"]
      ).status == 200)
    #expect(try await server.send(.get, Self.maps, fields: ["Impersonate-Group": "x"]).status == 400)
  }

  @Test func accountsNeedTheRightToBeOthers() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var rule = Self.rule(["impersonate"], ["serviceaccounts"])
    rule["resourceNames"] = ["b"]
    var fields = try await self.account("a", [rule], in: server)
    _ = try await self.account("b", [Self.rule(["get"], ["configmaps"])], in: server)
    #expect(try await server.send(.get, "\(Self.maps)/m", fields: fields).status == 403)
    fields["Impersonate-User"] = "system:serviceaccount:default:b"
    #expect(try await server.send(.get, "\(Self.maps)/m", fields: fields).status == 404)
    fields["Impersonate-User"] = "system:serviceaccount:default:c"
    #expect(try await server.send(.get, "\(Self.maps)/m", fields: fields).status == 403)
    fields["Impersonate-User"] = "admin"
    #expect(try await server.send(.get, "\(Self.maps)/m", fields: fields).status == 403)
  }

  // MARK: Reviews

  @Test func rulesAreListed() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let fields = try await self.account("a", [Self.rule(["get"], ["configmaps"])], in: server)
    let path = "\(Self.reviews)/selfsubjectrulesreviews"
    let answer = try await server.send(.post, path, ["spec": ["namespace": "default"]], fields: fields)
    #expect(answer.status == 201)
    let rules = answer.json["status"]?["resourceRules"]?.arrayValue ?? []
    #expect(rules.contains(["verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"]]))
    #expect(answer.json["status"]?["incomplete"] == false)
    let paths = answer.json["status"]?["nonResourceRules"]?.arrayValue ?? []
    #expect(paths.contains { $0["nonResourceURLs"]?.arrayValue?.contains("/version") == true })
    #expect(try await server.send(.post, path, ["spec": [:]], fields: fields).status == 400)
    let everything = try await server.send(.post, path, ["spec": ["namespace": "default"]])
    #expect(
      everything.json["status"]?["resourceRules"]?.arrayValue?.first == [
        "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"],
      ])
  }

  @Test(
    arguments: [
      ("subjectaccessreviews", ["user": "a"], ["spec.resourceAttributes: FieldValueInvalid"]),
      (
        "subjectaccessreviews", ["resourceAttributes": ["verb": "get"]], ["spec.user: FieldValueInvalid"]
      ),
      (
        "selfsubjectaccessreviews",
        ["resourceAttributes": ["verb": "get"], "nonResourceAttributes": ["path": "/x", "verb": "get"]],
        ["spec.nonResourceAttributes: FieldValueInvalid"]
      ),
    ] as [(String, JSONValue, [String])])
  func questionsAreChecked(resource: String, spec: JSONValue, causes: [String]) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let answer = try await server.send(.post, "\(Self.reviews)/\(resource)", ["spec": spec])
    #expect(answer.status == 422)
    #expect(answer.causes == causes)
  }

  @Test func localQuestionsStayInTheirNamespace() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    _ = try await self.account("a", [Self.rule(["get"], ["configmaps"])], in: server)
    let path = "\(Self.reviews)/namespaces/default/localsubjectaccessreviews"
    func ask(_ namespace: JSONValue) async throws -> Answer {
      let attributes: JSONValue = ["verb": "get", "resource": "configmaps", "namespace": namespace]
      return try await server.send(
        .post, path, ["spec": ["user": "system:serviceaccount:default:a", "resourceAttributes": attributes]])
    }
    let answer = try await ask("default")
    #expect(answer.json["status"]?["allowed"] == true)
    #expect(answer.json["metadata"]?["namespace"] == "default")
    #expect(try await ask("other").causes == ["spec.resourceAttributes.namespace: FieldValueInvalid"])
  }

  @Test func reviewsAreNotStored() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let before = server.revision
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    #expect(try await server.send(.post, path, [:]).status == 201)
    #expect(try await server.send(.get, path).status == 405)
    #expect(try await server.send(.get, "\(path)/x").status == 404)
    #expect(server.revision == before)
  }

  @Test func webhooksSeeTheAccount() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.inMemory { $0.webhookTransport = transport }
    defer { server.close() }
    let fields = try await self.account("a", [Self.rule(["create"], ["configmaps"])], in: server)
    try await server.validate(by: StudioWebhooks.webhook("a"))
    try await server.send(.post, Self.maps, ["metadata": ["name": "m"]], fields: fields)
    let user = transport.questions.first?["userInfo"]
    #expect(user?["username"] == "system:serviceaccount:default:a")
    #expect(user?["groups"]?.arrayValue?.contains("system:serviceaccounts:default") == true)
    #expect(user?["extra"]?["authentication.kubernetes.io/credential-id"] != nil)
    for request in transport.requests {
      #expect(!String(decoding: request.body, as: UTF8.self).contains(fields["Authorization"]!.dropFirst(7)))
    }
  }
}
