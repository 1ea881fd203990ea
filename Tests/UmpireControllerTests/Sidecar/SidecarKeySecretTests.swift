import ClusterTestSupport
import Cryptography
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@testable import UmpireController

@Suite(.timeLimit(.minutes(1)))
struct SidecarKeySecretTests {
  private let name = ObjectKey(namespace: "default", name: SidecarKeySecret.name)

  private func source(_ client: APIClient) -> SidecarKeySecret {
    SidecarKeySecret(client: client, namespace: "default", logger: .silent)
  }

  @Test func whoComesFirstMakesItAndAllOthersFindIt() async throws {
    try await withCluster { cluster in
      let keys = try await withThrowingTaskGroup(of: Ed25519.VerificationKey.self) { group in
        for _ in 0..<8 {
          let source = self.source(cluster.client)
          group.addTask { try await source.key().verificationKey }
        }
        return try await group.reduce(into: Set<Ed25519.VerificationKey>()) { $0.insert($1) }
      }
      #expect(keys.count == 1)
      let secret = try await cluster.client.get(Secret.self, self.name)
      #expect(Data(base64Encoded: secret.data?["seed"] ?? "")?.count == 32)
    }
  }

  @Test func whatIsNoKeyIsReplacedAndTheRestStays() async throws {
    try await withCluster { cluster in
      let metadata = ObjectMeta(name: self.name.name, namespace: self.name.namespace)
      _ = try await cluster.client.create(
        Secret(metadata: metadata, data: ["seed": "AAAA", "note": "eA=="], type: "Opaque"))
      let key = try await self.source(cluster.client).key().verificationKey
      #expect(try await self.source(cluster.client).key().verificationKey == key)
      let secret = try await cluster.client.get(Secret.self, self.name)
      #expect(secret.data?["note"] == "eA==")
    }
  }

  @Test func itIsReadOnce() async throws {
    try await withCluster { cluster in
      let source = self.source(cluster.client)
      let key = try await source.key().verificationKey
      try await cluster.client.delete(Secret.self, self.name)
      #expect(try await source.key().verificationKey == key)
    }
  }
}

@Suite struct SidecarConversationTests {
  private struct Keys: SidecarKeySource {
    let signing: Ed25519.SigningKey
    func key() async throws -> Ed25519.SigningKey { self.signing }
  }

  private let party = SidecarConversation.Party(address: "10.0.0.4", port: 8080, server: "uid-1")

  @Test func eachRequestCarriesATokenForThatServer() async throws {
    let key = try Ed25519.SigningKey()
    let transport = ScriptedTransport { request, _ in
      let header = request.head.headerFields[.authorization] ?? ""
      let verifier = SignedTokenVerifier(
        keys: [key.verificationKey], issuer: SidecarTokens.issuer, audience: "uid-1")
      try verifier.verify(String(header.dropFirst("Bearer ".count)), now: Date(timeIntervalSince1970: 1_700_000_000))
      return .body(#"{"allowed":true}"#)
    }
    let conversation = SidecarConversation(transport: transport, keys: Keys(signing: key)) {
      Timestamp(secondsSinceEpoch: 1_700_000_000)
    }
    try await conversation.requestShutdown(self.party)
    #expect(try await conversation.isDeletionAllowed(self.party))
    #expect(try await conversation.verificationKey() == key.verificationKey)
  }

  @Test func withoutAKeyThereIsNoToken() async throws {
    let transport = ScriptedTransport { request, _ in
      .body(#"{"allowed":\#(request.head.headerFields[.authorization] != nil)}"#)
    }
    let conversation = SidecarConversation(transport: transport)
    #expect(try await conversation.isDeletionAllowed(self.party) == false)
    #expect(try await conversation.verificationKey() == nil)
  }

  @Test func anAnswerThatIsNoneIsARefusal() async {
    for answer in ["", "{}", #"{"allowed":"yes"}"#, "null"] {
      let conversation = SidecarConversation(transport: ScriptedTransport { _, _ in .body(answer) })
      await #expect(throws: SidecarRefusal.self) { try await conversation.isDeletionAllowed(self.party) }
    }
    let refusing = SidecarConversation(
      transport: ScriptedTransport { _, _ in .body("{}", status: .unauthorized) })
    await #expect(throws: SidecarRefusal.self) { try await refusing.requestShutdown(self.party) }
  }
}
