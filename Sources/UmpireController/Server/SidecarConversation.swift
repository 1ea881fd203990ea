import FoundationEssentials
package import HTTPTransport
import HTTPTypes
import KubernetesModel
import UmpireModel

/// The controller's side of the sidecar's REST interface: tells the game to end, and asks whether it may go.
package struct SidecarConversation: Sendable {
  private let transport: any ClientTransport

  package init(transport: any ClientTransport) { self.transport = transport }

  /// Answers are tiny; the peer beside a game server answers at once or not at all.
  private static let limits = TransportRequest.Limits(
    connect: .seconds(1), total: .seconds(2), responseBytes: 64 << 10)

  private struct Allowed: Decodable { var allowed: Bool }

  /// POSTs `{"shutdown": true}` to `/shutdown`.
  ///
  /// - Throws: `TransportError` or ``SidecarRefusal``.
  func requestShutdown(address: String, port: Int64) async throws {
    let body = (["shutdown": true] as JSONValue).serialized()
    _ = try await self.send(.post, "/shutdown", body: body, address: address, port: port)
  }

  /// GETs `/allow_delete`.
  ///
  /// - Throws: `TransportError` or ``SidecarRefusal``.
  func isDeletionAllowed(address: String, port: Int64) async throws -> Bool {
    let body = try await self.send(.get, "/allow_delete", body: [], address: address, port: port)
    do {
      return try JSONDecoder().decode(Allowed.self, from: Data(body)).allowed
    } catch {
      throw SidecarRefusal(message: "/allow_delete did not answer {\"allowed\": true|false}")
    }
  }

  private func send(
    _ method: HTTPRequest.Method, _ path: String, body: [UInt8], address: String, port: Int64
  ) async throws -> [UInt8] {
    let host = address.contains(":") ? "[\(address)]" : address
    var head = HTTPRequest(method: method, scheme: "http", authority: "\(host):\(port)", path: path)
    head.headerFields[.userAgent] = "umpire"
    if !body.isEmpty { head.headerFields[.contentType] = "application/json" }
    let answer = try await self.transport.collect(TransportRequest(head: head, body: body, limits: Self.limits))
    guard answer.head.status.code == 200 else {
      throw SidecarRefusal(message: "\(path) answered \(answer.head.status.code)")
    }
    return answer.body
  }
}

/// The sidecar answered, and not as agreed.
struct SidecarRefusal: Error, CustomStringConvertible {
  var message: String
  var description: String { self.message }
}
