import HTTPTransport
import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct WatchTests {
  /// Opens a watch and hands its events out one by one.
  private func withWatch<Result: Sendable>(
    _ server: EmbeddedAPIServer, _ path: String, _ body: (inout WatchReader) async throws -> Result
  ) async throws -> Result {
    let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: path)
    return try await server.withResponse(to: TransportRequest(head: head)) { response in
      var reader = WatchReader(chunks: response.body.makeAsyncIterator())
      return try await body(&reader)
    }
  }

  struct WatchReader {
    var chunks: ResponseBody.AsyncIterator
    var waiting: [JSONValue] = []

    mutating func next() async throws -> (type: String, name: String, object: JSONValue)? {
      while self.waiting.isEmpty {
        guard let chunk = try await self.chunks.next() else { return nil }
        self.waiting += try String(decoding: chunk, as: UTF8.self).split(separator: "\n")
          .map { try JSONValue(parsing: Array($0.utf8)) }
      }
      let event = self.waiting.removeFirst()
      let object = event["object"] ?? nil
      return (event["type"]?.stringValue ?? "", object["metadata"]?["name"]?.stringValue ?? "", object)
    }

    mutating func nextLine() async throws -> String? { try await self.next().map { "\($0.type) \($0.name)" } }
  }

  @Test func changesArriveWhileTheWatchIsOpen() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.createConfigMap("before")
    try await self.withWatch(server, "\(EmbeddedAPIServer.configMaps)?watch=true") { watch in
      #expect(try await watch.nextLine() == "ADDED before")
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await server.createConfigMap("other", namespace: "kube-system")
          try await server.createConfigMap("during")
        }
        #expect(try await watch.nextLine() == "ADDED during")
        try await group.waitForAll()
      }
    }
    try await self.withWatch(
      server, "\(EmbeddedAPIServer.configMaps)?watch=true&resourceVersion=\(server.revision)"
    ) { watch in
      try await server.merge("\(EmbeddedAPIServer.configMaps)/before", ["data": ["a": "b"]])
      try await server.send(.delete, "\(EmbeddedAPIServer.configMaps)/before")
      #expect(try await watch.nextLine() == "MODIFIED before")
      #expect(try await watch.nextLine() == "DELETED before")
    }
  }

  @Test func selectorsTurnChangesIntoAdditionsAndDeletions() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.createPod("p")
    try await self.withWatch(
      server, "\(EmbeddedAPIServer.pods)?watch=1&fieldSelector=spec.nodeName%3Dn"
    ) { watch in
      try await server.send(.post, "\(EmbeddedAPIServer.pods)/p/binding", ["target": ["name": "n"]])
      try await server.merge("\(EmbeddedAPIServer.pods)/p/status", ["status": ["phase": "Running"]])
      try await server.send(.delete, "\(EmbeddedAPIServer.pods)/p", ["gracePeriodSeconds": 0])
      #expect(try await watch.nextLine() == "ADDED p")
      #expect(try await watch.nextLine() == "MODIFIED p")
      #expect(try await watch.nextLine() == "DELETED p")
    }
  }

  @Test func initialEventsEndWithABookmark() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for index in 0..<70 { try await server.createConfigMap("c\(index)") }
    let path =
      "\(EmbeddedAPIServer.configMaps)?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
      + "&allowWatchBookmarks=true"
    try await self.withWatch(server, path) { watch in
      var names: Set<String> = []
      for _ in 0..<70 { names.insert(try #require(await watch.next()).name) }
      #expect(names.count == 70)
      let bookmark = try #require(try await watch.next())
      #expect(bookmark.type == "BOOKMARK")
      #expect(bookmark.object["metadata"]?["annotations"] == ["k8s.io/initial-events-end": "true"])
      #expect(bookmark.object["metadata"]?["resourceVersion"] == .string(String(server.revision)))
      #expect(bookmark.object["kind"] == "ConfigMap")
    }
    let refused = try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?watch=1&sendInitialEvents=true")
    #expect(refused.status == 422)
  }

  @Test func bookmarksCarryTheNewestVersion() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.bookmarkInterval = .milliseconds(20) }
    defer { server.close() }
    let start = server.revision
    try await self.withWatch(
      server, "\(EmbeddedAPIServer.pods)?watch=1&allowWatchBookmarks=true&resourceVersion=\(start)"
    ) { watch in
      try await server.createConfigMap("elsewhere")
      var version: JSONValue?
      while version != .string(String(server.revision)) {
        let event = try #require(try await watch.next())
        #expect(event.type == "BOOKMARK")
        version = event.object["metadata"]?["resourceVersion"]
      }
    }
  }

  @Test func aWatchThatFellBehindIsToldSo() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.historyEvents = 3 }
    defer { server.close() }
    let start = server.revision
    try await self.withWatch(server, "\(EmbeddedAPIServer.configMaps)?watch=1&resourceVersion=\(start)") { watch in
      for index in 0..<10 { try await server.createConfigMap("c\(index)") }
      let event = try #require(try await watch.next())
      #expect(event.type == "ERROR")
      #expect(event.object["code"] == 410)
      #expect(event.object["reason"] == "Expired")
      #expect(try await watch.nextLine() == nil)
    }
    let late = try await server.send(.get, "\(EmbeddedAPIServer.configMaps)?watch=1&resourceVersion=\(start)")
    #expect(late.status == 200)
    #expect(late.events.map { $0["object"]?["code"] } == [410])
  }

  @Test func watchesEndWhenTheServerClosesOrTheReaderGoes() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    try await self.withWatch(server, "\(EmbeddedAPIServer.configMaps)?watch=1") { watch in
      server.close()
      let end = try await watch.nextLine()
      #expect(end == nil)
    }
    let other = try await EmbeddedAPIServer.inMemory()
    defer { other.close() }
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: CancellationError.self) {
          try await self.withWatch(other, "\(EmbeddedAPIServer.configMaps)?watch=1") { _ = try await $0.next() }
        }
      }
      group.cancelAll()
    }
  }

  @Test func tablesNameTheirColumnsOnce() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    try await server.createConfigMap("a")
    try await server.createConfigMap("b")
    let answer = try await server.send(
      .get, "\(EmbeddedAPIServer.configMaps)?watch=1&timeoutSeconds=0",
      fields: ["Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"])
    #expect(answer.events.map { $0["object"]?["columnDefinitions"]?.isNull } == [false, true])
    #expect(answer.events.compactMap { $0["object"]?["rows"]?[0]?["cells"]?[0] } == ["a", "b"])
  }
}
