import ClusterTestSupport
import Cryptography
import FoundationEssentials
import HTTPTypes
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

@Suite struct WebhookCredentialReaderTests {
  private let webhook = ProbeHarness.webhook("warm", .readiness) {
    $0.signingSecretRef = SecretKeyReference(name: "signing", key: "secret")
    $0.clientCertificateRef = SecretReference(name: "client")
  }
  private static let first = "whsec_" + Data(repeating: 1, count: 24).base64EncodedString()
  private static let second = "whsec_" + Data(repeating: 2, count: 24).base64EncodedString()

  private func secret(_ name: String, _ data: [String: String]) -> Secret {
    Secret(
      metadata: ObjectMeta(name: name, namespace: "default"),
      data: data.mapValues { Data($0.utf8).base64EncodedString() })
  }

  private func failure(_ reader: WebhookCredentialReader, _ webhook: Webhook) async -> WebhookFailure? {
    do throws(WebhookFailure) {
      _ = try await reader.credentials(of: webhook, namespace: "default")
      return nil
    } catch {
      return error
    }
  }

  @Test func whatTheWebhookNamesIsRead() async throws {
    try await withCluster { cluster in
      _ = try await cluster.client.create(self.secret("signing", ["secret": Self.first]))
      _ = try await cluster.client.create(self.secret("client", ["tls.crt": "chain", "tls.key": "key"]))
      let credentials = try await WebhookCredentialReader(client: cluster.client)
        .credentials(of: self.webhook, namespace: "default")
      #expect(credentials.signingSecrets == [try WebhookSecret(Self.first)])
      #expect(credentials.clientCertificate == Array("chain".utf8))
      #expect(credentials.clientKey == Array("key".utf8))
    }
  }

  @Test func whatIsMissingIsNamedAndNothingIsShown() async throws {
    try await withCluster { cluster in
      let reader = WebhookCredentialReader(client: cluster.client)
      let missing = await self.failure(reader, self.webhook)
      #expect(missing?.reason == .refused)
      #expect(missing?.message.contains("Secret signing cannot be read") == true)
      _ = try await cluster.client.create(self.secret("other", ["secret": "hunter2"]))
      var webhook = self.webhook
      webhook.signingSecretRef = SecretKeyReference(name: "other", key: "absent")
      #expect(
        await self.failure(reader, webhook)
          == WebhookFailure(.refused, "Secret other cannot be read: it has no key absent"))
      webhook.signingSecretRef?.key = "secret"
      let malformed = await self.failure(reader, webhook)
      #expect(malformed?.message.contains("key secret") == true)
      #expect(malformed?.message.contains("hunter2") == false)
    }
  }

  @Test func aWebhookThatNamesNothingReadsNothing() async throws {
    let transport = ScriptedTransport { _, _ in .body("", status: .internalServerError) }
    let client = APIClient(transport: transport, configuration: .inProcess, fieldManager: "test")
    let credentials = try await WebhookCredentialReader(client: client)
      .credentials(of: ProbeHarness.webhook("warm", .readiness), namespace: "default")
    #expect(credentials == WebhookCredentials())
    #expect(transport.requests.isEmpty)
  }

  /// Ten thousand Servers ask with one Secret: it is read once.
  @Test func manyAtOnceReadOnce() async throws {
    let data = Data(Self.first.utf8).base64EncodedString()
    let transport = ScriptedTransport { _, _ in
      try await Task.sleep(for: .milliseconds(20))
      return .body(#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"signing"},"data":{"secret":"\#(data)"}}"#)
    }
    let reader = WebhookCredentialReader(
      client: APIClient(transport: transport, configuration: .inProcess, fieldManager: "test"))
    var webhook = self.webhook
    webhook.clientCertificateRef = nil
    let target = webhook
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<200 {
        group.addTask { try await reader.credentials(of: target, namespace: "default").signingSecrets.count }
      }
      for try await count in group { #expect(count == 1) }
    }
    #expect(transport.requests.count == 1)
  }

  @Test func aChangedSecretIsTakenUpAfterARefusal() async throws {
    try await withCluster { cluster in
      let key = ObjectKey(namespace: "default", name: "signing")
      _ = try await cluster.client.create(self.secret("signing", ["secret": Self.first]))
      var webhook = self.webhook
      webhook.clientCertificateRef = nil
      let target = webhook
      let reader = WebhookCredentialReader(client: cluster.client)
      _ = try await reader.credentials(of: target, namespace: "default")
      let changed = Data(Self.second.utf8).base64EncodedString()
      _ = try await cluster.client.patch(Secret.self, key, ["data": ["secret": .string(changed)]])
      // An endpoint that is late knows nothing of secrets.
      reader.doubt(target, namespace: "default", after: WebhookFailure(.timeout, "late"))
      #expect(
        try await reader.credentials(of: target, namespace: "default").signingSecrets == [try WebhookSecret(Self.first)]
      )
      reader.doubt(target, namespace: "default", after: WebhookFailure(.httpStatus, "status 401: who are you?"))
      try await eventually("the new secret is used") {
        try await reader.credentials(of: target, namespace: "default").signingSecrets
          == [try WebhookSecret(Self.second)]
      }
    }
  }
}
