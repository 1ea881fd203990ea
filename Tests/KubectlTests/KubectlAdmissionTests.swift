import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesModel
import Logging
import ServerSupport
import TestSupport
import Testing

/// Admission webhooks over TLS, as kubectl tells of them.
@Suite(.enabled(if: Kubectl.isInstalled, "there is no kubectl on the PATH"))
struct KubectlAdmissionTests {
  private static func map(_ name: String) -> String {
    """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: \(name)}
    """
  }

  @Test func refusalsAndWarningsArePrinted() async throws {
    let identity = try TestIdentity()
    try await withWebhook(identity) { port in
      try await withKubectl(installingKinds: false) { cluster in
        let kubectl = cluster.kubectl
        let client = "url: \"https://127.0.0.1:\(port)/checks\""
        try await kubectl("apply", "-f", "-", input: Self.configuration(client, trusting: identity))
        #expect(
          try await kubectl("get", "validatingwebhookconfigurations").rows.map { $0.prefix(2) }[1] == ["checks", "1"])
        let description = try await kubectl("describe", "validatingwebhookconfiguration", "checks")
        #expect(description.output.contains("Failure Policy:"))

        let refused = try await kubectl.run(["create", "-f", "-"], input: Self.map("closed"))
        #expect(refused.status == 1)
        #expect(
          refused.errors == """
            Error from server: error when creating "STDIN": admission webhook "checks.studio.example" denied the \
            request: the arena is closed

            """)
        #expect(try await kubectl.run(["get", "configmap", "closed"]).status == 1)

        let warned = try await kubectl("create", "-f", "-", input: Self.map("late"))
        #expect(warned.output == "configmap/late created\n")
        #expect(warned.errors == "Warning: the arena closes soon\n")

        let dry = try await kubectl.run(["create", "--dry-run=server", "-f", "-"], input: Self.map("closed"))
        #expect(dry.status == 1)
        let deleted = try await kubectl.run(["delete", "configmap", "late"])
        #expect(deleted.errors.contains("Warning: the arena closes soon"))

        try await kubectl("delete", "validatingwebhookconfiguration", "checks")
        #expect(
          try await kubectl("create", "-f", "-", input: Self.map("closed")).output == "configmap/closed created\n")
      }
    }
  }

  @Test func aServiceShowsTheCertificateOfItsOwnName() async throws {
    let identity = try TestIdentity(host: "checks.default.svc")
    let stranger = try TestIdentity(host: "checks.default.svc")
    try await withWebhook(identity) { port in
      try await withKubectl(installingKinds: false) { cluster in
        let kubectl = cluster.kubectl
        try await kubectl("apply", "-f", "-", input: Manifests.pod("checks"))
        try await cluster.set(
          pod: "checks", #"{"podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}"#)
        let service = """
          apiVersion: v1
          kind: Service
          metadata: {name: checks}
          spec: {selector: {app: checks}, ports: [{port: 443, targetPort: \(port)}]}
          """
        try await kubectl("apply", "-f", "-", input: service)
        let client = "service: {namespace: default, name: checks, path: /checks}"
        try await kubectl("apply", "-f", "-", input: Self.configuration(client, trusting: identity))
        let refused = try await kubectl.run(["create", "-f", "-"], input: Self.map("closed"))
        #expect(refused.errors.contains("denied the request: the arena is closed"))

        try await kubectl("apply", "-f", "-", input: Self.configuration(client, trusting: stranger))
        let failed = try await kubectl.run(["create", "-f", "-"], input: Self.map("open"))
        #expect(failed.status == 1)
        #expect(
          failed.errors.hasPrefix(
            #"Error from server (InternalError): error when creating "STDIN": Internal error occurred: failed calling "#
              + #"webhook "checks.studio.example": failed to call webhook: Post "#
              + #""https://checks.default.svc:443/checks?timeout=10s": "#), "\(failed.errors)")
      }
    }
  }

  @Test func aMistakeInAConfigurationIsTold() async throws {
    try await withKubectl(installingKinds: false) { cluster in
      let configuration = Self.configuration("url: \"http://127.0.0.1/\"", trusting: try TestIdentity())
      let refused = try await cluster.kubectl.run(["apply", "-f", "-"], input: configuration)
      #expect(
        refused.errors == """
          The ValidatingWebhookConfiguration "checks" is invalid: webhooks[0].clientConfig.url: Invalid value: "http": \
          'https' is the only allowed URL scheme; desired format: https://host[/path]

          """)
      let explained = try await cluster.kubectl("explain", "validatingwebhookconfiguration.webhooks.failurePolicy")
      #expect(explained.output.contains("Fail or Ignore"))
    }
  }

  private static func configuration(_ client: String, trusting identity: TestIdentity) -> String {
    """
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata: {name: checks}
    webhooks:
    - name: checks.studio.example
      clientConfig: {\(client), caBundle: \(Data(identity.authority).base64EncodedString())}
      rules: [{operations: [CREATE, DELETE], apiGroups: [""], apiVersions: [v1], resources: [configmaps]}]
      sideEffects: None
      admissionReviewVersions: [v1]
    """
  }
}

/// Runs `body` with the port of a webhook that lets no ConfigMap named `closed` through, and warns of all others.
private func withWebhook(_ identity: TestIdentity, _ body: @escaping @Sendable (Int) async throws -> Void) async throws
{
  let transport = ScriptedTransport { request, _ in
    let question = try JSONValue(parsing: request.body)["request"] ?? .null
    var response: JSONValue = ["uid": question["uid"] ?? .null, "allowed": true, "warnings": ["the arena closes soon"]]
    if question["name"] == "closed" {
      response = ["uid": question["uid"] ?? .null, "allowed": false, "status": ["message": "the arena is closed"]]
    }
    let review: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response,
    ]
    return .body(
      String(decoding: review.serialized(), as: UTF8.self), fields: [.contentType: "application/json"])
  }
  let (ports, port) = AsyncStream.makeStream(of: Int.self)
  let listener = TransportListener(
    serving: transport, host: "127.0.0.1", port: 0,
    certificate: ServerCertificate(chain: identity.chain, key: identity.key), logger: Logger(label: "webhook")
  ) {
    port.yield($1)
    port.finish()
  }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await listener.run() }
    for await port in ports { try await body(port) }
    group.cancelAll()
    // It ends by cancellation, which is no failure of the test.
    do { try await group.waitForAll() } catch is CancellationError {}
  }
}
