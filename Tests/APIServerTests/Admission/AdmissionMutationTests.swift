import HTTPTransport
import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

/// What mutating webhooks make of objects.
struct AdmissionMutationTests {
  private static let maps = EmbeddedAPIServer.configMaps
  private static let widgets = EmbeddedAPIServer.widgets

  private static func add(_ path: String, _ value: JSONValue) -> JSONValue {
    ["op": "add", "path": .string(path), "value": value]
  }

  private func owners(_ object: JSONValue) -> [String: String] {
    var owners: [String: String] = [:]
    for entry in object["metadata"]?["managedFields"]?.arrayValue ?? [] {
      let name = "\(entry["operation"]?.stringValue ?? "") \(entry["manager"]?.stringValue ?? "")"
      owners[name] = String(decoding: (entry["fieldsV1"] ?? .null).serialized(), as: UTF8.self)
    }
    return owners
  }

  private func widget(_ name: String = "w", spec: JSONValue = ["owner": "o"]) -> JSONValue {
    ["apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": .string(name)], "spec": spec]
  }

  @Test func webhooksAreAskedInOrderAndSeeEachOthersChanges() async throws {
    let transport = StudioWebhooks.transport { path, question in
      let seen = question["object"]?["data"]?["seen"]?.stringValue ?? ""
      return StudioWebhooks.patch(Self.add("/data", ["seen": .string(seen + path)]))
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("c"), named: "z")
    try await server.mutate(by: StudioWebhooks.webhook("b"), StudioWebhooks.webhook("a"), named: "y")
    let answer = try await server.send(.post, Self.maps, ["metadata": ["name": "m"]])
    #expect(answer.json["data"] == ["seen": "/b/a/c"])
    #expect(try await server.send(.get, "\(Self.maps)/m").json["data"] == ["seen": "/b/a/c"])
  }

  @Test func aWebhookMayBeAskedAgain() async throws {
    let transport = StudioWebhooks.transport { path, question in
      let seen = question["object"]?["data"]?["seen"]?.stringValue ?? ""
      return path == "/a" && !seen.isEmpty
        ? [:] : StudioWebhooks.patch(Self.add("/data", ["seen": .string(seen + path)]))
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(
      by: StudioWebhooks.webhook("a", ["reinvocationPolicy": "IfNeeded"]), StudioWebhooks.webhook("b"))
    try await server.send(.post, Self.maps, ["metadata": ["name": "m"]])
    #expect(transport.requests.map { $0.head.path?.prefix(2) } == ["/a", "/b", "/a"])
  }

  @Test func validatingWebhooksSeeWhatIsStored() async throws {
    let transport = StudioWebhooks.transport { path, _ in
      path == "/a" ? StudioWebhooks.patch(Self.add("/spec/replicas", 5)) : [:]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    try await server.validate(by: StudioWebhooks.webhook("b"))
    let answer = try await server.send(.post, Self.widgets, self.widget())
    #expect(answer.json["spec"]?["replicas"] == 5)
    #expect(transport.questions.map { $0["object"]?["spec"]?["replicas"] } == [1, 5])
    var validated = try #require(transport.questions.last?["object"])
    var stored = answer.json
    for field in ["resourceVersion", "managedFields"] {
      validated["metadata"]?[field] = nil
      stored["metadata"]?[field] = nil
    }
    #expect(validated == stored)
  }

  @Test func theSchemaHoldsForWhatWebhooksMake() async throws {
    let transport = StudioWebhooks.transport { path, _ in
      StudioWebhooks.patch(path == "/owner" ? Self.add("/spec/owner", "studio") : Self.add("/spec/replicas", 500))
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("owner"))
    // What the client left out may be filled in.
    let filled = try await server.send(.post, Self.widgets, self.widget(spec: [:]))
    #expect(filled.status == 201)
    #expect(filled.json["spec"]?["owner"] == "studio")
    try await server.mutate(by: StudioWebhooks.webhook("replicas"), named: "too")
    let invalid = try await server.send(.post, Self.widgets, self.widget("v"))
    #expect(invalid.status == 422)
    #expect(invalid.causes == ["spec.replicas: FieldValueInvalid"])
    let update = try await server.merge("\(Self.widgets)/w", ["spec": ["mode": "b"]])
    #expect(update.causes == ["spec.replicas: FieldValueInvalid"])
  }

  @Test func unknownFieldsAndWhatTheServerOwnsAreLeftOut() async throws {
    let transport = StudioWebhooks.transport { _, _ in
      StudioWebhooks.patch(
        Self.add("/spec/nonsense", 1), Self.add("/metadata/uid", "mine"), Self.add("/metadata/resourceVersion", "7"),
        Self.add("/metadata/generation", 99), Self.add("/metadata/creationTimestamp", "2000-01-01T00:00:00Z"),
        Self.add("/metadata/namespace", "elsewhere"), Self.add("/metadata/name", "other"),
        Self.add("/metadata/managedFields", []), Self.add("/metadata/labels", ["by": "webhook"]))
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    let created = try await server.send(.post, Self.widgets, self.widget())
    #expect(created.status == 201)
    let metadata = try #require(created.json["metadata"])
    #expect(metadata["name"] == "w")
    #expect(metadata["namespace"] == "default")
    #expect(metadata["uid"] != "mine")
    #expect(metadata["generation"] == 1)
    #expect(metadata["creationTimestamp"] != "2000-01-01T00:00:00Z")
    #expect(metadata["labels"] == ["by": "webhook"])
    #expect(created.json["spec"]?["nonsense"] == nil)
    let updated = try await server.merge("\(Self.widgets)/w", ["spec": ["mode": "b"]])
    #expect(updated.status == 200)
    #expect(updated.json["metadata"]?["uid"] == metadata["uid"])
    #expect(updated.json["metadata"]?["generation"] == 2)
  }

  @Test func generatedNamesMayBeGivenByWebhooks() async throws {
    let transport = StudioWebhooks.transport { _, question in
      question["name"] == nil ? StudioWebhooks.patch(Self.add("/metadata/name", "chosen")) : ["allowed": false]
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    let answer = try await server.send(.post, Self.maps, ["metadata": ["generateName": "g-"]])
    #expect(answer.json["metadata"]?["name"] == "chosen")
  }

  @Test func whatWebhooksSetBelongsToTheManagerOfTheRequest() async throws {
    let transport = StudioWebhooks.transport { _, _ in StudioWebhooks.patch(Self.add("/data/added", "x")) }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    let body: JSONValue = ["metadata": ["name": "m"], "data": ["own": "1"]]
    let created = try await server.send(.post, "\(Self.maps)?fieldManager=one", body)
    #expect(self.owners(created.json) == ["Update one": #"{"f:data":{".":{},"f:added":{},"f:own":{}}}"#])
    try await server.merge("\(Self.maps)/m", ["data": ["added": nil, "more": "1"]])
    let other = try await server.send(
      .patch, "\(Self.maps)/m?fieldManager=two", ["data": ["third": "1"]], type: "application/merge-patch+json")
    #expect(self.owners(other.json)["Update two"] == #"{"f:data":{"f:third":{}}}"#)
  }

  @Test func anAppliedConfigurationThatWebhooksChangeSettles() async throws {
    let transport = StudioWebhooks.transport { _, _ in
      StudioWebhooks.patch(Self.add("/data/own", "theirs"), Self.add("/data/added", "x"))
    }
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory {
      $0.webhookTransport = transport
      $0.now = { time.now }
    }
    defer { server.close() }
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    let config: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "m"], "data": ["own": "mine"],
    ]
    func apply() async throws -> Answer {
      time.advance(by: .seconds(10))
      return try await server.send(
        .patch, "\(Self.maps)/m?fieldManager=me", config, type: "application/apply-patch+yaml")
    }
    let first = try await apply()
    #expect(first.status == 201)
    #expect(first.json["data"] == ["own": "theirs", "added": "x"])
    // What a configuration does not hold is not what its next version would take away.
    #expect(self.owners(first.json) == ["Apply me": #"{"f:data":{"f:own":{}}}"#])
    let revision = server.revision
    let second = try await apply()
    #expect(second.status == 200)
    #expect(second.json == first.json)
    #expect(server.revision == revision)
  }

  @Test func partsAreChangedAsTheyAreShown() async throws {
    let transport = StudioWebhooks.transport { _, question in
      switch question["subResource"] {
      case "scale": StudioWebhooks.patch(Self.add("/spec/replicas", 9))
      case "status":
        // Of all this only the status is written.
        StudioWebhooks.patch(Self.add("/status/replicas", 8), Self.add("/spec/owner", "other"))
      case "binding": StudioWebhooks.patch(Self.add("/target/name", "another"))
      default: [:]
      }
    }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.createWidget("w")
    try await server.createPod("p")
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    let scale = try await server.merge("\(Self.widgets)/w/scale", ["spec": ["replicas": 3]])
    #expect(scale.json["spec"]?["replicas"] == 9)
    let status = try await server.merge("\(Self.widgets)/w/status", ["status": ["replicas": 3]])
    #expect(status.json["status"]?["replicas"] == 8)
    #expect(status.json["spec"]?["owner"] == "team-a")
    #expect(status.json["spec"]?["replicas"] == 9)
    try await server.send(
      .post, "\(EmbeddedAPIServer.pods)/p/binding", ["metadata": ["name": "p"], "target": ["name": "node"]])
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.pods)/p").json["spec"]?["nodeName"] == "another")
  }

  @Test(
    arguments: [
      (Self.add("/kind", "Gadget"), "made an unusable object: apiVersion and kind may not change"),
      (Self.add("/metadata", "x"), "made an unusable object: "),
      (["op": "remove", "path": "/none"], "cannot be applied: "),
      (["op": "test", "path": "/data", "value": 1], "cannot be applied: "),
    ] as [(JSONValue, String)])
  func unusableChangesAreTheWebhooksFault(operation: JSONValue, detail: String) async throws {
    let transport = StudioWebhooks.transport { _, _ in StudioWebhooks.patch(operation) }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    // A policy about failing calls says nothing about what an answer makes of an object.
    try await server.mutate(by: StudioWebhooks.webhook("a", ["failurePolicy": "Ignore"]))
    let answer = try await server.send(.post, Self.maps, ["metadata": ["name": "m"], "data": [:]])
    #expect(answer.status == 500)
    #expect(answer.json["reason"] == "InternalError")
    #expect(answer.json["message"]?.stringValue?.contains(detail) == true, "\(answer.text)")
  }

  @Test func deletionsCannotBeChanged() async throws {
    let transport = StudioWebhooks.transport { _, _ in StudioWebhooks.patch(Self.add("/data", [:])) }
    let server = try await EmbeddedAPIServer.asking(transport)
    defer { server.close() }
    try await server.createConfigMap("m")
    try await server.mutate(by: StudioWebhooks.webhook("a"))
    let answer = try await server.send(.delete, "\(Self.maps)/m")
    #expect(answer.status == 500)
    #expect(
      answer.json["message"]
        == #"Internal error occurred: admission webhook "a.studio.example" attempted to modify the object, which is not supported for this operation"#
    )
    #expect(try await server.send(.get, "\(Self.maps)/m").status == 200)
  }
}
