import KubernetesModel
import Testing

@testable import APIServer

struct StrategicMergeTests {
  private static let pod: JSONValue = [
    "metadata": ["finalizers": ["a"], "labels": ["x": "1", "y": "2"]],
    "spec": [
      "containers": [
        ["name": "one", "image": "i:1", "env": [["name": "A", "value": "1"], ["name": "B", "value": "2"]]],
        ["name": "two", "image": "j:1", "ports": [["containerPort": 80]]],
      ],
      "tolerations": [["key": "k"]],
    ],
  ]

  private func merged(_ patch: JSONValue) throws -> JSONValue { try StrategicMerge.apply(patch, to: Self.pod) }

  @Test func listsMergeByTheirKey() throws {
    let result = try self.merged([
      "spec": [
        "containers": [
          ["name": "one", "image": "i:2", "env": [["name": "B", "value": "3"], ["name": "C", "value": "4"]]]
        ]
      ]
    ])
    let containers = try #require(result["spec"]?["containers"]?.arrayValue)
    #expect(containers.count == 2)
    #expect(containers[0]["image"] == "i:2")
    #expect(
      containers[0]["env"]
        == [["name": "A", "value": "1"], ["name": "B", "value": "3"], ["name": "C", "value": "4"]])
    #expect(containers[1]["image"] == "j:1")
  }

  @Test func directivesDeleteAndReplace() throws {
    let deleted = try self.merged(["spec": ["containers": [["name": "one", "$patch": "delete"]]]])
    #expect(deleted["spec"]?["containers"]?.arrayValue?.map { $0["name"] } == ["two"])
    let replaced = try self.merged(["spec": ["containers": [["$patch": "replace"], ["name": "new"]]]])
    #expect(replaced["spec"]?["containers"] == [["name": "new"]])
    let labels = try self.merged(["metadata": ["labels": ["$patch": "replace", "z": "3"]]])
    #expect(labels["metadata"]?["labels"] == ["z": "3"])
    let kept = try self.merged(["metadata": ["labels": ["$retainKeys": ["x"], "x": "9"]]])
    #expect(kept["metadata"]?["labels"] == ["x": "9"])
  }

  @Test func otherListsAreReplacedAndFinalizersGrow() throws {
    #expect(try self.merged(["spec": ["tolerations": [["key": "n"]]]])["spec"]?["tolerations"] == [["key": "n"]])
    #expect(try self.merged(["metadata": ["finalizers": ["b"]]])["metadata"]?["finalizers"] == ["a", "b"])
    let fewer = try self.merged(["metadata": ["$deleteFromPrimitiveList/finalizers": ["a"]]])
    #expect(fewer["metadata"]?["finalizers"] == .array([]))
  }

  @Test func ordersAsAsked() throws {
    let result = try self.merged([
      "spec": [
        "$setElementOrder/containers": [["name": "two"], ["name": "one"]],
        "containers": [["name": "two", "image": "j:2"]],
      ]
    ])
    #expect(result["spec"]?["containers"]?.arrayValue?.map { $0["name"] } == ["two", "one"])
  }

  @Test func anElementWithoutItsKeyIsRefused() {
    #expect(throws: APIFailure.self) { try self.merged(["spec": ["containers": [["image": "x"]]]]) }
  }
}
