import HTTPTransport
import Logging
import TestSupport
import Testing

@testable import ServerSupport

/// Clients that connect and then say nothing, or stop in the middle.
@Suite(.timeLimit(.minutes(1)))
struct HalfOpenConnectionTests {
  @Test func aThousandOfThemDoNotKeepOthersFromAnAnswer() async throws {
    let transport = ClosureTransport { .text("got \($0.body.count)") }
    try await withListener(transport) { port in
      // The ways in which a request can fail to come to its end.
      let beginnings = [
        "", "GET", "GET /api/v1 HTTP/1.1\r\nHost: x\r\nX-Long: ",
        "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nbegun",
        "POST /api/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFF\r\nbegun",
      ]
      var idlers: [SocketClient] = []
      for number in 0..<1_000 {
        let client = try await SocketClient(port: port)
        let text = beginnings[number % beginnings.count]
        if !text.isEmpty { try await client.send(text) }
        idlers.append(client)
        guard number.isMultiple(of: 250) || number == 999 else { continue }
        let other = try await SocketClient(port: port)
        try await other.send("GET /api/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(try await other.receiveAll().hasSuffix("got 0"))
      }
      // One that goes on after all is served as well.
      try await idlers[3].send(String(repeating: "x", count: 995))
      #expect(try await idlers[3].receive(until: "got 1000").hasPrefix("HTTP/1.1 200"))
      for client in idlers { client.close() }
    }
  }
}
