import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct WebhookConfigurationTests {
  static let validating = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
  static let mutating = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"

  /// The least that a configuration may hold.
  private static let webhook: JSONValue = [
    "name": "checks.studio.example", "sideEffects": "None", "admissionReviewVersions": ["v1"],
    "clientConfig": ["service": ["namespace": "studio", "name": "checks"]],
    "rules": [["operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]]],
  ]

  private static func body(_ webhooks: JSONValue...) -> JSONValue {
    ["metadata": ["name": "studio"], "webhooks": .array(webhooks)]
  }

  @Test func defaultsAreFilledIn() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let validating = try await server.send(.post, Self.validating, Self.body(Self.webhook))
    #expect(validating.status == 201)
    #expect(validating.json["kind"] == "ValidatingWebhookConfiguration")
    #expect(
      validating.json["webhooks"] == [
        [
          "name": "checks.studio.example", "sideEffects": "None", "admissionReviewVersions": ["v1"],
          "clientConfig": ["service": ["namespace": "studio", "name": "checks", "port": 443]],
          "rules": [
            [
              "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"],
              "scope": "*",
            ]
          ],
          "failurePolicy": "Fail", "matchPolicy": "Equivalent", "timeoutSeconds": 10, "namespaceSelector": [:],
          "objectSelector": [:],
        ]
      ])
    let mutating = try await server.send(.post, Self.mutating, Self.body(Self.webhook))
    #expect(mutating.json["webhooks"]?.arrayValue?.first?["reinvocationPolicy"] == "Never")
    #expect(mutating.json["metadata"]?["generation"] == 1)
  }

  @Test func changesOfTheWebhooksCountGenerations() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(.post, Self.validating, Self.body(Self.webhook))
    let path = "\(Self.validating)/studio"
    let labelled = try await server.merge(path, ["metadata": ["labels": ["a": "b"]]])
    #expect(labelled.json["metadata"]?["generation"] == 1)
    // By strategic merge, as kubectl writes it, a webhook is known by its name.
    let patch: JSONValue = ["webhooks": [["name": "checks.studio.example", "timeoutSeconds": 3]]]
    let changed = try await server.send(.patch, path, patch, type: "application/strategic-merge-patch+json")
    #expect(changed.json["metadata"]?["generation"] == 2)
    let webhook = changed.json["webhooks"]?.arrayValue?.first
    #expect(webhook?["timeoutSeconds"] == 3)
    #expect(webhook?["sideEffects"] == "None")
  }

  @Test(
    arguments: [
      (["name": "checks"], "webhooks[0].name: FieldValueInvalid"),
      (["name": nil], "webhooks[0].name: FieldValueRequired"),
      (["sideEffects": nil], "webhooks[0].sideEffects: FieldValueRequired"),
      (["sideEffects": "Some"], "webhooks[0].sideEffects: FieldValueNotSupported"),
      (["failurePolicy": "Maybe"], "webhooks[0].failurePolicy: FieldValueNotSupported"),
      (["matchPolicy": "Maybe"], "webhooks[0].matchPolicy: FieldValueNotSupported"),
      (["reinvocationPolicy": "Maybe"], "webhooks[0].reinvocationPolicy: FieldValueNotSupported"),
      (["timeoutSeconds": 0], "webhooks[0].timeoutSeconds: FieldValueInvalid"),
      (["timeoutSeconds": 31], "webhooks[0].timeoutSeconds: FieldValueInvalid"),
      (["admissionReviewVersions": []], "webhooks[0].admissionReviewVersions: FieldValueRequired"),
      (["admissionReviewVersions": ["v1beta1"]], "webhooks[0].admissionReviewVersions: FieldValueInvalid"),
      (["matchConditions": [["name": "a"]]], "webhooks[0].matchConditions[0].expression: FieldValueRequired"),
      (
        ["matchConditions": [["name": "a", "expression": " "]]],
        "webhooks[0].matchConditions[0].expression: FieldValueRequired"
      ),
      (["matchConditions": [["expression": "true"]]], "webhooks[0].matchConditions[0].name: FieldValueRequired"),
      (
        ["matchConditions": [["name": "a b", "expression": "true"]]],
        "webhooks[0].matchConditions[0].name: FieldValueInvalid"
      ),
      (
        ["matchConditions": [["name": "a", "expression": "true"], ["name": "b", "expression": "1"]]],
        "webhooks[0].matchConditions[1].expression: FieldValueInvalid"
      ),
      (
        ["matchConditions": .array((0..<65).map { ["name": .string("c\($0)"), "expression": "true"] })],
        "webhooks[0].matchConditions: FieldValueTooMany"
      ),
      (["clientConfig": ["service": nil]], "webhooks[0].clientConfig: FieldValueRequired"),
      (["clientConfig": ["url": "https://a.example/"]], "webhooks[0].clientConfig: FieldValueRequired"),
      (["clientConfig": ["service": ["name": nil]]], "webhooks[0].clientConfig.service.name: FieldValueRequired"),
      (["clientConfig": ["service": ["port": 65536]]], "webhooks[0].clientConfig.service.port: FieldValueInvalid"),
      (["clientConfig": ["service": ["path": "a"]]], "webhooks[0].clientConfig.service.path: FieldValueInvalid"),
      (["clientConfig": ["service": ["path": "/a//b"]]], "webhooks[0].clientConfig.service.path: FieldValueInvalid"),
      (["clientConfig": ["caBundle": "%"]], "webhooks[0].clientConfig.caBundle: FieldValueInvalid"),
      (
        ["clientConfig": ["service": nil, "url": "http://a.example/"]],
        "webhooks[0].clientConfig.url: FieldValueInvalid"
      ),
      (
        ["clientConfig": ["service": nil, "url": "https://a.example/?b"]],
        "webhooks[0].clientConfig.url: FieldValueInvalid"
      ),
      (["clientConfig": ["service": nil, "url": "https:///b"]], "webhooks[0].clientConfig.url: FieldValueInvalid"),
      (
        ["objectSelector": ["matchLabels": ["-a": "b"]]], "webhooks[0].objectSelector.matchLabels: FieldValueInvalid"
      ),
      (
        ["namespaceSelector": ["matchExpressions": [["key": "a", "operator": "In"]]]],
        "webhooks[0].namespaceSelector.matchExpressions[0].values: FieldValueRequired"
      ),
      (
        ["namespaceSelector": ["matchExpressions": [["key": "a", "operator": "Gt"]]]],
        "webhooks[0].namespaceSelector.matchExpressions[0].operator: FieldValueInvalid"
      ),
    ] as [(JSONValue, String)])
  func faultsAreTold(change: JSONValue, cause: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let answer = try await server.send(.post, Self.mutating, Self.body(Self.webhook.applying(mergePatch: change)))
    #expect(answer.status == 422)
    #expect(answer.causes == [cause])
  }

  @Test(
    arguments: [
      (["operations": []], "operations: FieldValueRequired"),
      (["operations": ["*", "CREATE"]], "operations: FieldValueInvalid"),
      (["operations": ["PATCH"]], "operations[0]: FieldValueNotSupported"),
      (["apiGroups": []], "apiGroups: FieldValueRequired"),
      (["apiVersions": [""]], "apiVersions[0]: FieldValueRequired"),
      (["resources": []], "resources: FieldValueRequired"),
      (["resources": ["*/*", "pods"]], "resources: FieldValueInvalid"),
      (["resources": ["*", "pods"]], "resources: FieldValueInvalid"),
      (["scope": "World"], "scope: FieldValueNotSupported"),
    ] as [(JSONValue, String)])
  func faultsOfRulesAreTold(change: JSONValue, cause: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var webhook = Self.webhook
    let rule = webhook["rules"]?.arrayValue?.first?.applying(mergePatch: change)
    webhook["rules"] = .array([rule ?? .null])
    let answer = try await server.send(.post, Self.validating, Self.body(webhook))
    #expect(answer.status == 422)
    #expect(answer.causes == ["webhooks[0].rules[0].\(cause)"])
  }

  @Test func namesAreUniqueAndNumbersBounded() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let twice = try await server.send(.post, Self.validating, Self.body(Self.webhook, Self.webhook))
    #expect(twice.causes == ["webhooks[1].name: FieldValueDuplicate"])
    let many: JSONValue = [
      "metadata": ["name": "many"],
      "webhooks": .array((0...WebhookConfigurationRules.maximumWebhooks).map { _ in Self.webhook }),
    ]
    #expect(try await server.send(.post, Self.validating, many).causes == ["webhooks: FieldValueTooMany"])
  }

  @Test func passwordsDoNotComeBack() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let change: JSONValue = ["clientConfig": ["service": nil, "url": "https://user:hidden@a.example/"]]
    let answer = try await server.send(.post, Self.validating, Self.body(Self.webhook.applying(mergePatch: change)))
    #expect(answer.causes == ["webhooks[0].clientConfig.url: FieldValueInvalid"])
    #expect(!answer.text.contains("hidden"))
  }

  @Test func unknownFieldsAreTold() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let body = Self.body(Self.webhook.applying(mergePatch: ["timeout": 3]))
    let answer = try await server.send(.post, "\(Self.validating)?fieldValidation=Strict", body)
    #expect(answer.status == 400)
    #expect(answer.text.contains(#"unknown field \"webhooks[0].timeout\""#))
  }

  @Test func tablesCountTheWebhooks() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(
      .post, Self.validating, Self.body(Self.webhook, Self.webhook.applying(mergePatch: ["name": "b.studio.example"])))
    let table = try await server.send(
      .get, Self.validating, fields: ["Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"])
    #expect(table.json["columnDefinitions"]?.arrayValue?.compactMap { $0["name"] } == ["Name", "Webhooks", "Age"])
    #expect(table.json["rows"]?.arrayValue?.first?["cells"]?.arrayValue?.prefix(2) == ["studio", 2])
  }
}
