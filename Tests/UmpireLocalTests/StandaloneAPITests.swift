import CurlTransport
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import ServerSupport
import TestSupport
import Testing
import UmpireModel

@testable import UmpireLocal

@Suite(.timeLimit(.minutes(2)))
struct StandaloneAPITests {
  @Test func tokenAndCertificateDecideWhoIsServed() async throws {
    try await withFolder { folder in
      try Data("first-token\nsecond,bob,2,\"group\"\n".utf8).write(to: URL(filePath: "\(folder)/tokens"))
      let options = APIEndpointOptions(
        dataDirectory: "\(folder)/data", port: 0, tokenFile: "\(folder)/tokens", usesTLS: true)
      try await Self.withAPI(options) { configuration, curl in
        #expect(configuration.scheme == "https")
        #expect(configuration.credentials == .token("first-token"))
        let client = APIClient(transport: curl, configuration: configuration, fieldManager: "test")
        let namespace = try await client.get(Namespace.self, ObjectKey(namespace: nil, name: "default"))
        #expect(namespace.metadata.name == "default")
        #expect(try await client.list(Fleet.self, namespace: nil).items.isEmpty)

        for (token, status) in [("second", 200), ("unknown", 401), ("first-toke", 401), (nil, 401)] {
          #expect(try await Self.status(of: configuration, token: token, curl) == status)
        }
        var stranger = configuration
        stranger.security.certificateAuthority = nil
        let error = await #expect(throws: TransportError.self) {
          try await Self.status(of: stranger, token: "second", curl)
        }
        #expect(error?.code == .security)
      }
    }
  }

  @Test func withoutATokenFileOnlyUnknownTokensAreRefused() async throws {
    try await withFolder { folder in
      try await Self.withAPI(APIEndpointOptions(dataDirectory: "\(folder)/data", port: 0)) { configuration, curl in
        #expect(configuration.scheme == "http")
        #expect(configuration.credentials == .none)
        for (token, expected) in [(nil, 200), ("unknown", 401)] {
          let status = try await Self.status(of: configuration, token: token, curl)
          #expect(status == expected)
        }
      }
    }
  }

  @Test(.enabled(if: ListenHost.hasDualStack), arguments: [("::1", "[::1]"), ("*", "127.0.0.1")])
  func listensWhereItIsAskedTo(host: String, name: String) async throws {
    try await withFolder { folder in
      try Data("a-token\n".utf8).write(to: URL(filePath: "\(folder)/tokens"))
      var options = APIEndpointOptions(
        dataDirectory: "\(folder)/data", port: 0, tokenFile: "\(folder)/tokens", usesTLS: true)
      options.host = host
      try await Self.withAPI(options) { configuration, curl in
        #expect(configuration.authority.hasPrefix("\(name):"))
        let status = try await Self.status(of: configuration, token: "a-token", curl)
        #expect(status == 200)
      }
    }
  }

  @Test func otherMachinesAreServedByTokenOnly() async throws {
    try await withFolder { folder in
      for host in ["0.0.0.0", "::", "*", "192.0.2.1"] {
        var options = APIEndpointOptions(dataDirectory: "\(folder)/data", port: 0)
        options.host = host
        let error = #expect(throws: LocalError.self) {
          try StandaloneAPI(options: options, environment: [:], logger: .silent)
        }
        #expect(error?.exitCode == .usage)
        #expect(error?.message.contains("--token-file") == true)
      }
    }
  }

  @Test func anAddressThatIsNotThisMachinesIsNamed() async throws {
    try await withFolder { folder in
      try Data("a-token\n".utf8).write(to: URL(filePath: "\(folder)/tokens"))
      var options = APIEndpointOptions(
        dataDirectory: "\(folder)/data", port: 0, tokenFile: "\(folder)/tokens", usesTLS: true)
      options.host = "192.0.2.1"
      let error = #expect(throws: LocalError.self) {
        try StandaloneAPI(options: options, environment: [:], logger: .silent)
      }
      #expect(error?.message == "--host 192.0.2.1: this machine has no such address")
    }
  }

  @Test func aSecondInstanceIsTurnedAway() async throws {
    try await withFolder { folder in
      let options = APIEndpointOptions(dataDirectory: "\(folder)/data", port: 0)
      let first = try StandaloneAPI(options: options, environment: [:], logger: .silent)
      let error = #expect(throws: LocalError.self) {
        try StandaloneAPI(options: options, environment: [:], logger: .silent)
      }
      #expect(error?.exitCode == .temporaryFailure)
      #expect(first.kubeconfigPath == "\(folder)/data/kubeconfig")
      var wrong = options
      wrong.port = 65_536
      #expect(
        throws: LocalError(.usage, "--port 65536: a port is a number from 0 to 65535")
      ) { try StandaloneAPI(options: wrong, environment: [:], logger: .silent) }
    }
  }

  private static func status(
    of configuration: ClientConfiguration, token: String?, _ transport: CurlHTTPTransport
  ) async throws -> Int {
    var head = HTTPRequest(
      method: .get, scheme: configuration.scheme, authority: configuration.authority, path: "/api/v1/namespaces")
    if let token { head.headerFields[.authorization] = "Bearer \(token)" }
    return try await transport.collect(TransportRequest(head: head, security: configuration.security))
      .head.status.code
  }

  @Test func asksAdmissionWebhooksOverTheNetwork() async throws {
    try await withFolder { folder in
      try await Self.withAPI(APIEndpointOptions(dataDirectory: folder, port: 0)) { configuration, transport in
        func post(_ path: String, _ body: String) async throws -> String {
          let head = HTTPRequest(
            method: .post, scheme: configuration.scheme, authority: configuration.authority, path: path,
            headerFields: [.contentType: "application/json"])
          let answer = try await transport.collect(TransportRequest(head: head, body: Array(body.utf8)))
          return String(decoding: answer.body, as: UTF8.self)
        }
        // Nobody listens there.
        _ = try await post(
          "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
          """
          {"metadata": {"name": "checks"}, "webhooks": [{
            "name": "checks.studio.example", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {"url": "https://127.0.0.1:1/checks"},
            "rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}]}]}
          """)
        let refused = try await post("/api/v1/namespaces/default/configmaps", #"{"metadata": {"name": "m"}}"#)
        #expect(refused.contains(#"failed to call webhook: Post \"https://127.0.0.1:1/checks?timeout=10s\": "#))
        #expect(!refused.contains("no way to webhooks"), "\(refused)")
      }
    }
  }

  /// Runs an API server until `body` has ended; `body` gets what the kubeconfig says.
  private static func withAPI(
    _ options: APIEndpointOptions,
    _ body: @escaping @Sendable (ClientConfiguration, CurlHTTPTransport) async throws -> Void
  ) async throws {
    let api = try StandaloneAPI(options: options, environment: [:], logger: .silent)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await api.run(signals: []) }
      group.addTask {
        let path = api.kubeconfigPath
        try await eventually("the kubeconfig is written") { FileManager.default.fileExists(atPath: path) }
        let curl = CurlHTTPTransport()
        defer { curl.shutdown() }
        try await body(try ClientConfiguration.discover(kubeconfig: path, environment: [:]), curl)
      }
      // Whichever ends first: the body, or a server that failed.
      try await group.next()
      group.cancelAll()
      do { try await group.waitForAll() } catch is CancellationError {}
    }
  }
}
