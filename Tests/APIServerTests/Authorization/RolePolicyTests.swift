import KubernetesModel
import Testing

@testable import APIServer

struct RolePolicyTests {
  private let reader = RequestUser(
    username: "system:serviceaccount:games:reader",
    groups: ["system:serviceaccounts", "system:serviceaccounts:games", "system:authenticated"])

  private static func policy(_ objects: [JSONValue]) -> RolePolicy {
    var policy = RolePolicy()
    for json in objects {
      let object = APIObject(json)
      let resource = "\(object.kind.lowercased())s.rbac.authorization.k8s.io"
      policy.set(
        StoreKey(resource: resource, namespace: object.namespace ?? "", name: object.name ?? ""), object)
    }
    return policy
  }

  private static func role(_ kind: String, _ name: String, namespace: String? = nil, _ verbs: [String]) -> JSONValue {
    var json: JSONValue = [
      "kind": .string(kind), "metadata": ["name": .string(name)],
      "rules": [["apiGroups": [""], "resources": ["pods"], "verbs": .array(verbs.map(JSONValue.string))]],
    ]
    if let namespace { json["metadata"]?["namespace"] = .string(namespace) }
    return json
  }

  private static func binding(
    _ kind: String, _ name: String, namespace: String? = nil, role: String, _ subject: JSONValue
  ) -> JSONValue {
    let parts = role.split(separator: "/").map { JSONValue.string(String($0)) }
    var json: JSONValue = [
      "kind": .string(kind), "metadata": ["name": .string(name)], "roleRef": ["kind": parts[0], "name": parts[1]],
      "subjects": [subject],
    ]
    if let namespace { json["metadata"]?["namespace"] = .string(namespace) }
    return json
  }

  private static let account: JSONValue = ["kind": "ServiceAccount", "name": "reader", "namespace": "games"]

  private func decide(_ policy: RolePolicy, _ verb: String, in namespace: String) -> AccessDecision {
    policy.decide(self.reader, AccessAttributes(verb, .init(resource: "pods", namespace: namespace)))
  }

  @Test func withoutRolesNothingIsAllowed() {
    #expect(self.decide(RolePolicy(), "get", in: "games") == AccessDecision(isAllowed: false))
  }

  @Test func aRoleBindingCountsInItsNamespace() {
    let policy = Self.policy([
      Self.role("Role", "reader", namespace: "games", ["get"]),
      Self.binding("RoleBinding", "b", namespace: "games", role: "Role/reader", Self.account),
    ])
    #expect(
      self.decide(policy, "get", in: "games")
        == AccessDecision(
          isAllowed: true,
          reason: "RBAC: allowed by RoleBinding \"b/games\" of Role \"reader\" to ServiceAccount \"reader/games\""))
    #expect(!self.decide(policy, "list", in: "games").isAllowed)
    #expect(!self.decide(policy, "get", in: "other").isAllowed)
    #expect(!self.decide(policy, "get", in: "").isAllowed)
  }

  @Test func aRoleBindingLimitsAClusterRole() {
    let policy = Self.policy([
      Self.role("ClusterRole", "reader", ["get"]),
      Self.binding("RoleBinding", "b", namespace: "games", role: "ClusterRole/reader", Self.account),
    ])
    #expect(self.decide(policy, "get", in: "games").isAllowed)
    #expect(!self.decide(policy, "get", in: "other").isAllowed)
  }

  @Test(
    arguments: [
      ["kind": "Group", "name": "system:serviceaccounts:games"],
      ["kind": "User", "name": "system:serviceaccount:games:reader"],
      Self.account,
    ] as [JSONValue])
  func aClusterRoleBindingCountsEverywhere(subject: JSONValue) {
    let policy = Self.policy([
      Self.role("ClusterRole", "reader", ["get"]),
      Self.binding("ClusterRoleBinding", "b", role: "ClusterRole/reader", subject),
    ])
    for namespace in ["games", "other", ""] { #expect(self.decide(policy, "get", in: namespace).isAllowed) }
  }

  @Test func aSubjectWithoutNamespaceIsOfTheBindings() {
    let subject: JSONValue = ["kind": "ServiceAccount", "name": "reader"]
    let objects = [
      Self.role("ClusterRole", "reader", ["get"]),
      Self.binding("RoleBinding", "b", namespace: "games", role: "ClusterRole/reader", subject),
      Self.binding("RoleBinding", "b", namespace: "other", role: "ClusterRole/reader", subject),
      Self.binding("ClusterRoleBinding", "b", role: "ClusterRole/reader", subject),
    ]
    #expect(self.decide(Self.policy(objects), "get", in: "games").isAllowed)
    #expect(!self.decide(Self.policy(objects), "get", in: "other").isAllowed)
  }

  @Test func aMissingRoleIsTheReason() {
    let policy = Self.policy([
      Self.binding("RoleBinding", "b", namespace: "games", role: "Role/none", Self.account)
    ])
    #expect(
      self.decide(policy, "get", in: "games")
        == AccessDecision(isAllowed: false, reason: "RBAC: role.rbac.authorization.k8s.io \"none\" not found"))
  }

  @Test func whatIsGoneDoesNotCount() {
    var policy = Self.policy([
      Self.role("ClusterRole", "reader", ["get"]),
      Self.binding("ClusterRoleBinding", "b", role: "ClusterRole/reader", Self.account),
    ])
    policy.set(StoreKey(resource: BuiltInResources.clusterRoleBindings, namespace: "", name: "b"), nil)
    #expect(self.decide(policy, "get", in: "games") == AccessDecision(isAllowed: false))
  }

  @Test func mastersMayDoEverything() {
    let user = RequestUser(username: "x", groups: [RequestUser.mastersGroup])
    #expect(RolePolicy().decide(user, AccessAttributes("delete", path: "/x")) == AccessDecision(isAllowed: true))
    #expect(RolePolicy().rules(of: user, namespace: "").count == 2)
  }

  @Test func builtInRolesAggregate() throws {
    let roles = Dictionary(
      uniqueKeysWithValues: BuiltInRoles.clusterRoles.map { ($0.name ?? "", AccessRule.rules(of: $0)) })
    func allows(_ role: String, _ verb: String, _ resource: String, group: String = "") throws -> Bool {
      try #require(roles[role]).contains {
        $0.allows(AccessAttributes(verb, .init(group: group, resource: resource)))
      }
    }
    #expect(try allows("view", "get", "pods"))
    #expect(try !allows("view", "get", "secrets"))
    #expect(try !allows("view", "delete", "pods"))
    #expect(try allows("edit", "get", "pods"))
    #expect(try allows("edit", "delete", "deployments", group: "apps"))
    #expect(try !allows("edit", "create", "roles", group: "rbac.authorization.k8s.io"))
    #expect(try allows("admin", "create", "roles", group: "rbac.authorization.k8s.io"))
    #expect(try allows("admin", "get", "secrets"))
    #expect(try !allows("admin", "create", "nodes"))
    #expect(try allows("cluster-admin", "create", "nodes"))
  }

  @Test func aggregationTakesEachRuleOnceByName() {
    func role(_ name: String, labels: [String: JSONValue], _ verb: JSONValue) -> APIObject {
      APIObject([
        "metadata": ["name": .string(name), "labels": .object(labels)], "rules": [["verbs": [verb]]],
      ])
    }
    let roles = [
      role("c", labels: ["a": "true"], "get"), role("b", labels: ["a": "true"], "list"),
      role("d", labels: ["a": "true"], "get"), role("e", labels: ["a": "false"], "watch"),
    ]
    var gathering = role("a", labels: ["a": "true"], "delete")
    #expect(RoleAggregation.rules(of: gathering, among: roles) == nil)
    gathering.json["aggregationRule"] = ["clusterRoleSelectors": [["matchLabels": ["a": "true"]]]]
    #expect(
      RoleAggregation.rules(of: gathering, among: roles + [gathering]) == [["verbs": ["list"]], ["verbs": ["get"]]])
    #expect(RoleAggregation.rules(of: gathering, among: []) == .null)
  }
}
