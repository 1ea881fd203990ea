import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization
import Testing

@testable import APIServer

struct PodLogTests {
  /// Hands out what it was asked for as text, and ends when the server says so.
  private struct EchoingSource: PodLogSource {
    func output(_ query: PodLogQuery) async throws -> ResponseBody {
      var text = "\(query.namespace)/\(query.pod)/\(query.container) \(query.tailLines ?? -1) \(query.limitBytes ?? -1)"
      if let since = query.since { text += " since \(since)" }
      if query.showsTimes { text += " with times" }
      if query.isPrevious { text += " of the run before" }
      let sent = Once(Array(text.utf8))
      return ResponseBody {
        if let bytes = sent.take() { return bytes }
        while let hasEnded = query.hasEnded, try await !hasEnded() { try await Task.sleep(for: .milliseconds(2)) }
        return nil
      }
    }
  }

  private final class Once: Sendable {
    private let bytes: Mutex<[UInt8]?>
    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }
    func take() -> [UInt8]? { self.bytes.withLock { $0.take() } }
  }

  private static let running: JSONValue = [
    "containerStatuses": [["name": "main", "containerID": "process://1", "state": ["running": .object([:])]]]
  ]

  private func server() async throws -> EmbeddedAPIServer {
    let server = try await EmbeddedAPIServer.inMemory { $0.podLogs = EchoingSource() }
    try await server.createPod("duel", node: "local")
    return server
  }

  private func set(_ status: JSONValue, in server: EmbeddedAPIServer) async throws {
    try await server.merge(EmbeddedAPIServer.pods + "/duel/status", ["status": status])
  }

  @Test func asksTheSourceForTheOnlyContainer() async throws {
    let server = try await self.server()
    try await self.set(Self.running, in: server)
    let answer = try await server.send(.get, EmbeddedAPIServer.pods + "/duel/log?tailLines=3&limitBytes=9")
    #expect(answer.status == 200)
    #expect(answer.contentType == "text/plain")
    #expect(answer.text == "default/duel/main 3 9")
  }

  @Test(arguments: [
    ("sinceSeconds=60", " since 2025-12-31T23:59:00Z"), ("sinceSeconds=9223372036854775807", ""),
    ("sinceTime=2026-01-01T02:00:00%2B01:00", " since 2026-01-01T01:00:00Z"), ("timestamps=true", " with times"),
    ("previous=true&follow=true", " of the run before"),
  ])
  func saysWhichLinesAreWanted(query: String, wanted: String) async throws {
    let time = ManualTime()
    let server = try await EmbeddedAPIServer.inMemory {
      $0.podLogs = EchoingSource()
      $0.now = { time.now }
    }
    try await server.createPod("duel", node: "local")
    let status: JSONValue = [
      "name": "main", "state": ["running": .object([:])], "lastState": ["terminated": ["exitCode": 1]],
    ]
    try await self.set(["containerStatuses": [status]], in: server)
    let answer = try await server.send(.get, EmbeddedAPIServer.pods + "/duel/log?\(query)")
    #expect(answer.text == "default/duel/main -1 -1\(wanted)")
  }

  @Test(arguments: [
    ("tailLines=-1", 422, "must be greater than or equal to 0"), ("limitBytes=0", 422, "must be greater than 0"),
    ("tailLines=x", 400, "invalid syntax"), ("container=none", 400, "container none is not valid for pod duel"),
    ("previous=true", 400, "previous terminated container \"main\" in pod \"duel\" not found"),
    ("sinceSeconds=0", 422, "must be greater than 0"), ("sinceTime=noon", 400, "parsing time"),
    ("sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z", 422, "at most one of"),
  ])
  func refusesWhatItCannotAnswer(query: String, status: Int, message: String) async throws {
    let server = try await self.server()
    try await self.set(Self.running, in: server)
    let answer = try await server.send(.get, EmbeddedAPIServer.pods + "/duel/log?\(query)")
    #expect(answer.status == status)
    #expect(answer.json["message"]?.stringValue?.contains(message) == true)
  }

  @Test func aContainerMustHaveStarted() async throws {
    let server = try await self.server()
    let path = EmbeddedAPIServer.pods + "/duel/log"
    #expect(try await server.send(.get, path).json["message"] == "container \"main\" in pod \"duel\" is not available")
    try await self.set(
      ["containerStatuses": [["name": "main", "state": ["waiting": ["reason": "ErrImagePull"]]]]], in: server)
    #expect(
      try await server.send(.get, path).json["message"]
        == "container \"main\" in pod \"duel\" is waiting to start: ErrImagePull")
    try await server.createPod("unbound")
    let unbound = try await server.send(.get, EmbeddedAPIServer.pods + "/unbound/log")
    #expect(unbound.status == 200)
    #expect(unbound.text == "")
    #expect(try await server.send(.get, EmbeddedAPIServer.pods + "/none/log").status == 404)
  }

  @Test func aServerWithoutANodeSaysSo() async throws {
    let server = try await EmbeddedAPIServer.inMemory()
    try await server.createPod("duel", node: "local")
    try await self.set(Self.running, in: server)
    #expect(try await server.send(.get, EmbeddedAPIServer.pods + "/duel/log").status == 503)
  }

  @Test(.timeLimit(.minutes(1)), arguments: [true, false]) func followingEndsWithTheRun(byDeletion: Bool) async throws {
    let server = try await self.server()
    try await self.set(Self.running, in: server)
    let head = HTTPRequest(
      method: .get, scheme: nil, authority: nil, path: EmbeddedAPIServer.pods + "/duel/log?follow=true")
    try await server.withResponse(to: TransportRequest(head: head)) { response in
      #expect(response.head.headerFields[.contentLength] == nil)
      var chunks = response.body.makeAsyncIterator()
      #expect(try await chunks.next() != nil)
      if byDeletion {
        try await server.send(.delete, EmbeddedAPIServer.pods + "/duel?gracePeriodSeconds=0")
      } else {
        let next: JSONValue = ["name": "main", "containerID": "process://2", "state": ["running": .object([:])]]
        try await self.set(["containerStatuses": [next]], in: server)
      }
      #expect(try await chunks.next() == nil)
    }
  }
}
