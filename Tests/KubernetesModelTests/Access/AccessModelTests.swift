import KubernetesModel
import Testing

/// The typed models of access, in the forms in which servers send them.
struct AccessModelTests {
  private static func read<Value: Decodable>(_ json: JSONValue, as type: Value.Type) throws -> Value {
    try JSONText(parsing: json.serialized()).decoded(as: type)
  }

  @Test func bindingsAreRead() throws {
    let binding = try Self.read(
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": "b", "namespace": "games"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"],
        "subjects": [["kind": "ServiceAccount", "name": "lobby", "namespace": "games"]],
      ], as: RoleBinding.self)
    var expected = RoleBinding(
      metadata: ObjectMeta(name: "b", namespace: "games"), roleRef: RoleReference(kind: "ClusterRole", name: "view"),
      subjects: [RoleSubject(serviceAccount: "lobby", namespace: "games")])
    #expect(binding == expected)
    expected.subjects = [RoleSubject(kind: "Group", name: "g")]
    #expect(expected.subjects?.first?.apiGroup == "rbac.authorization.k8s.io")
  }

  @Test func rolesWithoutRulesAreRead() throws {
    let json: JSONValue = ["kind": "ClusterRole", "metadata": ["name": "r"], "rules": nil]
    #expect(try Self.read(json, as: ClusterRole.self).rules == nil)
    let rule = PolicyRule(verbs: ["get"], apiGroups: [""], resources: ["pods"])
    let role: JSONValue = [
      "metadata": ["name": "r"], "rules": [["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]],
    ]
    #expect(try Self.read(role, as: Role.self).rules == [rule])
  }

  @Test func tokensAreRead() throws {
    let request = try Self.read(
      [
        "metadata": ["name": "lobby"],
        "spec": ["audiences": ["a"], "expirationSeconds": 3600, "boundObjectRef": nil],
        "status": ["token": "t", "expirationTimestamp": "2026-01-01T00:00:00Z"],
      ], as: TokenRequest.self)
    #expect(request.spec == TokenRequest.Spec(audiences: ["a"], expirationSeconds: 3600))
    #expect(
      request.status
        == TokenRequest.Status(token: "t", expirationTimestamp: Timestamp(secondsSinceEpoch: 1_767_225_600)))
  }

  @Test func answersOfReviewsAreRead() throws {
    let token = try Self.read(
      [
        "metadata": [:], "spec": ["token": "t"],
        "status": ["user": ["username": "u", "extra": ["a": ["b"]]], "authenticated": true, "audiences": ["x"]],
      ], as: TokenReview.self)
    #expect(token.status?.user == UserInfo(username: "u", extra: ["a": ["b"]]))
    let refused = try Self.read(
      ["metadata": [:], "spec": [:], "status": ["user": [:], "error": "no"]], as: TokenReview.self)
    #expect(refused.status?.authenticated == nil)
    let access = try Self.read(
      ["metadata": [:], "spec": ["user": "u"], "status": ["allowed": false]], as: SubjectAccessReview.self)
    #expect(access.status?.allowed == false)
  }
}
