import Cryptography
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import TestSupport
import Testing
import UmpireModel

@testable import WebhookClient

struct WebhookSigningTests {
  private let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private let new = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

  private func ask(_ secrets: [String], _ transport: ScriptedTransport) async throws {
    let credentials = WebhookCredentials(signingSecrets: try secrets.map { try WebhookSecret($0) })
    let endpoint = try WebhookEndpoint(
      WebhookClientConfig(url: "http://host/ask"), namespace: "games", timeoutSeconds: 5, credentials: credentials)
    _ = try await Fixture.exchange(transport).ask(Fixture.question(.readiness), at: endpoint)
  }

  private func signature(_ request: TransportRequest) throws -> WebhookSignature {
    let fields = request.head.headerFields
    return try WebhookSignature(
      id: fields[#require(HTTPField.Name("webhook-id"))],
      timestamp: fields[#require(HTTPField.Name("webhook-timestamp"))],
      signatures: fields[#require(HTTPField.Name("webhook-signature"))])
  }

  @Test func questionsAreSignedWithEverySecret() async throws {
    let transport = ScriptedTransport { _, _ in .body(Fixture.answer(#""allowed":true"#)) }
    try await self.ask([self.old, self.new], transport)
    let request = try #require(transport.requests.first)
    let signature = try self.signature(request)
    let now = Int64(Date().timeIntervalSince1970)
    for secret in [self.old, self.new] {
      try signature.verify(body: request.body, secrets: [WebhookSecret(secret)], now: now)
    }
    #expect(throws: WebhookSignature.Fault.wrong) {
      try signature.verify(body: request.body + [0], secrets: [WebhookSecret(self.old)], now: now)
    }
    #expect(signature.signatures.split(separator: " ").count == 2)
  }

  @Test func withoutASecretNothingIsSigned() async throws {
    let transport = ScriptedTransport { _, _ in .body(Fixture.answer(#""allowed":true"#)) }
    try await self.ask([], transport)
    let names = try #require(transport.requests.first).head.headerFields.map(\.name.rawName)
    #expect(!names.contains { $0.hasPrefix("webhook-") })
  }

  /// A server that refuses replays must not refuse our second attempt.
  @Test func eachAttemptHasAnIdOfItsOwn() async throws {
    let transport = ScriptedTransport { _, count in
      count == 1
        ? .failure(TransportError(.connectionBroken, "gone", progress: .noAnswer))
        : .body(Fixture.answer(#""allowed":true"#))
    }
    try await self.ask([self.old], transport)
    try #require(transport.requests.count == 2)
    let signatures = try transport.requests.map(self.signature)
    #expect(signatures[0].id != signatures[1].id)
    #expect(signatures[0].signatures != signatures[1].signatures)
    for (request, signature) in zip(transport.requests, signatures) {
      try signature.verify(
        body: request.body, secrets: [WebhookSecret(self.old)], now: Int64(Date().timeIntervalSince1970))
    }
  }

  @Test func aTraceIsBegun() async throws {
    let transport = ScriptedTransport { _, _ in .body(Fixture.answer(#""allowed":true"#)) }
    for _ in 0..<2 { try await self.ask([], transport) }
    let name = try #require(HTTPField.Name("traceparent"))
    let values = transport.requests.compactMap { $0.head.headerFields[name] }
    #expect(Set(values).count == 2)
    for value in values {
      let parts = value.split(separator: "-")
      try #require(parts.count == 4)
      #expect(parts[0] == "00" && parts[3] == "01")
      #expect(parts[1].count == 32 && parts[2].count == 16)
      #expect(parts[1].contains { $0 != "0" } && parts[2].contains { $0 != "0" })
      #expect(value.allSatisfy { $0 == "-" || ($0.isHexDigit && !$0.isUppercase) })
    }
  }
}
