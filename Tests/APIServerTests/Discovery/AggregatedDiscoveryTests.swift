import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct AggregatedDiscoveryTests {
  static let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"

  @Test(
    arguments: [
      (nil, nil), ("application/json", nil), (Self.accept, .version2), ("application/json, \(Self.accept)", nil),
      ("text/plain,\(Self.accept),application/json", .version2),
      ("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json", .version2beta1),
      ("application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json", nil),
    ] as [(String?, AggregatedDiscovery.Form?)])
  func readsWhatClientsAccept(accept: String?, form: AggregatedDiscovery.Form?) {
    #expect(AggregatedDiscovery.Form(accept: accept) == form)
  }

  @Test func namesEveryResourceWithItsParts() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    let answer = try await server.send(.get, "/apis", fields: ["Accept": Self.accept])
    #expect(answer.json["kind"] == "APIGroupDiscoveryList")
    #expect(answer.json["apiVersion"] == "apidiscovery.k8s.io/v2")
    let group = answer.json["items"]?.arrayValue?.first { $0["metadata"]?["name"] == "stable.example.com" }
    #expect(
      group?["versions"]?[0]?["resources"]?[0] == [
        "resource": "widgets", "singularResource": "widget", "scope": "Namespaced", "shortNames": ["wd"],
        "categories": ["all"],
        "responseKind": ["group": "stable.example.com", "version": "v1", "kind": "Widget"],
        "verbs": ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
        "subresources": [
          [
            "subresource": "status", "verbs": ["get", "patch", "update"],
            "responseKind": ["group": "stable.example.com", "version": "v1", "kind": "Widget"],
          ],
          [
            "subresource": "scale", "verbs": ["get", "patch", "update"],
            "responseKind": ["group": "autoscaling", "version": "v1", "kind": "Scale"],
          ],
        ],
      ])
  }

  @Test func theCoreGroupHasNoName() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    let items = try await server.send(.get, "/api", fields: ["Accept": Self.accept]).json["items"]?.arrayValue
    #expect(items?.count == 1)
    #expect(items?.first?["metadata"]?["name"] == nil)
    let pods = items?.first?["versions"]?[0]?["resources"]?.arrayValue?.first { $0["resource"] == "pods" }
    #expect(
      pods?["subresources"]?.arrayValue?.compactMap { $0["subresource"] } == ["status", "binding", "eviction", "log"])
  }
}
