import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// What the kinds of a chart need, and what they get.
struct BuiltInKindTests {
  private static let namespaced = "namespaces/default"

  /// A path, a body, and the causes of the refusal.
  private static let refusals: [(String, JSONValue, [String])] = [
    (
      "/apis/rbac.authorization.k8s.io/v1/\(Self.namespaced)/roles", ["rules": [["verbs": ["get"]]]],
      ["rules[0].apiGroups: FieldValueRequired", "rules[0].resources: FieldValueRequired"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/\(Self.namespaced)/roles",
      ["rules": [["apiGroups": [""], "resources": ["pods"]]]], ["rules[0].verbs: FieldValueRequired"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/\(Self.namespaced)/roles",
      ["rules": [["verbs": ["get"], "nonResourceURLs": ["/x"]]]], ["rules[0].nonResourceURLs: FieldValueInvalid"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/clusterroles",
      ["rules": [["verbs": ["get"], "nonResourceURLs": ["/x"], "resources": ["a"]]]],
      ["rules[0].nonResourceURLs: FieldValueInvalid"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/clusterroles", ["aggregationRule": ["clusterRoleSelectors": []]],
      ["aggregationRule.clusterRoleSelectors: FieldValueRequired"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/\(Self.namespaced)/rolebindings", ["roleRef": ["kind": "Thing", "name": ""]],
      ["roleRef.kind: FieldValueNotSupported", "roleRef.name: FieldValueRequired"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
      ["roleRef": ["kind": "Role", "name": "a"], "subjects": [["kind": "ServiceAccount", "name": "a"]]],
      ["roleRef.kind: FieldValueNotSupported", "subjects[0].namespace: FieldValueRequired"]
    ),
    (
      "/apis/rbac.authorization.k8s.io/v1/\(Self.namespaced)/rolebindings",
      ["roleRef": ["kind": "Role", "name": "a"], "subjects": [["kind": "Robot", "name": ""]]],
      ["subjects[0].name: FieldValueRequired", "subjects[0].kind: FieldValueNotSupported"]
    ),
    (
      "/apis/apps/v1/\(Self.namespaced)/deployments",
      ["spec": ["template": ["spec": ["containers": [["name": "a", "image": "b"]]]]]],
      ["spec.selector: FieldValueRequired"]
    ),
    (
      "/apis/apps/v1/\(Self.namespaced)/deployments",
      [
        "spec": [
          "replicas": -1, "selector": ["matchLabels": ["a": "b"]],
          "template": ["metadata": ["labels": ["a": "c"]], "spec": ["restartPolicy": "Never", "containers": []]],
        ]
      ],
      [
        "spec.replicas: FieldValueInvalid", "spec.template.metadata.labels: FieldValueInvalid",
        "spec.template.spec.containers: FieldValueRequired", "spec.template.spec.restartPolicy: FieldValueNotSupported",
      ]
    ),
    (
      "/apis/apps/v1/\(Self.namespaced)/deployments",
      [
        "spec": [
          "selector": ["matchLabels": ["a": "b"]], "strategy": ["type": "Recreate", "rollingUpdate": ["maxSurge": 1]],
          "template": ["metadata": ["labels": ["a": "b"]], "spec": ["containers": [["name": "a", "image": "b"]]]],
        ]
      ], ["spec.strategy.rollingUpdate: FieldValueForbidden"]
    ),
    (
      "/apis/networking.k8s.io/v1/\(Self.namespaced)/networkpolicies",
      ["spec": ["ingress": [["ports": [["port": 0], ["endPort": 1]], "from": [[:]]]], "policyTypes": ["Sideways"]]],
      [
        "spec.ingress[0].ports[0].port: FieldValueInvalid", "spec.ingress[0].ports[1].endPort: FieldValueInvalid",
        "spec.ingress[0].from[0]: FieldValueRequired", "spec.policyTypes[0]: FieldValueNotSupported",
      ]
    ),
    (
      "/apis/scheduling.k8s.io/v1/priorityclasses", ["value": 1_000_000_001, "preemptionPolicy": "x"],
      ["value: FieldValueForbidden", "preemptionPolicy: FieldValueNotSupported"]
    ),
    (
      "/api/v1/nodes", ["spec": ["taints": [["key": "a b", "effect": "x"]]]],
      [
        "metadata.taints[0].key: FieldValueInvalid", "metadata.taints[0].effect: FieldValueNotSupported",
      ]
    ),
    ("/api/v1/\(Self.namespaced)/services", ["spec": [:]], ["spec.ports: FieldValueRequired"]),
    (
      "/api/v1/\(Self.namespaced)/services", ["spec": ["type": "ExternalName", "clusterIPs": ["None"]]],
      ["spec.clusterIPs: FieldValueForbidden", "spec.externalName: FieldValueRequired"]
    ),
    (
      "/api/v1/\(Self.namespaced)/services",
      ["spec": ["ports": [["port": 1, "name": "a"], ["port": 1, "name": "a", "nodePort": 3]]]],
      [
        "spec.ports[1].name: FieldValueDuplicate", "spec.ports[1].nodePort: FieldValueForbidden",
        "spec.ports[1]: FieldValueDuplicate",
      ]
    ),
    (
      "/api/v1/\(Self.namespaced)/limitranges",
      ["spec": ["limits": [["type": "Container", "max": ["cpu": "1"], "min": ["cpu": "2"]]]]],
      [
        "spec.limits[0].defaultRequest[cpu]: FieldValueInvalid", "spec.limits[0].default[cpu]: FieldValueInvalid",
        "spec.limits[0].min[cpu]: FieldValueInvalid",
      ]
    ),
    (
      "/api/v1/\(Self.namespaced)/resourcequotas", ["spec": ["hard": ["pods": "-1"]]],
      ["spec.hard[pods]: FieldValueInvalid"]
    ),
  ]

  @Test(arguments: Self.refusals.indices) func faultyObjectsAreRejected(index: Int) async throws {
    let (path, body, causes) = Self.refusals[index]
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var object = body
    object["metadata"] = ["name": "x"]
    let answer = try await server.send(.post, path, object)
    #expect(answer.status == 422, "\(answer.text)")
    #expect(answer.causes.sorted() == causes.sorted(), "\(path) \(body)")
  }

  @Test(
    arguments: [
      (
        "/api/v1/namespaces/default/pods",
        ["spec": ["containers": [["name": "a", "image": "b", "ports": [["containerPort": 4_294_967_376]]]]]]
      ),
      ("/apis/scheduling.k8s.io/v1/priorityclasses", ["value": 2_147_483_648]),
      ("/apis/apps/v1/namespaces/default/deployments", ["spec": ["replicas": 2_147_483_648]]),
      ("/api/v1/nodes", ["status": ["capacity": ["cpu": "lots"]]]),
    ] as [(String, JSONValue)])
  func numbersThatDoNotFitCannotBeRead(path: String, body: JSONValue) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var object = body
    object["metadata"] = ["name": "x"]
    #expect(try await server.send(.post, path, object).status == 400)
  }

  @Test func rolesOfBindingsNeverChange() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings"
    let made = try await server.send(
      .post, path,
      [
        "metadata": ["name": "x"], "roleRef": ["kind": "Role", "name": "a"],
        "subjects": [["kind": "User", "name": "u"], ["kind": "ServiceAccount", "name": "s"]],
      ])
    #expect(made.json["roleRef"]?["apiGroup"] == "rbac.authorization.k8s.io")
    #expect(
      made.json["subjects"] == [
        ["kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"],
        ["kind": "ServiceAccount", "name": "s"],
      ])
    let changed = try await server.merge("\(path)/x", ["roleRef": ["name": "b"]])
    #expect(changed.causes == ["roleRef: FieldValueInvalid"])
  }

  @Test func fieldsThatNobodyKnowsAreDropped() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let path = "/api/v1/namespaces/default/serviceaccounts"
    let warned = try await server.send(.post, path, ["metadata": ["name": "a"], "tokens": []])
    #expect(warned.status == 201)
    #expect(warned.json["tokens"] == nil)
    #expect(warned.warning == "299 - \"unknown field \\\"tokens\\\"\"")
    let strict = try await server.send(
      .post, "\(path)?fieldValidation=Strict", ["metadata": ["name": "b"], "tokens": []])
    #expect(strict.status == 400)
  }

  @Test func headlessServicesHaveNoAddress() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let path = "/api/v1/namespaces/default/services"
    let made = try await server.send(
      .post, path, ["metadata": ["name": "a"], "spec": ["clusterIP": "None", "selector": ["a": "b"]]])
    let spec = made.json["spec"]
    #expect(spec?["clusterIPs"] == ["None"])
    #expect(spec?["ipFamilies"] == ["IPv4"])
    #expect(spec?["ipFamilyPolicy"] == "SingleStack")
    #expect(spec?["internalTrafficPolicy"] == "Cluster")
  }

  @Test func limitsFollowFromEachOther() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let made = try await server.send(
      .post, "/api/v1/namespaces/default/limitranges",
      [
        "metadata": ["name": "a"],
        "spec": ["limits": [["type": "Container", "max": ["cpu": "2000m"], "min": ["memory": "1024Ki"]]]],
      ])
    #expect(
      made.json["spec"]?["limits"] == [
        [
          "type": "Container", "max": ["cpu": "2"], "min": ["memory": "1Mi"], "default": ["cpu": "2"],
          "defaultRequest": ["cpu": "2", "memory": "1Mi"],
        ]
      ])
  }

  @Test func selectorsOfDeploymentsNeverChange() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let path = "/apis/apps/v1/namespaces/default/deployments"
    try await server.send(
      .post, path,
      [
        "metadata": ["name": "a"],
        "spec": [
          "selector": ["matchLabels": ["a": "b"]],
          "template": ["metadata": ["labels": ["a": "b"]], "spec": ["containers": [["name": "a", "image": "b"]]]],
        ],
      ])
    let annotated = try await server.merge("\(path)/a", ["metadata": ["annotations": ["x": "y"]]])
    #expect(annotated.json["metadata"]?["generation"] == 2)
    let changed = try await server.merge("\(path)/a", ["spec": ["selector": ["matchLabels": ["a": "c"]]]])
    #expect(changed.causes.contains("spec.selector: FieldValueInvalid"))
    let status = try await server.merge("\(path)/a/status", ["status": ["replicas": 3]])
    #expect(status.json["metadata"]?["generation"] == 2)
    let scale = try await server.send(.get, "\(path)/a/scale")
    #expect(scale.json["status"] == ["replicas": 3, "selector": "a=b"])
  }

  @Test func servicesAcceptWhatTheyStored() async throws {
    // Reading and writing back what any kind stores changes nothing.
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let clusterRoles = try await server.send(.get, "/apis/rbac.authorization.k8s.io/v1/clusterroles")
    let names = (clusterRoles.json["items"]?.arrayValue ?? []).compactMap { $0["metadata"]?["name"]?.stringValue }
    #expect(names.contains("cluster-admin"))
    for name in names {
      let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/\(name)"
      let role = try await server.send(.get, path)
      let same = try await server.send(.put, path, role.json)
      #expect(same.status == 200, "\(name)")
      #expect(same.json == role.json, "\(name)")
    }
  }

  @Test func seedsAreAccepted() throws {
    let snapshot = ResourceRegistry().snapshot
    let seed = BuiltInObjects.seed(snapshot, now: Timestamp(secondsSinceEpoch: 0))
    let expected =
      2 * BuiltInObjects.namespaces.count + PriorityClassRules.system.count + BuiltInRoles.clusterRoles.count
      + BuiltInRoles.clusterRoleBindings.count
    #expect(seed.count == expected)
  }
}
