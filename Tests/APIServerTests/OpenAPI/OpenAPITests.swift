import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct OpenAPITests {
  private static let widgetPath = "apis/stable.example.com/v1"

  private func url(_ path: String, in server: EmbeddedAPIServer) async throws -> String {
    let index = try await server.send(.get, "/openapi/v3")
    return try #require(index.json["paths"]?[path]?["serverRelativeURL"]?.stringValue)
  }

  @Test func everyGroupVersionHasADocument() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    let paths = try #require(try await server.send(.get, "/openapi/v3").json["paths"]?.objectValue)
    #expect(
      paths.keys.sorted() == [
        "api/v1", "apis/admissionregistration.k8s.io/v1", "apis/apiextensions.k8s.io/v1", "apis/apps/v1",
        "apis/authentication.k8s.io/v1", "apis/authorization.k8s.io/v1", "apis/coordination.k8s.io/v1",
        "apis/events.k8s.io/v1", "apis/networking.k8s.io/v1", "apis/policy/v1",
        "apis/rbac.authorization.k8s.io/v1", "apis/scheduling.k8s.io/v1", Self.widgetPath,
      ])
    for entry in paths.values {
      let answer = try await server.send(.get, try #require(entry["serverRelativeURL"]?.stringValue))
      #expect(answer.status == 200)
      #expect(answer.json["openapi"] == "3.0.0")
    }
    #expect(try await server.send(.get, "/openapi/v3/apis/none/v1").status == 404)
    #expect(try await server.send(.post, "/openapi/v3").status == 405)
  }

  @Test func referencesLeadSomewhere() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    for path in [
      "api/v1", "apis/coordination.k8s.io/v1", "apis/apiextensions.k8s.io/v1", "apis/apps/v1",
      "apis/authentication.k8s.io/v1", "apis/authorization.k8s.io/v1", "apis/events.k8s.io/v1",
      "apis/networking.k8s.io/v1", "apis/policy/v1", "apis/rbac.authorization.k8s.io/v1",
      "apis/scheduling.k8s.io/v1", Self.widgetPath,
    ] {
      let document = try await server.send(.get, "/openapi/v3/\(path)").json
      let schemas = try #require(document["components"]?["schemas"]?.objectValue)
      for name in Self.references(in: document) { #expect(schemas[name] != nil, "\(path): \(name)") }
    }
  }

  private static func references(in json: JSONValue) -> [String] {
    switch json {
    case .array(let elements): elements.flatMap(self.references)
    case .object(let fields):
      fields.flatMap { name, value in
        name == "$ref" ? [String(value.stringValue?.split(separator: "/").last ?? "")] : self.references(in: value)
      }
    default: []
    }
  }

  @Test func everyBuiltInKindIsDescribed() {
    for definition in BuiltInResources.all {
      #expect(DocumentedTypes.byName[definition.names.kind] != nil, "\(definition.names.kind)")
    }
    for type in DocumentedTypes.byName.values {
      for name in type.references { #expect(DocumentedTypes.byName[name] != nil, "\(type.name): \(name)") }
    }
  }

  @Test func listsMergeByTheirKeys() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    let schemas = try await server.send(.get, "/openapi/v3/api/v1").json["components"]?["schemas"]
    let containers = schemas?["io.k8s.api.core.v1.PodSpec"]?["properties"]?["containers"]
    #expect(containers?["x-kubernetes-patch-merge-key"] == "name")
    #expect(containers?["x-kubernetes-patch-strategy"] == "merge")
    #expect(
      schemas?["io.k8s.api.core.v1.Pod"]?["x-kubernetes-group-version-kind"] == [
        ["group": "", "version": "v1", "kind": "Pod"]
      ])
  }

  @Test func aDocumentChangesWithItsDefinitionsOnly() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    let widgets = try await self.url(Self.widgetPath, in: server)
    let core = try await self.url("api/v1", in: server)
    try await server.createWidget("a")
    #expect(try await self.url(Self.widgetPath, in: server) == widgets)
    try await server.merge(
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.stable.example.com",
      ["spec": ["names": ["categories": ["all", "toys"]]]])
    // Its schema is the same still, and so is its address.
    #expect(try await self.url(Self.widgetPath, in: server) == widgets)
    let definition = try await server.send(
      .get, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.stable.example.com"
    ).json
    var versions = try #require(definition["spec"]?["versions"]?.arrayValue)
    versions[0]["schema"]?["openAPIV3Schema"]?["description"] = "Another description."
    try await server.merge(
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.stable.example.com",
      ["spec": ["versions": .array(versions)]])
    #expect(try await self.url(Self.widgetPath, in: server) != widgets)
    #expect(try await self.url("api/v1", in: server) == core)
  }

  @Test func whoKnowsADocumentIsNotSentItAgain() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    let path = try await self.url(Self.widgetPath, in: server)
    let hash = try #require(path.split(separator: "=").last)
    let answer = try await server.send(.get, path, fields: ["If-None-Match": "\"\(hash)\""])
    #expect(answer.status == 304)
    #expect(answer.text == "")
  }

  @Test func version2HoldsEverything() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    let document = try await server.send(.get, "/openapi/v2").json
    #expect(document["swagger"] == "2.0")
    let definitions = try #require(document["definitions"]?.objectValue)
    #expect(definitions["com.example.stable.v1.Widget"] != nil)
    for name in Self.references(in: document) { #expect(definitions[name] != nil, "\(name)") }
    let path = "/apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}"
    #expect(document["paths"]?[path]?["patch"]?["x-kubernetes-action"] == "patch")
  }

  @Test func version2HasNeitherNullNorAlternatives() {
    let schema: JSONValue = [
      "type": "object",
      "properties": [
        "size": ["anyOf": [["type": "integer"], ["type": "string"]], "x-kubernetes-int-or-string": true],
        "note": ["type": "string", "nullable": true, "description": "A note."],
        "meta": ["allOf": [["$ref": "#/components/schemas/Meta"]], "default": .object([:])],
        "list": ["type": "array", "items": ["type": "string", "nullable": true]],
      ],
    ]
    #expect(
      OpenAPIVersion2.schema(schema) == [
        "type": "object",
        "properties": [
          "size": ["x-kubernetes-int-or-string": true], "note": ["description": "A note."],
          "meta": ["$ref": "#/definitions/Meta"], "list": ["type": "array", "items": .object([:])],
        ],
      ])
  }
}
