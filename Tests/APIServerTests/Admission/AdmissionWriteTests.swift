import HTTPTransport
import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// Which writes are asked about, with what, and what a refusal does.
struct AdmissionWriteTests {
  private static let maps = EmbeddedAPIServer.configMaps
  private static let widgets = EmbeddedAPIServer.widgets

  private static let refusing = StudioWebhooks.transport { _, _ in
    ["allowed": false, "status": ["code": 403, "message": "closed"]]
  }

  @Test func aRefusedCreationStoresNothing() async throws {
    let server = try await EmbeddedAPIServer.asking(Self.refusing)
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let revision = server.revision
    let answer = try await server.send(.post, Self.maps, ["metadata": ["name": "m"]])
    #expect(answer.status == 403)
    #expect(
      answer.json == [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "code": 403,
        "message": #"admission webhook "a.studio.example" denied the request: closed"#,
      ])
    #expect(server.revision == revision)
    #expect(try await server.send(.get, "\(Self.maps)/m").status == 404)
  }

  @Test func theQuestionTellsTheWholeWrite() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let created = try await server.send(
      .post, "\(Self.widgets)?fieldManager=me&fieldValidation=Strict",
      [
        "apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": "w"], "spec": ["owner": "o"],
      ])
    #expect(created.status == 201)
    var question = try #require(transport.questions.first)
    #expect(question["uid"]?.stringValue?.count == 36)
    let object = question["object"]
    #expect(object?["spec"] == created.json["spec"])
    #expect(object?["metadata"]?["uid"] == created.json["metadata"]?["uid"])
    question["uid"] = nil
    question["object"] = nil
    let kind: JSONValue = ["group": "stable.example.com", "version": "v1", "kind": "Widget"]
    let resource: JSONValue = ["group": "stable.example.com", "version": "v1", "resource": "widgets"]
    #expect(
      question == [
        "kind": kind, "requestKind": kind, "resource": resource, "requestResource": resource, "name": "w",
        "namespace": "default", "operation": "CREATE", "oldObject": nil, "dryRun": false,
        "userInfo": ["username": "system:anonymous", "groups": ["system:unauthenticated"]],
        "options": [
          "apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions", "fieldManager": "me", "fieldValidation": "Strict",
        ],
      ])
    let request = try #require(transport.requests.first)
    #expect(request.head.method == .post)
    #expect(request.head.scheme == "https")
    #expect(request.head.authority == "studio.example")
    #expect(request.head.path == "/a?timeout=10s")
    #expect(request.limits.total == .seconds(10))
    #expect(request.limits.responseBytes == 3 << 20)
  }

  /// A write, and what is asked about it: operation, resource, subresource, whether there are objects.
  @Test func everyWriteIsAskedAbout() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    let widget = try await server.createWidget("w", metadata: ["finalizers": ["studio.example/f"]])
    try await server.createPod("p")
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let path = "\(Self.widgets)/w"

    try await server.send(.put, path, widget.applying(mergePatch: ["spec": ["owner": "b"]]).withoutVersion)
    try await server.merge(path, ["spec": ["owner": "c"]])
    try await server.send(
      .patch, "\(path)?fieldManager=me&force=true",
      ["apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": "w"], "spec": ["owner": "d"]],
      type: "application/apply-patch+yaml")
    try await server.merge("\(path)/status", ["status": ["replicas": 2]])
    try await server.merge("\(path)/scale", ["spec": ["replicas": 3]])
    try await server.send(
      .post, "\(EmbeddedAPIServer.pods)/p/binding", ["metadata": ["name": "p"], "target": ["name": "node"]])
    try await server.send(.delete, path)
    // It waits for its finalizer already; nothing is left to ask.
    try await server.send(.delete, path)
    try await server.send(.get, path)

    let asked = transport.questions.map { question -> String in
      let part = question["subResource"]?.stringValue.map { "/\($0)" } ?? ""
      let kinds =
        "\(question["object"]?["kind"]?.stringValue ?? "-") \(question["oldObject"]?["kind"]?.stringValue ?? "-")"
      let resource = question["resource"]?["resource"]?.stringValue ?? ""
      return "\(question["operation"]?.stringValue ?? "") \(resource)\(part) \(kinds) "
        + "\(question["options"]?["kind"]?.stringValue ?? "")"
    }
    #expect(
      asked == [
        "UPDATE widgets Widget Widget UpdateOptions", "UPDATE widgets Widget Widget PatchOptions",
        "UPDATE widgets Widget Widget PatchOptions", "UPDATE widgets/status Widget Widget PatchOptions",
        "UPDATE widgets/scale Scale Scale PatchOptions", "CREATE pods/binding Binding - CreateOptions",
        "DELETE widgets - Widget DeleteOptions",
      ])
    let scale = transport.questions[4]
    #expect(scale["kind"] == ["group": "autoscaling", "version": "v1", "kind": "Scale"])
    #expect(scale["object"]?["spec"]?["replicas"] == 3)
    #expect(scale["oldObject"]?["spec"]?["replicas"] == 1)
    #expect(transport.questions.allSatisfy { $0["name"] == ($0["resource"]?["resource"] == "pods" ? "p" : "w") })
    #expect(transport.questions.allSatisfy { $0["namespace"] == "default" })
  }

  @Test func refusalsHoldForEveryWrite() async throws {
    let server = try await EmbeddedAPIServer.asking(Self.refusing)
    defer { server.close() }
    try await server.createWidget("w")
    try await server.createPod("p")
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let revision = server.revision
    let path = "\(Self.widgets)/w"
    let config: JSONValue = [
      "apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": "w"], "spec": ["owner": "d"],
    ]
    var statuses = [
      try await server.merge(path, ["spec": ["owner": "c"]]).status,
      try await server.merge("\(path)/status", ["status": ["replicas": 2]]).status,
      try await server.merge("\(path)/scale", ["spec": ["replicas": 3]]).status,
      try await server.send(
        .post, "\(EmbeddedAPIServer.pods)/p/binding", ["metadata": ["name": "p"], "target": ["name": "n"]]
      ).status,
      try await server.send(.delete, path).status,
      try await server.send(.delete, Self.widgets).status,
    ]
    for name in ["w", "x"] {
      let config = config.applying(mergePatch: ["metadata": ["name": .string(name)]])
      statuses.append(
        try await server.send(
          .patch, "\(Self.widgets)/\(name)?fieldManager=me&force=true", config, type: "application/apply-patch+yaml"
        ).status)
    }
    #expect(statuses == Array(repeating: 403, count: 8))
    #expect(server.revision == revision)
  }

  @Test func eachObjectOfACollectionIsAskedAbout() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    for name in ["a", "b", "c"] { try await server.createConfigMap(name) }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    #expect(try await server.send(.delete, Self.maps).status == 200)
    #expect(Set(transport.questions.compactMap { $0["name"] }) == ["a", "b", "c"])
    #expect(transport.questions.allSatisfy { $0["operation"] == "DELETE" })
  }

  @Test func configurationsThemselvesAreExempt() async throws {
    let server = try await EmbeddedAPIServer.asking(Self.refusing)
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    try await server.mutate(by: StudioWebhooks.webhook("b"))
    let path = "\(WebhookConfigurationTests.validating)/studio"
    #expect(try await server.merge(path, ["metadata": ["labels": ["a": "b"]]]).status == 200)
    #expect(try await server.send(.delete, path).status == 200)
    #expect(try await server.send(.post, Self.maps, ["metadata": ["name": "m"]]).status == 403)
    #expect(try await server.send(.delete, "\(WebhookConfigurationTests.mutating)/studio").status == 200)
    // Nobody is left to ask.
    #expect(try await server.send(.post, Self.maps, ["metadata": ["name": "m"]]).status == 201)
  }

  @Test func namespacesAreChosenByTheirLabels() async throws {
    let server = try await EmbeddedAPIServer.asking(Self.refusing)
    defer { server.close() }
    for (name, tier) in [("games", "game"), ("tools", "tool")] {
      let body: JSONValue = ["metadata": ["name": .string(name), "labels": ["tier": .string(tier)]]]
      #expect(try await server.send(.post, "/api/v1/namespaces", body).status == 201)
    }
    let byTier: JSONValue = ["namespaceSelector": ["matchLabels": ["tier": "game"]]]
    let byName: JSONValue = [
      "namespaceSelector": [
        "matchExpressions": [
          ["key": "kubernetes.io/metadata.name", "operator": "In", "values": ["default"]]
        ]
      ]
    ]
    try await server.validate(by: StudioWebhooks.webhook("a", byTier), StudioWebhooks.webhook("b", byName))
    func create(in namespace: String) async throws -> String {
      let answer = try await server.send(
        .post, "/api/v1/namespaces/\(namespace)/configmaps", ["metadata": ["name": "m"]])
      return answer.status == 201 ? "created" : answer.json["message"]?.stringValue ?? ""
    }
    #expect(try await create(in: "tools") == "created")
    #expect(try await create(in: "games").contains(#""a.studio.example""#))
    #expect(try await create(in: "default").contains(#""b.studio.example""#))
    #expect(try await create(in: "none") == #"namespaces "none" not found"#)
    // A namespace counts by the labels that it is to have; what has none at all is always meant.
    let namespace: JSONValue = ["metadata": ["name": "new", "labels": ["tier": "game"]]]
    #expect(try await server.send(.post, "/api/v1/namespaces", namespace).status == 403)
    let other: JSONValue = ["metadata": ["name": "new", "labels": ["tier": "tool"]]]
    #expect(try await server.send(.post, "/api/v1/namespaces", other).status == 201)
    #expect(try await server.send(.post, "/api/v1/nodes", ["metadata": ["name": "n"]]).status == 403)
  }

  @Test func nobodyIsAskedAboutAMissingNamespace() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let answer = try await server.send(
      .post, "/api/v1/namespaces/none/configmaps", ["metadata": ["name": "m"]])
    #expect(answer.status == 404)
    #expect(answer.json["message"] == #"namespaces "none" not found"#)
    #expect(transport.requests.isEmpty)
  }

  @Test func dryRunsAreAskedAboutAndStoreNothing() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.createConfigMap("old")
    try await server.validate(by: StudioWebhooks.webhook("a", ["sideEffects": "NoneOnDryRun"]))
    let revision = server.revision
    #expect(try await server.send(.post, "\(Self.maps)?dryRun=All", ["metadata": ["name": "m"]]).status == 201)
    #expect(try await server.send(.delete, "\(Self.maps)/old?dryRun=All").status == 200)
    #expect(server.revision == revision)
    #expect(transport.questions.map { $0["dryRun"] } == [true, true])
    #expect(transport.questions.map { $0["options"]?["dryRun"] } == [["All"], ["All"]])
  }

  /// Only what an older server has stored can ask for this.
  @Test func whatWouldHaveSideEffectsIsNotAskedAboutDryRuns() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    let configuration: JSONValue = [
      "metadata": ["name": "old"], "webhooks": [StudioWebhooks.webhook("a", ["sideEffects": "Some"])],
    ]
    let key = StoreKey(resource: BuiltInResources.validatingWebhooks, namespace: "", name: "old")
    server.context.webhooks.follow(
      StoreEvent(
        kind: .added,
        object: StoredObject(key: key, revision: 1, bytes: configuration.serialized(), labels: [:], fields: [:])))
    let dry = try await server.send(.post, "\(Self.maps)?dryRun=All", ["metadata": ["name": "m"]])
    #expect(dry.status == 400)
    #expect(dry.json["message"] == #"admission webhook "a.studio.example" does not support dry run"#)
    #expect(transport.requests.isEmpty)
    #expect(try await server.send(.post, Self.maps, ["metadata": ["name": "m"]]).status == 201)
  }

  /// The codes and reasons by which the server tells itself something else.
  @Test func refusalsAreNotMistakenForTheServersOwnFailures() async throws {
    let transport = StudioWebhooks.transport { _, question in
      let isCreation = question["operation"] == "CREATE"
      return [
        "allowed": false,
        "status": isCreation ? ["code": 409, "reason": "AlreadyExists"] : ["code": 404, "reason": "NotFound"],
      ]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.createConfigMap("m")
    try await server.validate(by: StudioWebhooks.webhook("a"))
    #expect(try await server.send(.delete, Self.maps).status == 404)
    #expect(try await server.send(.get, "\(Self.maps)/m").status == 200)
    let config: JSONValue = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "n"]]
    let applied = try await server.send(
      .patch, "\(Self.maps)/n?fieldManager=me", config, type: "application/apply-patch+yaml")
    #expect(applied.status == 409)
    #expect(transport.requests.count == 2)
  }

  @Test func tokensDoNotReachWebhooks() async throws {
    let transport = StudioWebhooks.transport { _, _ in [:] }
    let server = try await EmbeddedAPIServer.inMemory {
      $0.webhookTransport = transport
      $0.bearerTokens = ["hidden"]
    }
    defer { server.close() }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    let fields = ["Authorization": "Bearer hidden"]
    try await server.send(.post, Self.maps, ["metadata": ["name": "m"]], fields: fields)
    let request = try #require(transport.requests.first)
    #expect(transport.questions.first?["userInfo"]?["username"] == "kubernetes-admin")
    #expect(!String(decoding: request.body, as: UTF8.self).contains("hidden"))
    #expect(request.head.headerFields[.authorization] == nil)
  }

  @Test func warningsReachTheClient() async throws {
    let transport = StudioWebhooks.transport { path, question in
      guard question["object"]?["metadata"]?["name"] == "bad" else {
        return ["warnings": [path == "/b" ? "a \"second\" one" : "old fashioned"]]
      }
      return ["allowed": false, "warnings": ["think again"]]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    try await server.validate(by: StudioWebhooks.webhook("b"))
    let good = try await server.send(.post, Self.maps, ["metadata": ["name": "m"]])
    #expect(good.status == 201)
    #expect(good.warning == #"299 - "old fashioned", 299 - "a \"second\" one""#)
    let bad = try await server.send(.post, Self.maps, ["metadata": ["name": "bad"]])
    #expect(bad.status == 400)
    #expect(bad.json["message"] == #"admission webhook "a.studio.example" denied the request without explanation"#)
    #expect(bad.warning == #"299 - "think again""#)
  }

  @Test func theServersOwnDeletionsAreAskedAboutAndTriedAgain() async throws {
    let allows = Gate()
    let transport = StudioWebhooks.transport { _, question in
      // As if it were gone already.
      if question["name"] == "child", !allows.isOpen { return ["allowed": false, "status": ["code": 404]] }
      return [:]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    let owner = try await server.createConfigMap("owner")
    for name in ["child", "other"] {
      try await server.createConfigMap(
        name, metadata: ["ownerReferences": [ownerReference(to: owner.typed)]])
    }
    try await server.validate(by: StudioWebhooks.webhook("a"))
    try await withBackgroundWork(server) {
      try await server.send(.delete, "\(Self.maps)/owner")
      // One refusal does not keep the others.
      try await eventually("the other one is gone") {
        try await server.send(.get, "\(Self.maps)/other").status == 404
      }
      #expect(try await server.send(.get, "\(Self.maps)/child").status == 200)
      allows.open()
      try await eventually("the refused one is gone too") {
        try await server.send(.get, "\(Self.maps)/child").status == 404
      }
    }
    let users = transport.questions.filter { $0["name"] != "owner" }.map { $0["userInfo"]?["username"] }
    #expect(Set(users) == ["system:apiserver"])
  }
}

extension JSONValue {
  /// The object for an update that does not mind what came between.
  fileprivate var withoutVersion: JSONValue {
    self.applying(mergePatch: ["metadata": ["managedFields": nil]])
  }

  /// The ConfigMap with version and kind.
  fileprivate var typed: JSONValue { self.applying(mergePatch: ["apiVersion": "v1", "kind": "ConfigMap"]) }
}
