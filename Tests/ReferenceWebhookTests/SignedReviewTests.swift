import Cryptography
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Observability
import ServerSupport
import Synchronization
import Testing
import UmpireModel

@testable import ReferenceWebhook

struct SignedReviewTests {
  private static let now: Int64 = 1_800_000_000
  private static let push =
    #"{"request":{"uid":"u-1","name":"arena","namespace":"games","constraints":[{"type":"NotInService"}]}}"#
  private let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  private func withClient(
    secrets: [String], _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
  ) async throws {
    let signatures = SignatureGuard(
      secrets: SigningSecrets(try secrets.map { try WebhookSecret($0) }, logger: self.silent), now: { Self.now })
    let server = ReferenceWebhookServer(signatures: signatures, logger: self.silent)
    let service = HTTPService(
      server.router(metrics: MetricsRegistry()), host: "127.0.0.1", port: 0, logger: self.silent)
    try await service.application.test(.router, body)
  }

  private static func fields(
    id: String = UUID().uuidString, at timestamp: Int64 = now, body: String = push, secret: String
  ) throws -> HTTPFields {
    let signature = try WebhookSignature(
      signing: Array(body.utf8), id: id, timestamp: timestamp, secrets: [WebhookSecret(secret)])
    return [
      try #require(HTTPField.Name(WebhookSignature.Field.id)): signature.id,
      try #require(HTTPField.Name(WebhookSignature.Field.timestamp)): "\(signature.timestamp)",
      try #require(HTTPField.Name(WebhookSignature.Field.signature)): signature.signatures,
    ]
  }

  private static func send(
    _ client: any TestClientProtocol, _ fields: HTTPFields, body: String = push
  ) async throws -> TestResponse {
    try await client.execute(
      uri: "/constraint", method: .post, headers: fields, body: ByteBuffer(string: body))
  }

  private static func refused(_ response: TestResponse, _ detail: String) {
    #expect(response.status == .unauthorized)
    #expect(response.headers[.contentType] == "application/problem+json")
    #expect(response.headers[.wwwAuthenticate] != nil)
    #expect(String(buffer: response.body).contains(detail), "\(String(buffer: response.body))")
  }

  @Test func answersEachMessageOnce() async throws {
    try await self.withClient(secrets: [Secrets.text("A")]) { client in
      let fields = try Self.fields(secret: Secrets.text("A"))
      #expect(try await Self.send(client, fields).status == .ok)
      Self.refused(try await Self.send(client, fields), "has come before")
      // The same review in a new message is answered as before, and its constraints are kept once.
      let again = try await Self.send(client, try Self.fields(secret: Secrets.text("A")))
      #expect(
        try JSONDecoder().decode(WebhookReview.self, from: Data(again.body.readableBytesView)).response?.allowed == true
      )
      let state = try await client.execute(uri: "/state", method: .get)
      #expect(String(buffer: state.body).split(separator: "u-1").count == 2)
    }
  }

  @Test func eachSecretCountsWhileOneIsChanged() async throws {
    try await self.withClient(secrets: [Secrets.text("A"), Secrets.text("B")]) { client in
      for secret in ["A", "B"] {
        let fields = try Self.fields(secret: Secrets.text(Character(secret)))
        #expect(try await Self.send(client, fields).status == .ok)
      }
    }
  }

  @Test func aRefusedMessageChangesNothing() async throws {
    try await self.withClient(secrets: [Secrets.text("A")]) { client in
      let secret = Secrets.text("A")
      let before = try await client.execute(uri: "/state", method: .get)
      Self.refused(try await Self.send(client, [:]), "missing or malformed")
      Self.refused(try await Self.send(client, try Self.fields(secret: Secrets.text("B"))), "no signature matches")
      Self.refused(try await Self.send(client, try Self.fields(at: Self.now - 301, secret: secret)), "too old")
      Self.refused(try await Self.send(client, try Self.fields(at: Self.now + 301, secret: secret)), "future")
      Self.refused(
        try await Self.send(client, try Self.fields(secret: secret), body: Self.push + " "), "no signature matches")
      var twice = try Self.fields(secret: secret)
      twice.append(HTTPField(name: try #require(HTTPField.Name("webhook-id")), value: "another"))
      Self.refused(try await Self.send(client, twice), "missing or malformed")
      // What is not signed is not looked at, and what is signed still has to be a review.
      Self.refused(try await Self.send(client, [:], body: "rubbish"), "missing or malformed")
      let rubbish = try await Self.send(client, try Self.fields(body: "rubbish", secret: secret), body: "rubbish")
      #expect(rubbish.status == .badRequest)
      let after = try await client.execute(uri: "/state", method: .get)
      #expect(after.body == before.body)
    }
  }
}
