import FoundationEssentials
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireModel

/// Signing secrets and client certificates reach a webhook from the Secrets that its configuration names, asked by a
/// sidecar and by the controller, and changed ones do without a restart.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WebhookSecretsProgramTests {
  private static let games = ["by-sidecar": "Sidecar", "by-controller": "Controller"]

  private func manifest(_ webhook: SecuredWebhook) -> String {
    let authority = Data(webhook.identity.authority).base64EncodedString()
    return Self.games.sorted { $0.key < $1.key }.map { name, caller in
      """
      apiVersion: umpire.dev/v1alpha1
      kind: WebhookConfiguration
      metadata: {name: \(name)}
      webhooks:
      - name: warm
        type: ReadinessWebhook
        clientConfig: {url: "https://\(webhook.authority)/ready", caBundle: \(authority)}
        periodSeconds: 1
        caller: \(caller)
        signingSecretRef: {name: signing, key: secret}
        clientCertificateRef: {name: client}
      ---
      apiVersion: umpire.dev/v1alpha1
      kind: GameType
      metadata: {name: \(name)}
      spec:
        fleetSpec:
          scaling: {replicas: 1}
          spec:
            webhookConfigurationName: \(name)
            readinessGates: [warm]
            pod:
              terminationGracePeriodSeconds: 5
              containers:
              - {name: server, image: sample-game-server}
      """
    }.joined(separator: "\n---\n")
  }

  private func secret(_ name: String, _ values: [String: [UInt8]]) -> Secret {
    Secret(
      metadata: ObjectMeta(name: name, namespace: "default"), data: values.mapValues { Data($0).base64EncodedString() })
  }

  private func replace(_ secret: Secret, _ local: LocalUp) async throws {
    var known = try await local.client.get(Secret.self, secret.key)
    known.data = secret.data
    _ = try await local.client.replace(known)
  }

  private func eachCondition(
    _ local: LocalUp, _ what: String, _ holds: (Condition) -> Bool
  ) async throws {
    for game in Self.games.keys.sorted() {
      try await eventually("\(game): \(what)") {
        let server = try await local.servers().first { $0.metadata.label(Labels.gameType) == game }
        return server?.status?.conditions[type: "warm"].map(holds) ?? false
      }
    }
  }

  /// Sidecars read no Secret but those that are granted by name; see manifests/rbac/sidecar.yaml.
  private func letSidecarsReadSecrets(_ local: LocalUp) async throws {
    let metadata = ObjectMeta(name: "umpire-sidecar-webhook-secret", namespace: "default")
    let rule = PolicyRule(
      verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["signing", "client"])
    _ = try await local.client.create(Role(metadata: metadata, rules: [rule]))
    _ = try await local.client.create(
      RoleBinding(
        metadata: metadata, roleRef: RoleReference(kind: "Role", name: "umpire-sidecar-webhook-secret"),
        subjects: [RoleSubject(serviceAccount: "umpire-sidecar", namespace: "default")]))
  }

  @Test func changedSecretsCountWithoutARestart() async throws {
    try await withFolder { folder in
      try await SecuredWebhook.run(in: folder) { webhook in
        let file = try SampleManifests.write(self.manifest(webhook), to: "\(folder)/games.yaml")
        try await LocalUp.run(dataDirectory: "\(folder)/data", ["-f", file], in: folder) { local in
          try await self.letSidecarsReadSecrets(local)
          // The Secrets are not there yet.
          try await self.eachCondition(local, "says what is missing") {
            $0.status == .false && $0.message?.contains("signing") == true
          }
          let (first, second) = (Array(SecuredWebhook.secrets[0].utf8), Array(SecuredWebhook.secrets[1].utf8))
          let identity = webhook.identity
          _ = try await local.client.create(self.secret("signing", ["secret": first]))
          _ = try await local.client.create(
            self.secret("client", ["tls.crt": identity.chain, "tls.key": identity.key]))
          try await self.eachCondition(local, "is ready") { $0.status == .true }

          // The studio believes the new secret only, and answers differently, so that an old answer is no proof.
          try await self.replace(self.secret("signing", ["secret": second]), local)
          try webhook.believe(SecuredWebhook.secrets[1])
          #expect(try await webhook.decide(#"{"ready":false}"#) == 200)
          try await self.eachCondition(local, "hears the answer to what the new secret signs") { $0.reason == "Denied" }

          // A certificate of somebody else's authority is not let in; the right one is again. What the webhook refuses
          // is read anew, and all Secrets with it.
          let stranger = try TestIdentity(host: "127.0.0.1")
          try await self.replace(
            self.secret("client", ["tls.crt": stranger.chain, "tls.key": stranger.key]), local)
          try webhook.believe(SecuredWebhook.secrets[0])
          try await self.eachCondition(local, "is not let in") { ["TLS", "Connect"].contains($0.reason ?? "") }
          #expect(try await webhook.decide(#"{"ready":true}"#) == 200)
          try await self.replace(self.secret("signing", ["secret": first]), local)
          try await self.replace(
            self.secret("client", ["tls.crt": identity.chain, "tls.key": identity.key]), local)
          try await self.eachCondition(local, "is ready again") { $0.status == .true }

          for secret in SecuredWebhook.secrets {
            #expect(!local.program.output.contains(secret))
            #expect(!webhook.program.output.contains(secret))
          }
        }
      }
    }
  }
}
