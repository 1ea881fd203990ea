import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubernetesClient
import KubernetesModel
import Logging
import Observability
import ServerSupport
import TestSupport
import Testing

@testable import UmpireSidecar

@Suite(.timeLimit(.minutes(1)))
struct SidecarTests {
  @Test func answersThePeersWire() async throws {
    try await withSidecar(.memory) { client, _ in
      for (path, field) in [("/allow_delete", "allowed"), ("/shutdown", "shutdown")] {
        let get = try await client.execute(uri: path, method: .get)
        #expect(get.status == .ok)
        #expect(get.headers[.contentType] == "application/json")
        #expect(String(buffer: get.body) == "{\"\(field)\":false}\n")
        for value in [true, false, true] {
          let body = ByteBuffer(string: "{\"other\": 1, \"\(field)\": \(value)}")
          let post = try await client.execute(uri: path, method: .post, body: body)
          #expect(post.status == .ok)
          #expect(String(buffer: post.body) == "{\"\(field)\":\(value)}\n")
          #expect(
            String(buffer: try await client.execute(uri: path, method: .get).body) == "{\"\(field)\":\(value)}\n")
        }
        let head = try await client.execute(uri: path, method: .head)
        #expect(head.status == .ok)
        #expect(head.body.readableBytes == 0)
        let put = try await client.execute(uri: path, method: .put, body: ByteBuffer(string: "{\"\(field)\":true}"))
        #expect(put.status == .methodNotAllowed)
        #expect(put.headers[.allow] == "GET, HEAD, POST")
      }
      for method in [HTTPRequest.Method.get, .head, .post, .put, .delete] {
        let health = try await client.execute(uri: "/health", method: method)
        #expect(health.status == .ok)
        #expect(health.body.readableBytes == 0)
      }
      #expect(try await client.execute(uri: "/readyz", method: .get).status == .ok)
      #expect(try await client.execute(uri: "/metrics", method: .get).status == .ok)
      #expect(try await client.execute(uri: "/other", method: .get).status == .notFound)
    }
  }

  @Test(arguments: [
    "", "{}", "null", "[]", "true", "{", #"{"Allowed":false}"#, #"{"allowed":"false"}"#, #"{"allowed":0}"#,
    #"{"allowed":null}"#, #"{"allowed":false} x"#, #"{"shutdown":false}"#,
  ])
  func refusesAnythingElseAndChangesNothing(body: String) async throws {
    try await withSidecar(.memory) { client, sidecar in
      try await sidecar.set(.deleteAllowed, to: true)
      let response = try await client.execute(uri: "/allow_delete", method: .post, body: ByteBuffer(string: body))
      #expect(response.status == .badRequest)
      #expect(response.headers[.contentType] == "application/problem+json")
      #expect(sidecar.value(of: .deleteAllowed) == true)
    }
  }

  @Test func refusesALargeBody() async throws {
    try await withSidecar(.memory) { client, sidecar in
      let body = ByteBuffer(string: #"{"allowed":true}"# + String(repeating: " ", count: Sidecar.bodyBytes))
      let response = try await client.execute(uri: "/allow_delete", method: .post, body: body)
      #expect(response.status == .contentTooLarge)
      #expect(sidecar.value(of: .deleteAllowed) == false)
    }
  }

  @Test func storesEachFlagAsACondition() async throws {
    let api = OneServerAPI(status: ["state": "Ready", "conditions": [["type": "Ready", "status": "True"]]])
    try await withSidecar(api) { client, sidecar in
      let body = ByteBuffer(string: #"{"allowed":true}"#)
      #expect(try await client.execute(uri: "/allow_delete", method: .post, body: body).status == .ok)
      try await sidecar.set(.shutdownRequested, to: true)
      #expect(
        api.conditions == [
          ["Ready", "True", ""], ["DeleteAllowed", "True", "AllowedByGameServer"],
          ["ShutdownRequested", "True", "AskedToShutDown"],
        ])
      // What stands already is not written again.
      try await sidecar.set(.shutdownRequested, to: true)
      #expect(api.patches == 2)
    }
  }

  @Test func readsItsFlagsBackAfterARestart() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      try await sidecar.set(.deleteAllowed, to: true)
      try await sidecar.set(.shutdownRequested, to: true)
      try await sidecar.set(.shutdownRequested, to: false)
    }
    try await withSidecar(api) { _, sidecar in
      #expect(sidecar.value(of: .deleteAllowed) == true)
      #expect(sidecar.value(of: .shutdownRequested) == false)
    }
  }

  @Test func losesNoConditionOfOthersWhoWriteAtTheSameTime() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      // Adds its own condition just before ours arrives; then reorders the list just before the next.
      api.changeBeforePatch { $0["status"] = ["conditions": [["type": "Ready", "status": "True"]]] }
      try await sidecar.set(.deleteAllowed, to: true)
      #expect(api.conditions == [["Ready", "True", ""], ["DeleteAllowed", "True", "AllowedByGameServer"]])
      #expect(api.patches == 2)
      api.changeBeforePatch { object in
        object["status"] = ["conditions": .array((object["status"]?["conditions"]?.arrayValue ?? []).reversed())]
      }
      try await sidecar.set(.deleteAllowed, to: false)
      #expect(api.conditions == [["DeleteAllowed", "False", "NotAllowedByGameServer"], ["Ready", "True", ""]])
    }
  }

  @Test func manyWritersEndWithOneAnswer() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<40 {
          group.addTask {
            try await sidecar.set(index % 2 == 0 ? .deleteAllowed : .shutdownRequested, to: index % 3 == 0)
          }
        }
        try await group.waitForAll()
      }
      let stored = Dictionary(uniqueKeysWithValues: api.conditions.map { ($0[0], $0[1] == "True") })
      #expect(stored["DeleteAllowed"] == sidecar.value(of: .deleteAllowed))
      #expect(stored["ShutdownRequested"] == sidecar.value(of: .shutdownRequested))
      #expect(api.conditions.count == 2)
    }
  }

  @Test func keepsServingWhileTheAPIServerIsAway() async throws {
    let api = OneServerAPI()
    try await withSidecar(api, writeDeadline: .milliseconds(300)) { client, sidecar in
      try await sidecar.set(.shutdownRequested, to: true)
      api.setAway(true)
      let body = ByteBuffer(string: #"{"allowed":true}"#)
      let refused = try await client.execute(uri: "/allow_delete", method: .post, body: body)
      #expect(refused.status == .serviceUnavailable)
      #expect(refused.headers[.contentType] == "application/problem+json")
      #expect(
        String(buffer: try await client.execute(uri: "/allow_delete", method: .get).body) == "{\"allowed\":false}\n")
      #expect(
        String(buffer: try await client.execute(uri: "/shutdown", method: .get).body) == "{\"shutdown\":true}\n")
      api.setAway(false)
      try await eventually("the write gets through") {
        try await client.execute(uri: "/allow_delete", method: .post, body: body).status == .ok
      }
      #expect(api.conditions.map { $0[0] } == ["ShutdownRequested", "DeleteAllowed"])
    }
  }

  @Test func isNotReadyBeforeItHasReadTheServer() async throws {
    let api = OneServerAPI()
    api.setAway(true)
    try await withSidecar(.server(api.client, .arena), waitsForReading: false) { client, _ in
      for path in ["/readyz", "/allow_delete", "/shutdown"] {
        #expect(try await client.execute(uri: path, method: .get).status == .serviceUnavailable)
      }
      #expect(try await client.execute(uri: "/livez", method: .get).status == .ok)
      let body = ByteBuffer(string: #"{"allowed":true}"#)
      #expect(
        try await client.execute(uri: "/allow_delete", method: .post, body: body).status == .serviceUnavailable)
      api.setAway(false)
      try await eventually("it is ready") { try await client.execute(uri: "/readyz", method: .get).status == .ok }
    }
  }

  @Test func aDeletionAsksForShutdownAtOnce() async throws {
    let api = OneServerAPI()
    try await withSidecar(api) { _, sidecar in
      try await eventually("the watch is open") { api.watches == 1 }
      api.change { object in
        var metadata = object["metadata"] ?? [:]
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        object["metadata"] = metadata
      }
      try await eventually("shutdown is asked for") { sidecar.value(of: .shutdownRequested) == true }
      #expect(sidecar.value(of: .deleteAllowed) == false)
      #expect(api.patches == 0)
    }
  }

  @Test func refusesToSetFlagsOnceItHasStopped() async throws {
    let sidecar = Sidecar(source: .memory, logger: .silent)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await sidecar.run() }  // It throws nothing but is declared to.
      group.cancelAll()
    }
    let error = await #expect(throws: SidecarError.self) { try await sidecar.set(.deleteAllowed, to: true) }
    #expect(error?.code == .stopping)
  }
}
