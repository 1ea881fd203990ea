import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

/// Events in their two forms.
struct EventFormsTests {
  private static let old = "/api/v1/namespaces/default/events"
  private static let new = "/apis/events.k8s.io/v1/namespaces/default/events"

  @Test func anEventOfTheCoreGroupIsSeenInTheOther() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let made = try await server.send(
      .post, Self.old,
      [
        "metadata": ["name": "e"], "involvedObject": ["kind": "Pod", "name": "p", "namespace": "default"],
        "reason": "R", "message": "m", "count": 2, "source": ["component": "c"],
        "lastTimestamp": "2026-01-01T00:00:00Z",
      ])
    #expect(made.status == 201, "\(made.text)")
    #expect(made.json["eventTime"] == .null)
    #expect(made.json["reportingComponent"] == "")
    let seen = try await server.send(.get, "\(Self.new)/e")
    #expect(seen.json["apiVersion"] == "events.k8s.io/v1")
    #expect(seen.json["regarding"]?["name"] == "p")
    #expect(seen.json["note"] == "m")
    #expect(seen.json["deprecatedCount"] == 2)
    #expect(seen.json["deprecatedSource"] == ["component": "c"])
    #expect(seen.json["deprecatedLastTimestamp"] == "2026-01-01T00:00:00Z")
    #expect(seen.json["reportingController"] == nil)
    #expect(seen.json["involvedObject"] == nil)
  }

  @Test func listsAndSelectorsSpeakTheirForm() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for name in ["a", "b"] {
      let made = try await server.send(
        .post, Self.new,
        [
          "metadata": ["name": .string(name)], "eventTime": "2026-01-01T00:00:00.000000Z", "type": "Normal",
          "reportingController": "example.com/c", "reportingInstance": "c-1", "action": "A", "reason": "R",
          "regarding": ["kind": "Pod", "name": .string(name), "namespace": "default"],
        ])
      #expect(made.status == 201, "\(made.text)")
    }
    let list = try await server.send(.get, "\(Self.new)?fieldSelector=regarding.name%3Da")
    #expect(list.json["kind"] == "EventList")
    #expect(list.json["items"]?.arrayValue?.map { $0["regarding"]?["name"] } == ["a"])
    let other = try await server.send(.get, "\(Self.old)?fieldSelector=involvedObject.name%3Db")
    #expect(other.json["items"]?.arrayValue?.map { $0["involvedObject"]?["name"] } == ["b"])
    #expect(try await server.send(.get, "\(Self.new)?fieldSelector=involvedObject.name%3Da").status == 400)
    let watch = try await server.send(.get, "\(Self.new)?watch=true&timeoutSeconds=0")
    #expect(watch.events.map { $0["object"]?["regarding"]?["kind"] } == ["Pod", "Pod"])
    let table = try await server.send(
      .get, Self.new, fields: ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"])
    #expect(table.json["rows"]?.arrayValue?.first?["cells"]?.arrayValue?.contains("pod/a") == true)
  }

  @Test(
    arguments: [
      ([:], ["eventTime", "involvedObject.namespace", "type"]),
      (
        ["eventTime": "2026-01-01T00:00:00.000000Z", "type": "Normal", "regarding": ["namespace": "default"]],
        ["action", "reason", "reportingController", "reportingInstance"]
      ),
    ] as [(JSONValue, [String])])
  func theNewFormAsksForMore(fields: JSONValue, missing: [String]) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(.post, "/api/v1/namespaces", ["metadata": ["name": "games"]])
    let isFirst = fields == [:]
    let path = isFirst ? "/apis/events.k8s.io/v1/namespaces/games/events" : Self.new
    var body = fields
    body["metadata"] = ["name": "e"]
    let answer = try await server.send(.post, path, body)
    #expect(answer.status == 422)
    #expect(Set(answer.causes.map { String($0.prefix { $0 != ":" }) }).sorted() == missing)
  }

  @Test func whatAnEventSaysStays() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.send(
      .post, Self.new,
      [
        "metadata": ["name": "e"], "eventTime": "2026-01-01T00:00:00.000000Z", "type": "Normal",
        "reportingController": "example.com/c", "reportingInstance": "c-1", "action": "A", "reason": "R",
        "regarding": ["kind": "Pod", "name": "p", "namespace": "default"],
      ])
    let changed = try await server.merge("\(Self.new)/e", ["note": "other", "type": "Warning"])
    #expect(changed.causes.sorted() == ["message: FieldValueInvalid", "type: FieldValueInvalid"])
    let series = try await server.merge("\(Self.new)/e", ["series": ["count": 1]])
    #expect(series.causes.contains("series.count: FieldValueInvalid"))
  }

  @Test func formsTurnIntoEachOther() {
    let shown = APIObject([
      "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": "e"], "regarding": ["name": "p"],
      "note": "n", "eventTime": "2026-01-01T00:00:00.000000Z", "reportingController": "c", "reportingInstance": "i",
      "deprecatedSource": [:], "deprecatedFirstTimestamp": nil, "deprecatedLastTimestamp": nil, "type": "Normal",
    ])
    let stored = EventForms.stored(shown)
    #expect(stored.json["involvedObject"] == ["name": "p"])
    #expect(stored.json["reportingComponent"] == "c")
    #expect(EventForms.shown(stored) == shown)
    #expect(EventForms.stored(stored) == stored)
  }
}
