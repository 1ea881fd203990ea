import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct ServerSideApplyTests {
  private func apply(
    _ server: EmbeddedAPIServer, _ path: String, _ config: JSONValue, as manager: String, query: String = ""
  ) async throws -> Answer {
    try await server.send(
      .patch, "\(path)?fieldManager=\(manager)\(query)", config, type: "application/apply-patch+yaml")
  }

  private func widget(_ fields: JSONValue) -> JSONValue {
    JSONValue.object(["apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": "w"]])
      .applying(mergePatch: fields)
  }

  @Test func managersShareAnObjectFieldByField() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.widgets)/w"
    let first = self.widget([
      "metadata": ["labels": ["a": "1"]],
      "spec": ["owner": "o", "parts": [["name": "p", "size": 1]], "tags": ["x"]],
    ])
    #expect(try await self.apply(server, path, first, as: "a").status == 201)
    let second = self.widget([
      "metadata": ["labels": ["b": "2"], "finalizers": ["example.com/b"]],
      "spec": ["owner": "o", "parts": [["name": "q"]], "tags": ["y"]],
    ])
    let both = try await self.apply(server, path, second, as: "b")
    #expect(both.status == 200)
    #expect(both.json["metadata"]?["labels"] == ["a": "1", "b": "2"])
    #expect(both.json["spec"]?["parts"] == [["name": "p", "size": 1], ["name": "q", "size": 7]])
    #expect(both.json["spec"]?["tags"] == ["x", "y"])
    // What one wants no more goes, but for what the other wants too.
    let less = try await self.apply(server, path, self.widget(["spec": ["owner": "o"]]), as: "a")
    #expect(less.json["metadata"]?["labels"] == ["b": "2"])
    #expect(less.json["metadata"]?["finalizers"] == ["example.com/b"])
    #expect(less.json["spec"]?["parts"] == [["name": "q", "size": 7]])
    #expect(less.json["spec"]?["tags"] == ["y"])
  }

  @Test func anUpdateTakesOverWhatItChanges() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.widgets)/w"
    let config = self.widget(["spec": ["owner": "o", "replicas": 3]])
    _ = try await self.apply(server, path, config, as: "a")
    try await server.send(
      .patch, "\(path)?fieldManager=scaler", ["spec": ["replicas": 5]], type: "application/merge-patch+json")
    let refused = try await self.apply(server, path, config, as: "a")
    #expect(refused.status == 409)
    #expect(refused.causes == [".spec.replicas: FieldManagerConflict"])
    #expect(
      refused.json["message"]?.stringValue?.contains(#"conflict with "scaler" using stable.example.com/v1"#) == true)
    let without = try await self.apply(server, path, self.widget(["spec": ["owner": "o"]]), as: "a")
    #expect(without.json["spec"]?["replicas"] == 5)
  }

  @Test func builtInListsMergeByKeyAndStatusIsApart() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.pods)/p"
    let pod: JSONValue = [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
      "spec": ["containers": [["name": "main", "image": "i:1"]]],
      "status": ["phase": "Running"],
    ]
    let made = try await self.apply(server, path, pod, as: "a")
    #expect(made.status == 201)
    #expect(made.json["status"]?["phase"] == "Pending")
    let status: JSONValue = [
      "apiVersion": "v1", "kind": "Pod",
      "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
    ]
    let running = try await self.apply(server, "\(path)/status", status, as: "node", query: "&force=true")
    #expect(running.json["status"]?["phase"] == "Running")
    #expect(running.json["spec"] == made.json["spec"])
    var newer = pod
    newer["spec"] = ["containers": [["name": "main", "image": "i:2"]]]
    let changed = try await self.apply(server, path, newer, as: "a")
    #expect(changed.json["spec"]?["containers"]?.arrayValue?.count == 1)
    #expect(changed.json["spec"]?["containers"]?[0]?["image"] == "i:2")
    #expect(changed.json["status"]?["phase"] == "Running")
  }

  @Test func everyConflictIsToldByItsOwner() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.widgets)/w"
    _ = try await self.apply(server, path, self.widget(["spec": ["owner": "o", "replicas": 3]]), as: "a")
    _ = try await self.apply(server, path, self.widget(["spec": ["owner": "o", "mode": "a"]]), as: "b")
    let refused = try await self.apply(
      server, path, self.widget(["spec": ["owner": "x", "replicas": 4, "mode": "b"]]), as: "c")
    #expect(refused.status == 409)
    #expect(
      refused.json["message"]
        == """
        Apply failed with 4 conflicts: conflicts with "a":
        - .spec.owner
        - .spec.replicas
        conflicts with "b":
        - .spec.mode
        - .spec.owner
        """)
    let forced = try await self.apply(
      server, path, self.widget(["spec": ["owner": "x", "replicas": 4, "mode": "b"]]), as: "c", query: "&force=true")
    #expect(forced.json["metadata"]?["managedFields"]?.arrayValue?.map { $0["manager"] } == ["c"])
  }

  @Test func anUpdateMaySetWhoOwnsWhat() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let path = "\(EmbeddedAPIServer.widgets)/w"
    var object = try await self.apply(server, path, self.widget(["spec": ["owner": "o"]]), as: "a").json
    let owners = try #require(object["metadata"]?["managedFields"])
    object["metadata"]?["managedFields"] = [["manager": 5]]
    #expect(try await server.send(.put, path, object).json["metadata"]?["managedFields"] == owners)
    var owner = try #require(owners[0])
    owner["manager"] = "renamed"
    object["metadata"]?["managedFields"] = [owner]
    let renamed = try await server.send(.put, path, object).json
    #expect(renamed["metadata"]?["managedFields"]?[0]?["manager"] == "renamed")
    let nobody = try await server.merge(path, ["metadata": ["managedFields": [.object([:])]]]).json
    #expect(nobody["metadata"]?["managedFields"] == nil)
  }
}
