import KubernetesModel
import Testing

@testable import APIServer

struct RouteTests {
  private static let paths: [(String, Route)] = [
    ("/healthz", Route.health), ("/readyz/ping", .health), ("/version", .version), ("/api", .coreVersions),
    ("/apis/", .groups), ("/apis/umpire.dev", .group("umpire.dev")),
    ("/api/v1", .resources(group: "", version: "v1")),
    ("/apis/umpire.dev/v1alpha1", .resources(group: "umpire.dev", version: "v1alpha1")),
    ("/api/v1/pods", .resource(ResourcePath(group: "", version: "v1", plural: "pods"))),
    ("/api/v1/namespaces", .resource(ResourcePath(group: "", version: "v1", plural: "namespaces"))),
    ("/api/v1/namespaces/a", .resource(ResourcePath(group: "", version: "v1", plural: "namespaces", name: "a"))),
    (
      "/api/v1/namespaces/a/finalize",
      .resource(ResourcePath(group: "", version: "v1", plural: "namespaces", name: "a", subresource: "finalize"))
    ),
    (
      "/api/v1/namespaces/a/pods",
      .resource(ResourcePath(group: "", version: "v1", namespace: "a", plural: "pods"))
    ),
    (
      "/api/v1/namespaces/a/pods/b/status",
      .resource(
        ResourcePath(group: "", version: "v1", namespace: "a", plural: "pods", name: "b", subresource: "status"))
    ),
    (
      "/apis/umpire.dev/v1alpha1/namespaces/a/fleets/x%2Dy",
      .resource(
        ResourcePath(group: "umpire.dev", version: "v1alpha1", namespace: "a", plural: "fleets", name: "x-y"))
    ),
    ("/openapi/v3", .openAPIIndex), ("/openapi/v3/api/v1", .openAPI(GroupVersion(group: "", version: "v1"))),
    ("/openapi/v3/apis/umpire.dev/v1alpha1", .openAPI(GroupVersion(group: "umpire.dev", version: "v1alpha1"))),
    ("/openapi/v2", .openAPIVersion2), ("/openapi/v4", .unknown), ("/", .unknown), ("/metrics", .unknown),
    ("/api/v1/namespaces/a/pods/b/log/more", .unknown),
  ]

  @Test(arguments: Self.paths) func readsPaths(path: String, route: Route) {
    #expect(Route(path: path) == route)
  }

  @Test func readsQueries() {
    let query = RequestQuery("a=1&b=x%3Dy+z&flag&off=false&a=2&bad=%zz")
    #expect(query["a"] == "1")
    #expect(query.all("a") == ["1", "2"])
    #expect(query["b"] == "x=y z")
    #expect(query.flag("flag") == true)
    #expect(query.flag("off") == false)
    #expect(query.flag("none") == nil)
    #expect(query["bad"] == "%zz")
  }

  private static let accepts: [(String?, Presentation?)] =
    [
      (nil, Presentation.object), ("*/*", .object), ("application/json", .object),
      ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", .table),
      ("application/json; as=Table; v=v1beta1; g=meta.k8s.io, application/json", .object),
      ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", .metadata),
      ("application/vnd.kubernetes.protobuf,application/json", .object),
      ("application/vnd.kubernetes.protobuf", nil), ("text/html", nil),
    ] as [(String?, Presentation?)]

  @Test(arguments: Self.accepts) func readsAccept(accept: String?, presentation: Presentation?) {
    #expect(Presentation(accept: accept) == presentation)
  }

  @Test func continuationsSurviveARoundTripAndNothingElseIsOne() {
    let continuation = Continuation(revision: 12, namespace: "a/b", name: "ü?")
    #expect(Continuation(token: continuation.token) == continuation)
    for token in ["", "x", "!!", "e30", continuation.token + "AAAA"] { #expect(Continuation(token: token) == nil) }
  }
}
