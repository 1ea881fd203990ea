import Cryptography
import CurlTransport
import HTTPTransport
import TestSupport
import UmpireModel
import WebhookClient

@testable import WebhookCheck

/// Endpoints and runs that the tests share.
enum CheckFixture {
  static let secret = "whsec_" + String(repeating: "A", count: 32)

  static func secrets() throws -> [WebhookSecret] { [try WebhookSecret(Self.secret)] }

  static func caller(
    _ transport: any ClientTransport, url: String = "http://studio.test/ask", secrets: [WebhookSecret] = []
  ) throws -> EndpointCaller {
    let endpoint = try WebhookEndpoint(
      WebhookClientConfig(url: url), namespace: "default", timeoutSeconds: 5,
      credentials: WebhookCredentials(signingSecrets: secrets))
    return try EndpointCaller(endpoint, transport: transport)
  }

  /// Checks an endpoint in memory.
  static func report(
    _ endpoint: StudioEndpoint, types: [WebhookType] = [], secrets: [WebhookSecret] = []
  ) async throws -> CheckReport {
    let transport = ScriptedTransport { request, _ in endpoint.answer(request) }
    var instruments = ProbeInstruments()
    instruments.connectionsOpened = { endpoint.connections }
    return try await CheckRun(
      url: "http://studio.test/ask", caller: try Self.caller(transport, secrets: secrets), types: types,
      instruments: instruments
    ).run()
  }

  static func answer(_ status: Int, _ body: String = "") -> ProbeAnswer {
    ProbeAnswer(.success(.init(status: status, body: Array(body.utf8))))
  }

  static func failure(_ reason: WebhookFailure.Reason) -> ProbeAnswer {
    ProbeAnswer(.failure(WebhookFailure(reason, "it went wrong")))
  }
}

extension CheckReport {
  /// The checks that failed.
  var faults: Set<EndpointCheck> {
    Set(self.results.filter { if case .failed = $0.verdict { true } else { false } }.map(\.check))
  }

  /// The checks that were not looked at.
  var skipped: Set<EndpointCheck> {
    Set(self.results.filter { if case .skipped = $0.verdict { true } else { false } }.map(\.check))
  }
}
