import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import TestSupport
import Testing

@testable import UmpireSidecar

@Suite(.timeLimit(.minutes(1)))
struct WaitingTests {
  private func query(_ text: String) throws -> WaitQuery? {
    try WaitQuery(HummingbirdCore.URI("/x?\(text)").queryParameters)
  }

  @Test func theQueryIsADurationAndWhatIsKnown() throws {
    #expect(try self.query("") == nil)
    #expect(try self.query("wait=30s")?.limit == .seconds(30))
    #expect(try self.query("wait=1m")?.limit == .seconds(60))
    #expect(try self.query("wait=500ms&known=true")?.known == true)
    #expect(try self.query("wait=5s&known=false")?.known == false)
    for text in ["wait=", "wait=0s", "wait=-1s", "wait=61s", "wait=30", "wait=x", "wait=5s&known=yes", "known=true"] {
      #expect(throws: (any Error).self, "\(text)") { try self.query(text) }
    }
  }

  @Test func aReaderHearsAtOnceOfAChange() async throws {
    try await withSidecar(.memory) { client, sidecar in
      async let answer = client.execute(uri: "/shutdown?wait=50s", method: .get)
      try await eventually("it waits") { sidecar.flagReaders == 1 }
      try await sidecar.set(.deleteAllowed, to: true)
      #expect(sidecar.flagReaders == 1)
      try await sidecar.set(.shutdownRequested, to: true)
      let response = try await answer
      #expect(response.status == .ok)
      #expect(String(buffer: response.body) == "{\"shutdown\":true}\n")
      #expect(sidecar.flagReaders == 0)
    }
  }

  @Test func aReaderWhoKnowsAnotherValueHearsAtOnce() async throws {
    try await withSidecar(.memory) { client, _ in
      let response = try await client.execute(uri: "/shutdown?wait=50s&known=true", method: .get)
      #expect(String(buffer: response.body) == "{\"shutdown\":false}\n")
    }
  }

  @Test func withoutAChangeTheAnswerComesWhenTheTimeIsOver() async throws {
    try await withSidecar(.memory) { client, sidecar in
      let response = try await client.execute(uri: "/shutdown?wait=20ms", method: .get)
      #expect(String(buffer: response.body) == "{\"shutdown\":false}\n")
      #expect(sidecar.flagReaders == 0)
      let head = try await client.execute(uri: "/shutdown?wait=50s", method: .head)
      #expect(head.status == .ok)
      let wrong = try await client.execute(uri: "/shutdown?wait=forever", method: .get)
      #expect(wrong.status == .badRequest)
      #expect(wrong.headers[.contentType] == "application/problem+json")
    }
  }

  @Test func nothingIsLeftOfAReaderThatHasGone() async throws {
    try await withSidecar(.memory) { client, sidecar in
      let socket = try await SocketClient(port: client.port ?? 0)
      try await socket.send("GET /shutdown?wait=50s HTTP/1.1\r\nHost: x\r\n\r\n")
      try await eventually("it waits") { sidecar.flagReaders == 1 }
      socket.close()
      try await eventually("it is forgotten") { sidecar.flagReaders == 0 }
    }
  }
}
