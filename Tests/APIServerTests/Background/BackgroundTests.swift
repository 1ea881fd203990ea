import HTTPTypes
import KubernetesModel
import TestSupport
import Testing

@testable import APIServer

struct BackgroundTests {
  private static let maps = EmbeddedAPIServer.configMaps

  private func exists(_ server: EmbeddedAPIServer, _ path: String) async throws -> Bool {
    try await server.send(.get, path).status == 200
  }

  private func child(_ name: String, of owners: [JSONValue], _ server: EmbeddedAPIServer) async throws -> JSONValue {
    try await server.createConfigMap(name, metadata: ["ownerReferences": .array(owners)])
  }

  @Test func dependentsGoAfterTheirOwner() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let owner = try await server.createConfigMap("owner")
    let other = try await server.createConfigMap("other")
    let child = try await self.child("child", of: [ownerReference(to: owner)], server)
    _ = try await self.child("grandchild", of: [ownerReference(to: child)], server)
    _ = try await self.child(
      "shared", of: [ownerReference(to: owner), ownerReference(to: other).applying(mergePatch: ["controller": nil])],
      server)
    try await withBackgroundWork(server) {
      try await server.send(.delete, "\(Self.maps)/owner")
      try await eventually("the grandchild is gone") { try await !self.exists(server, "\(Self.maps)/grandchild") }
      #expect(try await !self.exists(server, "\(Self.maps)/child"))
      // Another owner holds this one, and it forgets the first.
      try await eventually("another owner is left") {
        try await server.send(.get, "\(Self.maps)/shared").json["metadata"]?["ownerReferences"]?.arrayValue?.count
          == 1
      }
      // One that is born an orphan goes too.
      _ = try await self.child("late", of: [ownerReference(to: owner)], server)
      try await eventually("the late child is gone") { try await !self.exists(server, "\(Self.maps)/late") }
    }
  }

  @Test func aForegroundDeletionWaitsForItsDependents() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let owner = try await server.createConfigMap("owner")
    _ = try await server.createConfigMap(
      "child", metadata: ["ownerReferences": [ownerReference(to: owner)], "finalizers": ["example.com/hold"]])
    try await withBackgroundWork(server) {
      let answer = try await server.send(.delete, "\(Self.maps)/owner", ["propagationPolicy": "Foreground"])
      #expect(answer.json["metadata"]?["finalizers"] == ["foregroundDeletion"])
      try await eventually("the child is being deleted") {
        try await server.send(.get, "\(Self.maps)/child").json["metadata"]?["deletionTimestamp"] != nil
      }
      #expect(try await self.exists(server, "\(Self.maps)/owner"))
      try await server.merge("\(Self.maps)/child", ["metadata": ["finalizers": nil]])
      try await eventually("the owner is gone") { try await !self.exists(server, "\(Self.maps)/owner") }
    }
  }

  @Test func anOrphaningDeletionLetsDependentsLive() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let owner = try await server.createConfigMap("owner")
    _ = try await self.child("child", of: [ownerReference(to: owner)], server)
    try await withBackgroundWork(server) {
      try await server.send(.delete, "\(Self.maps)/owner", ["propagationPolicy": "Orphan"])
      try await eventually("the owner is gone") { try await !self.exists(server, "\(Self.maps)/owner") }
      let child = try await server.send(.get, "\(Self.maps)/child").json
      #expect(child["metadata"]?["uid"] != nil)
      #expect(child["metadata"]?["ownerReferences"] == nil)
    }
  }

  @Test func aNamespaceTakesItsContentsAlong() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.send(.post, "/api/v1/namespaces", ["metadata": ["name": "arena"]])
    try await server.createConfigMap("c", namespace: "arena", metadata: ["finalizers": ["example.com/hold"]])
    let widgets = EmbeddedAPIServer.widgets.replacing("/default/", with: "/arena/")
    try await server.send(
      .post, widgets,
      ["apiVersion": "stable.example.com/v1", "kind": "Widget", "metadata": ["name": "w"], "spec": ["owner": "o"]])
    try await withBackgroundWork(server) {
      let answer = try await server.send(.delete, "/api/v1/namespaces/arena")
      #expect(answer.json["status"]?["phase"] == "Terminating")
      try await eventually("the Widget is gone") { try await !self.exists(server, "\(widgets)/w") }
      #expect(try await self.exists(server, "/api/v1/namespaces/arena"))
      let refused = try await server.send(
        .post, "/api/v1/namespaces/arena/configmaps", ["metadata": ["name": "late"]])
      #expect(refused.status == 403)
      #expect(refused.json["details"]?["causes"]?[0]?["reason"] == "NamespaceTerminating")
      try await server.merge("/api/v1/namespaces/arena/configmaps/c", ["metadata": ["finalizers": nil]])
      try await eventually("the namespace is gone") { try await !self.exists(server, "/api/v1/namespaces/arena") }
    }
  }

  @Test func aDefinitionTakesItsObjectsAlong() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.createWidget("w", metadata: ["finalizers": ["example.com/hold"]])
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.stable.example.com"
    try await withBackgroundWork(server) {
      try await server.send(.delete, path)
      try await eventually("the Widget is being deleted") {
        try await server.send(.get, "\(EmbeddedAPIServer.widgets)/w").json["metadata"]?["deletionTimestamp"] != nil
      }
      #expect(try await server.createWidget("late")["code"] == 405)
      try await server.merge("\(EmbeddedAPIServer.widgets)/w", ["metadata": ["finalizers": nil]])
      try await eventually("the definition is gone") { try await !self.exists(server, path) }
      #expect(try await server.send(.get, EmbeddedAPIServer.widgets).status == 404)
    }
  }

  @Test func eventsAreForgotten() async throws {
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory { $0.now = { time.now } }
    defer { server.close() }
    let events = "/api/v1/namespaces/default/events"
    for (name, seconds) in [("old", 0), ("new", 3000)] {
      time.advance(by: .seconds(seconds))
      let event: JSONValue = [
        "metadata": ["name": .string(name)], "involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"],
        "reason": "Started", "lastTimestamp": .string(time.now.description),
      ]
      #expect(try await server.send(.post, events, event).status == 201)
    }
    time.advance(by: .seconds(700))
    try await EventExpiry(editor: ObjectEditor(server: server), lifetime: .seconds(3600), now: { time.now }).sweep()
    let rest = try await server.send(.get, "\(events)?fieldSelector=involvedObject.name%3Dp,reason%3DStarted").json
    #expect(rest["items"]?.arrayValue?.map { $0["metadata"]?["name"] } == ["new"])
  }

  @Test func ownershipIsDecidedOnValues() {
    let object = APIObject([:])
    #expect(OwnershipDecision.decide(object, owners: [:]) == .keep)
    #expect(OwnershipDecision.decide(object, owners: ["a": .there]) == .keep)
    #expect(OwnershipDecision.decide(object, owners: ["a": .there, "b": .gone]) == .dropReferences(["b"]))
    #expect(OwnershipDecision.decide(object, owners: ["a": .gone]) == .delete(ownerWaits: false))
    #expect(OwnershipDecision.decide(object, owners: ["a": .gone, "b": .waiting]) == .delete(ownerWaits: true))
  }
}
