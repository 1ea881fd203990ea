import HTTPTransport
import HTTPTypes
import Synchronization
import Testing

@testable import CurlTransport

@Suite(.timeLimit(.minutes(2)))
struct HeaderLinesTests {
  @Test func saysWhatIsSentAndWhatIsNot() throws {
    let empty = try #require(HTTPField.Name("X-Empty"))
    let lines = HeaderLines([.contentType: "text/plain", empty: "", .contentLength: "5", .connection: "close"])
    let text = "Content-Type: text/plain\0X-Empty;\0Expect:\0Accept:\0"
    #expect(String(decoding: lines.bytes, as: UTF8.self) == text)
    #expect(lines.starts == [0, 25, 34, 42])
  }

  /// One handle sends all of them, and each has its own fields and no others.
  @Test func aHandleSendsOneRequestAfterAnother() async throws {
    let seen = Mutex<[String]>([])
    try await ScriptedServer.run { connection in
      while let request = connection.readRequest() {
        seen.withLock { $0.append(request) }
        connection.respond(body: "ok")
      }
    } _: { server in
      try await withTransport { transport in
        for count in [0, 3, 200, 1, 40] {
          var fields: HTTPFields = [:]
          for number in 0..<count {
            let value = String(repeating: "v", count: number)
            fields.append(HTTPField(name: try #require(.init("X-\(number)")), value: value))
          }
          _ = try await transport.collect(.to(server.authority, fields: fields))
          let request = try #require(seen.withLock { $0.popLast() })
          let lines = request.split(separator: "\r\n").dropFirst().filter { !$0.hasPrefix("Host:") }
          let expected = (0..<count).map { $0 == 0 ? "X-0:" : "X-\($0): \(String(repeating: "v", count: $0))" }
          #expect(lines.map(String.init) == expected)
        }
        #expect(transport.statistics.connectionsOpened == 1)
      }
    }
  }
}
