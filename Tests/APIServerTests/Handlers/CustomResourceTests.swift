import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct CustomResourceTests {
  private static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

  @Test func aDefinitionIsEstablishedAtOnce() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let definition = try await server.send(.get, "\(Self.definitions)/widgets.stable.example.com").json
    let conditions = definition["status"]?["conditions"]?.arrayValue ?? []
    #expect(conditions.map { $0["type"] } == ["NamesAccepted", "Established"])
    #expect(conditions.allSatisfy { $0["status"] == "True" })
    #expect(definition["status"]?["storedVersions"] == ["v1"])
    #expect(definition["spec"]?["names"]?["listKind"] == "WidgetList")
  }

  @Test func newDefaultsShowOnOldObjects() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.createWidget("old")
    let path = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/color"
    let patched = try await server.send(
      .patch, "\(Self.definitions)/widgets.stable.example.com",
      [["op": "add", "path": .string(path), "value": ["type": "string", "default": "red"]]],
      type: "application/json-patch+json")
    #expect(patched.status == 200)
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.widgets)/old").json["spec"]?["color"] == "red")
    let list = try await server.send(.get, EmbeddedAPIServer.widgets).json
    #expect(list["items"]?[0]?["spec"]?["color"] == "red")
  }

  @Test func everyServedVersionShowsTheSameObject() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var definition = try Transcript.read("crd")
    var second = try #require(definition["spec"]?["versions"]?[0])
    second["name"] = "v2"
    second["storage"] = false
    let first = try #require(definition["spec"]?["versions"]?[0])
    var hidden = second
    hidden["name"] = "v3"
    hidden["served"] = false
    definition["spec"]?["versions"] = [first, second, hidden]
    #expect(try await server.send(.post, Self.definitions, definition).status == 201)
    try await server.createWidget("w")
    let path = EmbeddedAPIServer.widgets.replacing("/v1/", with: "/v2/")
    let seen = try await server.send(.get, "\(path)/w").json
    #expect(seen["apiVersion"] == "stable.example.com/v2")
    var changed = seen
    changed["spec"]?["replicas"] = 4
    #expect(try await server.send(.put, "\(path)/w", changed).json["apiVersion"] == "stable.example.com/v2")
    let original = try await server.send(.get, "\(EmbeddedAPIServer.widgets)/w").json
    #expect(original["apiVersion"] == "stable.example.com/v1")
    #expect(original["spec"]?["replicas"] == 4)
    #expect(try await server.send(.get, path.replacing("/v2/", with: "/v3/")).status == 404)
    let group = try await server.send(.get, "/apis/stable.example.com").json
    #expect(group["preferredVersion"]?["version"] == "v2")
  }

  @Test func badDefinitionsAreRefused() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    var definition = try Transcript.read("crd")
    definition["metadata"]?["name"] = "wrong"
    definition["spec"]?["scope"] = "Everywhere"
    definition["spec"]?["versions"]?["x"] = nil
    var version = try #require(try Transcript.read("crd")["spec"]?["versions"]?[0])
    version["storage"] = false
    version["schema"] = ["openAPIV3Schema": ["type": "object", "properties": ["a": ["pattern": "("]]]]
    definition["spec"]?["versions"] = [version]
    let answer = try await server.send(.post, Self.definitions, definition)
    #expect(answer.status == 422)
    #expect(
      answer.causes == [
        "metadata.name: FieldValueInvalid", "spec.scope: FieldValueNotSupported", "spec.versions: FieldValueInvalid",
        "spec.validation.openAPIV3Schema.properties[a].pattern: FieldValueInvalid",
      ])
  }

  @Test func twoDefinitionsCannotShareAKind() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    var other = try Transcript.read("crd")
    other["metadata"]?["name"] = "gadgets.stable.example.com"
    other["spec"]?["names"] = ["plural": "gadgets", "kind": "Widget"]
    let made = try await server.send(.post, Self.definitions, other).json
    #expect(made["status"]?["conditions"]?[0]?["reason"] == "NameConflict")
    #expect(try await server.send(.get, "/apis/stable.example.com/v1/namespaces/default/gadgets").status == 404)
  }

  @Test func scaleIsWrittenInItsOwnForm() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.createWidget("s", spec: ["replicas": 2])
    let path = "\(EmbeddedAPIServer.widgets)/s"
    try await server.merge("\(path)/status", ["status": ["replicas": 1, "selector": "a=b"]])
    var scale = try await server.send(.get, "\(path)/scale").json
    #expect(scale["status"] == ["replicas": 1, "selector": "a=b"])
    scale["spec"] = ["replicas": 7]
    #expect(try await server.send(.put, "\(path)/scale", scale).json["spec"] == ["replicas": 7])
    #expect(try await server.send(.put, "\(path)/scale", scale).status == 409)
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.configMaps)/s/scale").status == 404)
  }
}
