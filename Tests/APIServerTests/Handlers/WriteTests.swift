import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct WriteTests {
  @Test func namesAreGeneratedAndDiffer() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var names: Set<String> = []
    for _ in 0..<20 {
      let answer = try await server.send(
        .post, EmbeddedAPIServer.configMaps, ["metadata": ["generateName": "g-"]])
      #expect(answer.status == 201)
      let name = answer.json["metadata"]?["name"]?.stringValue ?? ""
      #expect(name.wholeMatch(of: /g-[bcdfghjklmnpqrstvwxz2456789]{5}/) != nil)
      names.insert(name)
    }
    #expect(names.count == 20)
  }

  @Test func writesThatArriveTogetherAllHappen() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.createWidget("shared")
    try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<20 {
        group.addTask {
          try await server.send(.post, EmbeddedAPIServer.configMaps, ["metadata": ["name": .string("c\(index)")]])
            .status
        }
        group.addTask {
          let patch: JSONValue = ["metadata": ["labels": [.init("k\(index)"): "v"]]]
          return try await server.merge("\(EmbeddedAPIServer.widgets)/shared", patch).status
        }
      }
      for try await status in group { #expect(status == 200 || status == 201) }
    }
    let labels = try await server.send(.get, "\(EmbeddedAPIServer.widgets)/shared").json["metadata"]?["labels"]
    #expect(labels?.objectValue?.count == 20)
    #expect(try await server.send(.get, EmbeddedAPIServer.configMaps).json["items"]?.arrayValue?.count == 20)
  }

  @Test func ofTwoCreationsOfOneNameOneWins() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<10 {
        group.addTask {
          try await server.send(.post, EmbeddedAPIServer.configMaps, ["metadata": ["name": "one"]]).status
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses.sorted() == [201] + Array(repeating: 409, count: 9))
  }

  @Test func updatesNeedTheNewestVersion() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    var map = try await server.createConfigMap("c")
    let path = "\(EmbeddedAPIServer.configMaps)/c"
    map["data"] = ["a": "1"]
    #expect(try await server.send(.put, path, map).status == 200)
    let stale = try await server.send(.put, path, map)
    #expect(stale.status == 409)
    #expect(stale.json["reason"] == "Conflict")
    // These may be updated without a version.
    map["metadata"]?["resourceVersion"] = nil
    map["data"] = ["a": "2"]
    #expect(try await server.send(.put, path, map).json["data"] == ["a": "2"])
    map["metadata"]?["uid"] = "00000000-0000-0000-0000-000000000000"
    #expect(try await server.send(.put, path, map).status == 409)
    #expect(
      try await server.send(.put, "\(EmbeddedAPIServer.configMaps)/none", ["metadata": ["name": "none"]]).status == 404)
    let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    #expect(try await server.send(.put, "\(leases)/made", ["metadata": ["name": "made"]]).status == 201)
  }

  @Test func aWriteThatChangesNothingKeepsTheVersion() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let widget = try await server.createWidget("same")
    let revision = server.revision
    #expect(try await server.send(.put, "\(EmbeddedAPIServer.widgets)/same", widget).json == widget)
    #expect(try await server.merge("\(EmbeddedAPIServer.widgets)/same", ["spec": ["owner": "team-a"]]).json == widget)
    #expect(server.revision == revision)
  }

  @Test func whatAClientCannotChangeStays() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let widget = try await server.createWidget("fixed")
    let patch: JSONValue = [
      "metadata": [
        "creationTimestamp": "2000-01-01T00:00:00Z", "generation": 99, "selfLink": "/",
      ]
    ]
    #expect(try await server.merge("\(EmbeddedAPIServer.widgets)/fixed", patch).json == widget)
  }

  @Test func badMetadataIsListedFaultByFault() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let answer = try await server.send(
      .post, EmbeddedAPIServer.widgets,
      [
        "apiVersion": "stable.example.com/v1", "kind": "Widget",
        "metadata": [
          "name": "x", "labels": ["-bad": "v", "good": "-v"], "finalizers": ["no/t/good"],
          "ownerReferences": [["apiVersion": "v1", "kind": "Pod", "name": "p"]],
        ],
        "spec": ["owner": "o"],
      ])
    #expect(answer.status == 422)
    #expect(
      answer.causes == [
        "metadata.labels: FieldValueInvalid", "metadata.labels: FieldValueInvalid",
        "metadata.ownerReferences.uid: FieldValueInvalid", "metadata.finalizers: FieldValueInvalid",
      ])
    let mistyped = try await server.send(
      .post, EmbeddedAPIServer.configMaps, ["metadata": ["name": "x", "labels": ["a": 1]]])
    #expect(mistyped.status == 400)
  }

  @Test func duplicateFieldsAreReported() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let body = Array(#"{"metadata":{"name":"d"},"data":{"a":"1","a":"2"},"datum":{}}"#.utf8)
    let strict = try await server.send(.post, "\(EmbeddedAPIServer.configMaps)?fieldValidation=Strict", bytes: body)
    #expect(strict.status == 400)
    #expect(
      strict.json["message"]?.stringValue?.hasSuffix(
        #"strict decoding error: duplicate field "data.a", unknown field "datum""#) == true)
    let warned = try await server.send(.post, EmbeddedAPIServer.configMaps, bytes: body)
    #expect(warned.json["data"] == ["a": "2"])
    #expect(warned.warning?.hasPrefix(#"299 - "duplicate field \"data.a\"""#) == true)
    #expect(
      try await server.send(.post, "\(EmbeddedAPIServer.configMaps)?fieldValidation=No", bytes: body).status == 422)
  }

  @Test func requestsOutOfBoundsAreRefused() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    let large = Array(repeating: UInt8(ascii: " "), count: EmbeddedAPIServer.maximumBodyBytes + 1)
    #expect(try await server.send(.post, EmbeddedAPIServer.configMaps, bytes: large).status == 413)
    let deep = Array(String(repeating: "[", count: 10_000).utf8)
    #expect(try await server.send(.post, EmbeddedAPIServer.configMaps, bytes: deep).status == 400)
    #expect(
      try await server.send(.post, EmbeddedAPIServer.configMaps, ["metadata": [:]], type: "text/plain").status
        == 415)
    let protobuf = ["Accept": "application/vnd.kubernetes.protobuf"]
    #expect(try await server.send(.get, EmbeddedAPIServer.configMaps, fields: protobuf).status == 406)
    #expect(try await server.send(.put, EmbeddedAPIServer.configMaps, [:]).status == 405)
    #expect(try await server.send(.post, "/api/v1/configmaps", [:]).status == 405)
    #expect(try await server.send(.put, EmbeddedAPIServer.widgets, [:]).json["details"]?["kind"] == "widgets")
    let operations = JSONValue.array(
      Array(repeating: ["op": "test", "path": "/kind", "value": "Widget"], count: 10_001))
    try await server.createWidget("w")
    let patched = try await server.send(
      .patch, "\(EmbeddedAPIServer.widgets)/w", operations, type: "application/json-patch+json")
    #expect(patched.status == 413)
  }

  @Test func patchesCannotMakeWhatCouldNotBeSent() async throws {
    let server = try await EmbeddedAPIServer.withWidgets()
    defer { server.close() }
    try await server.createWidget("w", spec: ["template": ["a": [:]]])
    let path = "\(EmbeddedAPIServer.widgets)/w"
    let copies = (0..<190).map { index -> JSONValue in
      let inner = "/spec/template" + String(repeating: "/a", count: index)
      return ["op": "add", "path": .string("\(inner)/a"), "value": ["a": [:]]]
    }
    let deep = try await server.send(.patch, path, .array(copies), type: "application/json-patch+json")
    #expect(deep.status == 400)
    let half = JSONValue.string(String(repeating: "x", count: EmbeddedAPIServer.maximumBodyBytes * 2 / 3))
    #expect(try await server.merge(path, ["spec": ["template": ["one": half]]]).status == 200)
    #expect(try await server.merge(path, ["spec": ["template": ["two": half]]]).status == 413)
    #expect(try await server.send(.get, path).status == 200)
  }

  @Test func tokensAreChecked() async throws {
    let server = try await EmbeddedAPIServer.inMemory {
      $0.bearerTokens = ["secret"]
      $0.allowsAnonymous = false
    }
    defer { server.close() }
    #expect(try await server.send(.get, "/api/v1/pods").status == 401)
    #expect(try await server.send(.get, "/api/v1/pods", fields: ["Authorization": "Bearer secre"]).status == 401)
    #expect(try await server.send(.get, "/api/v1/pods", fields: ["Authorization": "Basic secret"]).status == 401)
    #expect(try await server.send(.get, "/api/v1/pods", fields: ["Authorization": "Bearer secret"]).status == 200)
    #expect(try await server.send(.get, "/readyz").status == 200)
  }

  @Test func aClosedServerSaysSo() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    server.close()
    let answer = try await server.send(.post, EmbeddedAPIServer.configMaps, ["metadata": ["name": "late"]])
    #expect(answer.status == 503)
  }
}
