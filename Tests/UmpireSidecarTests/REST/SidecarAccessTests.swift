import Cryptography
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KubernetesModel
import Observability
import ServerSupport
import TestSupport
import Testing
import UmpireModel

@testable import UmpireSidecar

@Suite(.timeLimit(.minutes(1)))
struct SidecarAccessTests {
  private let key: Ed25519.SigningKey
  private let access: SidecarAccess
  private static let seconds: Int64 = 1_700_000_000
  private let stranger = Peer(address: "10.0.0.9", local: "10.0.0.4")

  init() throws {
    self.key = try Ed25519.SigningKey()
    self.access = SidecarAccess(keys: [self.key.verificationKey], server: "uid-1") {
      Timestamp(secondsSinceEpoch: Self.seconds)
    }
  }

  private func fields(_ audience: String = "uid-1") throws -> HTTPFields {
    let issued = Date(timeIntervalSince1970: TimeInterval(Self.seconds))
    let token = SignedToken(issuer: SidecarTokens.issuer, audience: audience, issued: issued)
    return [.authorization: "Bearer \(try token.signed(by: self.key))"]
  }

  @Test func whoIsInThePodNeedsNoToken() throws {
    for address in ["127.0.0.1", "127.8.9.10", "::1", "10.0.0.4", "::ffff:127.0.0.1"] {
      try self.access.check([:], from: Peer(address: address, local: "10.0.0.4"))
      try SidecarAccess.podOnly.check([:], from: Peer(address: address, local: "10.0.0.4"))
    }
  }

  @Test func othersNeedTheControllersToken() throws {
    try self.access.check(try self.fields(), from: self.stranger)
    for fields: HTTPFields in [
      [:], try self.fields("uid-2"), [.authorization: "Bearer "], [.authorization: "Basic eDp5"],
      [.authorization: "Bearer x"],
    ] {
      for peer in [self.stranger, Peer(address: nil, local: "10.0.0.4"), Peer(address: "1.127.0.1", local: "10.0.0.4")]
      {
        let problem = #expect(throws: Problem.self) { try self.access.check(fields, from: peer) }
        #expect(problem?.status == .unauthorized)
        #expect(problem?.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=") == true)
        #expect(problem?.detail.contains("Bearer") == false)
      }
    }
    #expect(throws: Problem.self) { try SidecarAccess.podOnly.check(try self.fields(), from: self.stranger) }
    var twice = try self.fields()
    twice.append(HTTPField(name: .authorization, value: "Bearer x"))
    #expect(throws: Problem.self) { try self.access.check(twice, from: self.stranger) }
  }

  /// T17: any Pod could permit a deletion.
  @Test func aStrangerReadsAndSetsNothing() async throws {
    let sidecar = Sidecar(source: .memory, logger: .silent)
    let service = HTTPService(
      sidecar.router(metrics: MetricsRegistry(), access: self.access), host: "127.0.0.1", port: 0, logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await sidecar.run() }
      defer { group.cancelAll() }
      // A router's client has no address, as if it came from far away.
      try await service.application.test(.router) { client in
        let fields = try self.fields()
        let body = ByteBuffer(string: #"{"allowed":true}"#)
        for method in [HTTPRequest.Method.get, .head, .post] {
          for path in ["/allow_delete", "/shutdown", "/allow_delete?wait=30s"] {
            let response = try await client.execute(uri: path, method: method, body: body)
            #expect(response.status == .unauthorized)
          }
        }
        #expect(sidecar.value(of: .deleteAllowed) == false)
        for path in ["/health", "/livez", "/readyz", "/metrics"] {
          #expect(try await client.execute(uri: path, method: .get).status == .ok)
        }
        #expect(try await client.execute(uri: "/allow_delete", method: .get, headers: fields).status == .ok)
        #expect(
          try await client.execute(uri: "/allow_delete", method: .post, headers: fields, body: body).status == .ok)
        #expect(sidecar.value(of: .deleteAllowed) == true)
      }
    }
  }
}
