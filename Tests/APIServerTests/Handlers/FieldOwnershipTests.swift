import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// Who owns what after requests, as objects tell it.
struct FieldOwnershipTests {
  private static let merge = "application/merge-patch+json"

  /// `operation manager/subresource` with the written fields of each entry.
  private func owners(_ object: JSONValue) -> [String: String] {
    var owners: [String: String] = [:]
    for entry in object["metadata"]?["managedFields"]?.arrayValue ?? [] {
      var name = "\(entry["operation"]?.stringValue ?? "") \(entry["manager"]?.stringValue ?? "")"
      if let subresource = entry["subresource"]?.stringValue { name += "/\(subresource)" }
      owners[name] = String(decoding: (entry["fieldsV1"] ?? nil).serialized(), as: UTF8.self)
    }
    return owners
  }

  private func map(_ data: JSONValue, metadata: JSONValue = [:]) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "ConfigMap", "data": data,
      "metadata": JSONValue.object(["name": "m"]).applying(mergePatch: metadata),
    ]
  }

  private func apply(
    _ server: EmbeddedAPIServer, _ config: JSONValue, as manager: String = "kubectl"
  ) async throws -> Answer {
    try await server.send(
      .patch, "\(EmbeddedAPIServer.configMaps)/m?fieldManager=\(manager)", config, type: "application/apply-patch+yaml")
  }

  @Test func everyWriteIsRecordedFromTheFirstOn() async throws {
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { time.now } }
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.configMaps)/m"
    let made = try await server.send(
      .post, "\(EmbeddedAPIServer.configMaps)?fieldManager=maker",
      self.map(["a": "1", "b": "1"], metadata: ["labels": ["l": "1"]])
    ).json
    #expect(
      made["metadata"]?["managedFields"] == [
        [
          "manager": "maker", "operation": "Update", "apiVersion": "v1", "time": "2026-01-01T00:00:00Z",
          "fieldsType": "FieldsV1",
          "fieldsV1": [
            "f:data": [".": [:], "f:a": [:], "f:b": [:]], "f:metadata": ["f:labels": [".": [:], "f:l": [:]]],
          ],
        ]
      ])
    time.advance(by: .seconds(60))
    // Without a word of the client its agent's name counts.
    var replaced = made
    replaced["data"] = ["a": "2", "b": "1", "c": "1"]
    let put = try await server.send(.put, path, replaced, fields: ["User-Agent": "curl/8.1 (x)"]).json
    #expect(
      self.owners(put) == [
        "Update maker": #"{"f:data":{".":{},"f:b":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}}"#,
        "Update curl": #"{"f:data":{"f:a":{},"f:c":{}}}"#,
      ])
    #expect(put["metadata"]?["managedFields"]?[1]?["time"] == "2026-01-01T00:01:00Z")
    let patched = try await server.send(
      .patch, "\(path)?fieldManager=patcher",
      [["op": "remove", "path": "/data/a"], ["op": "add", "path": "/data/d", "value": "1"]],
      type: "application/json-patch+json"
    ).json
    #expect(self.owners(patched)["Update curl"] == #"{"f:data":{"f:c":{}}}"#)
    #expect(self.owners(patched)["Update patcher"] == #"{"f:data":{"f:d":{}}}"#)
    let strategic = try await server.send(
      .patch, "\(path)?fieldManager=patcher", ["data": ["c": "2"]], type: "application/strategic-merge-patch+json"
    ).json
    #expect(self.owners(strategic)["Update curl"] == nil)
    #expect(self.owners(strategic)["Update patcher"] == #"{"f:data":{"f:c":{},"f:d":{}}}"#)
  }

  @Test func whatChangesNothingWritesNothing() async throws {
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { time.now } }
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.configMaps)/m"
    let made = try await server.send(.post, "\(EmbeddedAPIServer.configMaps)?fieldManager=maker", self.map(["a": "1"]))
      .json
    time.advance(by: .seconds(60))
    let again = try await server.send(.put, "\(path)?fieldManager=other", made).json
    #expect(again == made)
    // Nor does a client's own copy of the owners with another time.
    var copy = made
    copy["metadata"]?["managedFields"] = .array(
      (made["metadata"]?["managedFields"]?.arrayValue ?? []).map {
        $0.applying(mergePatch: ["time": "2026-01-01T00:00:30Z"])
      })
    #expect(try await server.send(.put, "\(path)?fieldManager=other", copy).json == made)
    #expect(
      try await server.send(.patch, "\(path)?fieldManager=other", ["data": ["a": "1"]], type: Self.merge).json == made)
    let config = self.map(["a": "1"])
    let applied = try await self.apply(server, config).json
    #expect(self.owners(applied)["Apply kubectl"] == #"{"f:data":{"f:a":{}}}"#)
    time.advance(by: .seconds(60))
    #expect(try await self.apply(server, config).json == applied)
  }

  @Test func whatWasCreatedIsDisputedWhenItIsApplied() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(
      .post, "\(EmbeddedAPIServer.configMaps)?fieldManager=kubectl-create", self.map(["a": "1", "b": "1"]))
    let one = try await self.apply(server, self.map(["a": "2", "b": "1"]))
    #expect(one.status == 409)
    #expect(
      one.json["message"] == #"Apply failed with 1 conflict: conflict with "kubectl-create" using v1: .data.a"#)
    #expect(one.causes == [".data.a: FieldManagerConflict"])
    let two = try await self.apply(server, self.map(["a": "2", "b": "2"]))
    #expect(
      two.json["message"]
        == .string("Apply failed with 2 conflicts: conflicts with \"kubectl-create\" using v1:\n- .data.a\n- .data.b"))
    // The same value is shared, and stays as long as one of both wants it.
    let shared = try await self.apply(server, self.map(["a": "1"]))
    #expect(self.owners(shared.json)["Apply kubectl"] == #"{"f:data":{"f:a":{}}}"#)
    let less = try await self.apply(server, self.map([:]))
    #expect(less.json["data"] == ["a": "1", "b": "1"])
  }

  @Test func kubectlTakesOverWhatItAppliedByItself() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    func annotated(_ data: JSONValue, last: JSONValue) -> JSONValue {
      let text = String(decoding: self.map(last).serialized(), as: UTF8.self)
      return self.map(data, metadata: ["annotations": .object([annotation: .string(text)])])
    }
    try await server.send(
      .post, "\(EmbeddedAPIServer.configMaps)?fieldManager=kubectl-client-side-apply",
      annotated(["a": "1", "b": "1"], last: ["a": "1", "b": "1"]))
    // Someone else is asked nothing, and gets nothing.
    #expect(try await self.apply(server, self.map(["a": "2"]), as: "other").status == 409)
    let taken = try await self.apply(server, self.map(["a": "2", "b": "1"]))
    #expect(taken.status == 200)
    #expect(taken.json["data"] == ["a": "2", "b": "1"])
    let last = try JSONValue(
      parsing: Array((taken.json["metadata"]?["annotations"]?[annotation]?.stringValue ?? "").utf8))
    #expect(last == self.map(["a": "2", "b": "1"]))
    // What is not any more as kubectl applied it is not taken over.
    try await server.send(
      .patch, "\(EmbeddedAPIServer.configMaps)/m?fieldManager=other", ["data": ["b": "3"]], type: Self.merge)
    let refused = try await self.apply(server, self.map(["a": "2", "b": "1"]))
    #expect(refused.json["message"] == #"Apply failed with 1 conflict: conflict with "other" using v1: .data.b"#)
  }

  @Test func aScalerOwnsTheNumberByItself() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.widgets)/w"
    try await server.send(
      .post, "\(EmbeddedAPIServer.widgets)?fieldManager=maker",
      [
        "apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": "w"],
        "spec": ["owner": "o", "replicas": 2],
      ])
    let scale = try await server.send(
      .patch, "\(path)/scale?fieldManager=scaler", ["spec": ["replicas": 5]], type: Self.merge)
    #expect(scale.status == 200)
    #expect(scale.json["metadata"]?["managedFields"] == nil)
    let scaled = try await server.send(.get, path).json
    #expect(self.owners(scaled)["Update scaler/scale"] == #"{"f:spec":{"f:replicas":{}}}"#)
    #expect(self.owners(scaled)["Update maker"]?.contains("f:replicas") == false)
    #expect(self.owners(scaled)["Update maker"]?.contains("f:owner") == true)
    let config: JSONValue = [
      "apiVersion": "stable.example.com/v1", "kind": "Widget", "spec": ["owner": "o", "replicas": 3],
    ]
    let refused = try await server.send(
      .patch, "\(path)?fieldManager=a", config, type: "application/apply-patch+yaml")
    #expect(
      refused.json["message"]
        == .string(
          "Apply failed with 1 conflict: conflict with \"scaler\" with subresource \"scale\" using "
            + "stable.example.com/v1: .spec.replicas"))
  }

  @Test func theStatusBelongsToWhoWritesIt() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.widgets)/w"
    let made = try await server.createWidget("w", metadata: ["finalizers": ["example.com/f"]])
    #expect(
      self.owners(made) == [
        "Update unknown":
          #"{"f:metadata":{"f:finalizers":{".":{},"v:\"example.com/f\"":{}}},"f:spec":{".":{},"f:limits":{".":{},"f:min":{}},"f:mode":{},"f:owner":{},"f:replicas":{}}}"#
      ])
    let patch: JSONValue = [
      "spec": ["owner": "ignored"], "metadata": ["managedFields": .array([])], "status": ["replicas": 1],
    ]
    let status = try await server.send(.patch, "\(path)/status?fieldManager=node", patch, type: Self.merge).json
    #expect(self.owners(status)["Update node/status"] == #"{"f:status":{".":{},"f:replicas":{}}}"#)
    #expect(self.owners(status)["Update unknown"] == self.owners(made)["Update unknown"])
    // A Pod's first status is the server's.
    let pod = try await server.createPod("p")
    #expect(pod["status"]?["phase"] == "Pending")
    let container =
      #"{".":{},"f:image":{},"f:imagePullPolicy":{},"f:name":{},"f:resources":{},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}"#
    let spec =
      #"{"f:containers":{"k:{\"name\":\"main\"}":\#(container)},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}"#
    #expect(self.owners(pod) == ["Update unknown": #"{"f:spec":\#(spec)}"#])
  }

  @Test func ownersAreForgottenOnDemandAndReplacedByPatches() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.configMaps)/m"
    let made = try await server.send(.post, "\(EmbeddedAPIServer.configMaps)?fieldManager=maker", self.map(["a": "1"]))
      .json
    // What cannot be read is left alone.
    let wrong = try await server.send(
      .patch, path, ["metadata": ["managedFields": [["manager": "x", "operation": "Rule"]]]], type: Self.merge)
    #expect(wrong.json == made)
    var entry = made["metadata"]?["managedFields"]?[0] ?? nil
    entry["manager"] = "renamed"
    let renamed = try await server.send(
      .patch, path, [["op": "replace", "path": "/metadata/managedFields", "value": [entry]]],
      type: "application/json-patch+json")
    #expect(self.owners(renamed.json) == ["Update renamed": #"{"f:data":{".":{},"f:a":{}}}"#])
    for reset in [[], [[:]]] as [JSONValue] {
      let bare = try await server.send(.patch, path, ["metadata": ["managedFields": reset]], type: Self.merge)
      #expect(bare.json["metadata"]?["managedFields"] == nil)
      let later = try await server.send(.patch, "\(path)?fieldManager=late", ["data": ["b": "2"]], type: Self.merge)
      #expect(later.json["metadata"]?["managedFields"] == nil)
      let applied = try await self.apply(server, self.map(["c": "3"]))
      #expect(
        self.owners(applied.json) == [
          "Update before-first-apply": #"{"f:data":{".":{},"f:a":{},"f:b":{}}}"#,
          "Apply kubectl": #"{"f:data":{"f:c":{}}}"#,
        ])
      #expect(try await self.apply(server, self.map([:])).json["data"] == ["a": "1", "b": "2"])
    }
  }

  @Test func unusableManagersAreRefusedAndAgentsMadeUsable() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let refused = try await server.send(.post, "\(EmbeddedAPIServer.configMaps)?fieldManager=a%07", self.map([:]))
    #expect(refused.causes == ["fieldManager: FieldValueInvalid"])
    let agent = String(repeating: "é", count: 100) + "/1"
    let made = try await server.send(
      .post, EmbeddedAPIServer.configMaps, self.map(["a": "1"]), fields: ["User-Agent": agent])
    #expect(self.owners(made.json).keys.first == "Update " + String(repeating: "é", count: 64))
  }
}
