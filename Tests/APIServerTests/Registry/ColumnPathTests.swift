import KubernetesModel
import Testing

@testable import APIServer

struct ColumnPathTests {
  private static let object: JSONValue = [
    "metadata": ["labels": ["example.com/k": "v"]], "spec": ["replicas": 3, "ports": [["port": 80], ["port": 443]]],
    "status": ["conditions": [["type": "Ready", "status": "True"], ["type": "Old", "status": "False"]]],
  ]

  private static let paths: [(String, [JSONValue])] =
    [
      (".spec.replicas", [3]), ("{.spec.replicas}", [3]), ("$.spec.replicas", [3]), (".spec.ports[0].port", [80]),
      (".spec.ports[-1].port", [443]), (".spec.ports[9].port", []), (".spec.ports[*].port", [80, 443]),
      (#".status.conditions[?(@.type=="Ready")].status"#, ["True"]),
      (".status.conditions[?(@.type != 'Ready')].status", ["False"]),
      (".metadata.labels['example\\.com/k']", ["v"]), (".metadata.labels.example\\.com/k", ["v"]), (".none.at.all", []),
    ] as [(String, [JSONValue])]

  @Test(arguments: Self.paths) func finds(path: String, values: [JSONValue]) throws {
    #expect(try #require(ColumnPath(path)).values(in: Self.object) == values)
  }

  @Test(arguments: ["", "spec", ".spec[", ".spec[?(@.a)]", ".", ".a..b"]) func refuses(path: String) {
    #expect(ColumnPath(path) == nil)
  }

  private static let ages: [(Int64, String)] = [
    (0, "0s"), (-5, "<invalid>"), (119, "119s"), (125, "2m5s"), (600, "10m"), (3 * 3600, "3h"), (3 * 3600 + 60, "3h1m"),
    (40 * 3600, "40h"), (50 * 3600, "2d2h"), (9 * 86_400, "9d"), (800 * 86_400, "2y70d"), (4000 * 86_400, "10y"),
  ]

  @Test(arguments: Self.ages) func printsAges(seconds: Int64, text: String) {
    #expect(TableColumns.age(seconds) == text)
  }

  @Test func ordersVersions() {
    let versions = ["v1alpha1", "foo", "v2", "v1", "v1beta2", "v10", "v1beta1"]
    #expect(
      versions.sorted(by: VersionOrder.isPreferred) == ["v10", "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", "foo"])
  }
}
