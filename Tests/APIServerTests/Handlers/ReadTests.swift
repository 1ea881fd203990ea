import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct ReadTests {
  private func names(_ list: JSONValue) -> [String] {
    (list["items"]?.arrayValue ?? []).map {
      "\($0["metadata"]?["namespace"]?.stringValue ?? "")/\($0["metadata"]?["name"]?.stringValue ?? "")"
    }
  }

  @Test func pagesCoverEveryNamespaceInOrder() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for namespace in ["kube-system", "default"] {
      for name in ["b", "a", "c"] { try await server.createConfigMap(name, namespace: namespace) }
    }
    var found: [String] = []
    var token = ""
    var versions: Set<JSONValue?> = []
    repeat {
      let page = try await server.send(.get, "/api/v1/configmaps?limit=4&continue=\(token)").json
      found += self.names(page)
      versions.insert(page["metadata"]?["resourceVersion"])
      token = page["metadata"]?["continue"]?.stringValue ?? ""
    } while !token.isEmpty
    #expect(
      found == ["default/a", "default/b", "default/c", "kube-system/a", "kube-system/b", "kube-system/c"])
    #expect(versions.count == 1)
    #expect(try await server.send(.get, "/api/v1/configmaps?continue=nonsense").status == 400)
    #expect(try await server.send(.get, "/api/v1/configmaps?limit=x").status == 400)
  }

  @Test func aPageThatIsTooOldHasExpired() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.historyEvents = 2 }
    defer { server.close() }
    for name in ["a", "b"] { try await server.createConfigMap(name) }
    let page = try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?limit=1").json
    let token = try #require(page["metadata"]?["continue"]?.stringValue)
    for index in 0..<5 { try await server.createConfigMap("more-\(index)") }
    let late = try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?limit=1&continue=\(token)")
    #expect(late.status == 410)
    #expect(late.json["reason"] == "Expired")
  }

  @Test func versionsFromTheFutureAreRefused() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let answer = try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?resourceVersion=99999")
    #expect(answer.status == 504)
    #expect(answer.json["details"]?["causes"]?[0]?["reason"] == "ResourceVersionTooLarge")
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?resourceVersion=0").status == 200)
    #expect(try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?resourceVersion=-1").status == 400)
  }

  @Test func tablesAndMetadataAreShownOnRequest() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { Timestamp(secondsSinceEpoch: 1_767_225_600) } }
    defer { server.close() }
    try await server.createPod("p", node: "n")
    let table = try await server.send(
      .get, EmbeddedAPIServer.pods, fields: ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"])
    #expect(
      table.json["columnDefinitions"]?.arrayValue?.compactMap { $0["name"] } == [
        "Name", "Ready", "Status", "Restarts", "Age", "IP", "Node",
      ])
    #expect(table.json["rows"]?[0]?["cells"] == ["p", "0/1", "Pending", "0", "0s", nil, "n"])
    #expect(table.json["rows"]?[0]?["object"]?["kind"] == "PartialObjectMetadata")
    let metadata = try await server.send(
      .get, "\(EmbeddedAPIServer.pods)/p",
      fields: ["Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"])
    #expect(metadata.json["spec"] == nil)
    #expect(metadata.json["metadata"]?["name"] == "p")
  }

  @Test func theFirstNamespacesAreThereFromTheStart() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let list = try await server.send(.get, "/api/v1/namespaces").json
    #expect(self.names(list) == ["/default", "/kube-node-lease", "/kube-public", "/kube-system"])
    #expect(list["items"]?[0]?["metadata"]?["labels"] == ["kubernetes.io/metadata.name": "default"])
    #expect(list["items"]?[0]?["status"]?["phase"] == "Active")
  }

  @Test func discoveryListsBuiltInAndCustomResources() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let groups = try await server.send(.get, "/apis").json
    #expect(
      groups["groups"]?.arrayValue?.compactMap { $0["name"] }
        == [
          "admissionregistration.k8s.io", "apiextensions.k8s.io", "apps", "authentication.k8s.io",
          "authorization.k8s.io", "coordination.k8s.io", "events.k8s.io", "networking.k8s.io", "policy",
          "rbac.authorization.k8s.io", "scheduling.k8s.io", "stable.example.com",
        ])
    let core = try await server.send(.get, "/api/v1").json
    let names = core["resources"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
    #expect(names.contains("pods/binding") && names.contains("namespaces/finalize") && names.contains("events"))
    #expect(try await server.send(.get, "/version").json["major"] == "1")
    #expect(try await server.send(.get, "/openapi/v3/apis/none.example.com/v1").status == 404)
  }

  @Test func openAPIDocumentsSayWhatClientsAskThemFor() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let index = try await server.send(.get, "/openapi/v3").json
    let address = index["paths"]?["apis/stable.example.com/v1"]?["serverRelativeURL"]?.stringValue ?? ""
    let document = try await server.send(.get, address).json
    let path = document["paths"]?["/apis/stable.example.com/v1/namespaces/{namespace}/widgets/{name}"]
    #expect(path?["patch"]?["x-kubernetes-group-version-kind"]?["kind"] == "Widget")
    #expect(
      path?["patch"]?["parameters"]?.arrayValue?.contains { $0["name"] == "fieldValidation" } == true)
    let schema = document["components"]?["schemas"]?["com.example.stable.v1.Widget"]
    #expect(schema?["properties"]?["spec"]?["properties"]?["replicas"]?["maximum"] == 100)
    #expect(schema?["x-kubernetes-group-version-kind"]?[0]?["group"] == "stable.example.com")
    #expect(index["paths"]?["api/v1"] != nil)
    #expect(try await server.send(.get, "/openapi/v3/api/v1").status == 200)
  }

  @Test func theRestIsNotThere() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    #expect(try await server.send(.get, "/apis/none.example.com").status == 404)
    #expect(try await server.send(.post, "/apis", [:]).status == 405)
  }
}
