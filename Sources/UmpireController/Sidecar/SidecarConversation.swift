import Cryptography
import FoundationEssentials
package import HTTPTransport
import HTTPTypes
package import KubernetesModel
import UmpireModel

/// The controller's side of the sidecar's REST interface: tells the game to end, and asks whether it may go.
package struct SidecarConversation: Sendable {
  private let transport: any ClientTransport
  private let keys: (any SidecarKeySource)?
  private let now: @Sendable () -> Timestamp

  /// - Parameter keys: by which sidecars know the controller; nil to speak to those only that take anyone's word.
  package init(
    transport: any ClientTransport, keys: (any SidecarKeySource)? = nil,
    now: @escaping @Sendable () -> Timestamp = { .now }
  ) {
    self.transport = transport
    self.keys = keys
    self.now = now
  }

  /// A sidecar, and where it is.
  struct Party: Sendable, Hashable {
    /// The Pod's address.
    var address: String
    /// The port of the sidecar.
    var port: Int64
    /// The uid of its Server, for which tokens are made.
    var server: String
  }

  /// What a sidecar is to know the controller by; nil if there is nothing.
  func verificationKey() async throws -> Ed25519.VerificationKey? { try await self.keys?.key().verificationKey }

  /// Answers are tiny; the peer beside a game server answers at once or not at all.
  private static let limits = TransportRequest.Limits(
    connect: .seconds(1), total: .seconds(2), responseBytes: 64 << 10)

  private struct Allowed: Decodable { var allowed: Bool }

  /// POSTs `{"shutdown": true}` to `/shutdown`.
  ///
  /// - Throws: `TransportError` or ``SidecarRefusal``.
  func requestShutdown(_ party: Party) async throws {
    let body = (["shutdown": true] as JSONValue).serialized()
    _ = try await self.send(.post, "/shutdown", body: body, to: party)
  }

  /// GETs `/allow_delete`.
  ///
  /// - Throws: `TransportError` or ``SidecarRefusal``.
  func isDeletionAllowed(_ party: Party) async throws -> Bool {
    let body = try await self.send(.get, "/allow_delete", body: [], to: party)
    do {
      return try JSONDecoder().decode(Allowed.self, from: Data(body)).allowed
    } catch {
      throw SidecarRefusal(message: "/allow_delete did not answer {\"allowed\": true|false}")
    }
  }

  private func send(
    _ method: HTTPRequest.Method, _ path: String, body: [UInt8], to party: Party
  ) async throws -> [UInt8] {
    var head = HTTPRequest(
      method: method, scheme: "http", authority: "\(HostPort(host: party.address, port: Int(party.port)))", path: path)
    head.headerFields[.userAgent] = "umpire"
    if let key = try await self.keys?.key() {
      let issued = Date(timeIntervalSince1970: TimeInterval(self.now().secondsSinceEpoch))
      let token = SignedToken(issuer: SidecarTokens.issuer, audience: party.server, issued: issued)
      head.headerFields[.authorization] = "Bearer \(try token.signed(by: key))"
    }
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
