import CurlTransport
import HTTPTransport
import HTTPTypes
import KubernetesModel

/// Short requests to the programs under test, through libcurl.
struct HTTPCalls: Sendable {
  let transport: CurlHTTPTransport
  let authority: String

  func send(
    _ method: HTTPRequest.Method, _ path: String, _ body: String = ""
  ) async throws -> (status: Int, text: String) {
    var head = HTTPRequest(method: method, scheme: "http", authority: self.authority, path: path)
    if !body.isEmpty { head.headerFields[.contentType] = "application/json" }
    let answer = try await self.transport.collect(TransportRequest(head: head, body: Array(body.utf8)))
    return (answer.head.status.code, String(decoding: answer.body, as: UTF8.self))
  }

  func json(_ method: HTTPRequest.Method, _ path: String, _ body: String = "") async throws -> JSONValue {
    try JSONValue(parsing: Array(try await self.send(method, path, body).text.utf8))
  }
}
