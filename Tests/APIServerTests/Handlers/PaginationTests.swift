import HTTPTypes
import KubernetesModel
import Testing

@testable import APIServer

struct PaginationTests {
  private static let maps = EmbeddedAPIServer.configMaps

  private func names(_ list: JSONValue) -> [String] {
    (list["items"]?.arrayValue ?? []).map { $0["metadata"]?["name"]?.stringValue ?? "" }
  }

  private func token(_ list: JSONValue) throws -> String {
    let token = try #require(list["metadata"]?["continue"]?.stringValue)
    #expect(!token.isEmpty)
    return token
  }

  @Test func laterPagesShowTheStateOfTheFirst() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for name in ["b", "d", "f", "h", "j"] { try await server.createConfigMap(name) }
    let first = try await server.send(.get, "\(Self.maps)?limit=2").json
    #expect(self.names(first) == ["b", "d"])
    #expect(first["metadata"]?["remainingItemCount"] == 3)
    let version = first["metadata"]?["resourceVersion"]

    // One is changed, one deleted, one deleted and made again, and others come before, between and after.
    try await server.merge("\(Self.maps)/f", ["data": ["changed": "yes"]])
    try await server.send(.delete, "\(Self.maps)/h")
    try await server.send(.delete, "\(Self.maps)/j")
    for name in ["a", "e", "j", "z"] { try await server.createConfigMap(name, metadata: ["labels": ["new": "yes"]]) }

    let second = try await server.send(.get, "\(Self.maps)?limit=2&continue=\(try self.token(first))").json
    #expect(self.names(second) == ["f", "h"])
    #expect(second["items"]?[0]?["data"] == nil)
    #expect(second["metadata"]?["resourceVersion"] == version)
    #expect(second["metadata"]?["remainingItemCount"] == 1)
    let third = try await server.send(.get, "\(Self.maps)?limit=2&continue=\(try self.token(second))").json
    #expect(self.names(third) == ["j"])
    #expect(third["items"]?[0]?["metadata"]?["labels"] == nil)
    #expect(third["metadata"]?["continue"] == nil)

    let past = "resourceVersionMatch=Exact&resourceVersion=\(version?.stringValue ?? "")"
    #expect(self.names(try await server.send(.get, "\(Self.maps)?\(past)").json) == ["b", "d", "f", "h", "j"])
    #expect(
      self.names(try await server.send(.get, Self.maps).json) == ["a", "b", "d", "e", "f", "j", "z"])
  }

  @Test func pagesStayConsistentWhileOthersWrite() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for index in 0..<40 { try await server.createConfigMap("old-\(index)") }
    let before = self.names(try await server.send(.get, Self.maps).json)
    var page = try await server.send(.get, "\(Self.maps)?limit=3").json
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          for index in 0..<10 {
            try await server.createConfigMap("old-\(writer)-\(index)")
            try await server.send(.delete, "\(Self.maps)/old-\(writer * 10 + index)")
          }
        }
      }
      var found = self.names(page)
      while let token = page["metadata"]?["continue"]?.stringValue {
        page = try await server.send(.get, "\(Self.maps)?limit=3&continue=\(token)").json
        found += self.names(page)
      }
      #expect(found == before)
      try await group.waitForAll()
    }
  }

  @Test func selectorsSeeTheStateOfTheFirstPageAndAreNotCounted() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    for name in ["a", "b", "c"] { try await server.createConfigMap(name, metadata: ["labels": ["k": "v"]]) }
    let first = try await server.send(.get, "\(Self.maps)?limit=1&labelSelector=k%3Dv").json
    #expect(first["metadata"]?["remainingItemCount"] == nil)
    try await server.merge("\(Self.maps)/b", ["metadata": ["labels": ["k": "other"]]])
    let rest = try await server.send(.get, "\(Self.maps)?labelSelector=k%3Dv&continue=\(try self.token(first))").json
    #expect(self.names(rest) == ["b", "c"])
  }

  @Test func aListThatIsTooOldCanGoOnWithThePresentState() async throws {
    let server = try await EmbeddedAPIServer.inMemory { $0.historyEvents = 2 }
    defer { server.close() }
    for name in ["a", "b"] { try await server.createConfigMap(name) }
    let page = try await server.send(.get, "\(Self.maps)?limit=1").json
    for index in 0..<5 { try await server.createConfigMap("more-\(index)") }
    let late = try await server.send(.get, "\(Self.maps)?limit=1&continue=\(try self.token(page))")
    #expect(late.status == 410)
    #expect(late.json["reason"] == "Expired")
    #expect(
      late.json["message"]?.stringValue?.hasPrefix("The provided continue parameter is too old to display") == true)
    let next = try await server.send(.get, "\(Self.maps)?limit=2&continue=\(try self.token(late.json))").json
    #expect(self.names(next) == ["b", "more-0"])
    #expect(next["metadata"]?["resourceVersion"] == .string(String(server.revision)))
    #expect(next["metadata"]?["remainingItemCount"] == 4)

    let exact = try await server.send(.get, "\(Self.maps)?resourceVersionMatch=Exact&resourceVersion=1")
    #expect(exact.status == 410)
    #expect(exact.json["message"] == "The resourceVersion for the provided list is too old.")
  }

  @Test(arguments: [
    ("resourceVersionMatch=Exact", "resourceVersionMatch: FieldValueForbidden"),
    ("resourceVersionMatch=Exact&resourceVersion=0", "resourceVersionMatch: FieldValueForbidden"),
    ("resourceVersionMatch=Roughly&resourceVersion=1", "resourceVersionMatch: FieldValueNotSupported"),
    ("sendInitialEvents=true", "sendInitialEvents: FieldValueForbidden"),
    ("watch=1&resourceVersionMatch=NotOlderThan", "resourceVersionMatch: FieldValueForbidden"),
    ("watch=1&sendInitialEvents=true", "resourceVersionMatch: FieldValueForbidden"),
  ])
  func contradictingOptionsAreRefused(query: String, cause: String) async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    defer { server.close() }
    let answer = try await server.send(.get, "\(Self.maps)?\(query)")
    #expect(answer.status == 422)
    #expect(answer.json["details"]?["kind"] == "ListOptions")
    #expect(answer.causes == [cause])
  }

  @Test func aClosedServerSaysSo() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    server.close()
    for path in [Self.maps, "\(Self.maps)/a"] { #expect(try await server.send(.get, path).status == 503) }
    #expect(try await server.send(.post, Self.maps, ["metadata": ["name": "a"]]).status == 503)
    server.close()
  }
}
