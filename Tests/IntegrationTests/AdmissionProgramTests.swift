import ClusterTestSupport
import CurlTransport
import FoundationEssentials
import Glibc
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing
import UmpireAdmission
import UmpireModel

@testable import UmpireLocal

/// `umpire-controller` serves admission to the API server of `umpire local api`, each a program of its own.
@Suite(.timeLimit(.minutes(3))) struct AdmissionProgramTests {
  private static let key = ObjectKey(namespace: nil, name: "umpire-controller")

  @Test func whatIsFaultyIsRefusedByWhicheverReplicaIsAsked() async throws {
    try await withFolder { folder in
      try await Program.run("umpire", ["local", "api", "--port", "0", "--data", "\(folder)/api"], in: folder) { api in
        _ = try await api.line(with: "The API server is running at")
        let curl = CurlHTTPTransport()
        defer { curl.shutdown() }
        let kubeconfig = "\(folder)/api/kubeconfig"
        let configuration = try Kubeconfig(paths: [kubeconfig]).configuration()
        let client = APIClient(transport: curl, configuration: configuration, fieldManager: "test")
        // Another one leads for as long as this test lasts: who stands by serves all the same.
        let now = MicroTimestamp(.now)
        _ = try await client.create(
          Lease(
            metadata: ObjectMeta(name: "umpire-controller", namespace: "default"),
            spec: Lease.Spec(
              holderIdentity: "somebody else", leaseDurationSeconds: 3600, acquireTime: now, renewTime: now,
              leaseTransitions: 0)))

        var port = 0
        try await Self.runController(kubeconfig, port: 0, in: folder) { controller in
          port = try await Self.port(in: controller.line(with: "Listening for admission"))
          try await ManifestApplier(client: client).apply(try LocalAdmission.registrations(port: port))
          try await Self.waitUntilReady(controller, curl)
          // It was ready while there was nobody to tell.
          try await eventually("the API server knows the authority") { try await Self.caBundle(client) != nil }
          try await Self.waitUntilAsked(client)
          try await self.checkRefusals(client, controller, curl)
          #expect(!controller.output.contains("Controllers started"))
        }
        let before = try await client.get(ValidatingWebhookConfiguration.self, Self.key)

        // Another start finds the authority again, and nothing is to be written.
        let secret = ObjectKey(namespace: "default", name: "umpire-admission-authority")
        let authority = try await client.get(Secret.self, secret)
        try await Self.runController(kubeconfig, port: port, in: folder) { controller in
          try await Self.waitUntilReady(controller, curl)
          try await Self.waitUntilAsked(client)
        }
        #expect(try await client.get(Secret.self, secret).metadata == authority.metadata)
        let after = try await client.get(ValidatingWebhookConfiguration.self, Self.key)
        #expect(after.metadata.resourceVersion == before.metadata.resourceVersion)
        // Nobody is there to be asked; games go on.
        #expect(try await Self.refusal(Self.gameType("later"), client) == nil)
      }
    }
  }

  private func checkRefusals(_ client: APIClient, _ controller: Program, _ curl: CurlHTTPTransport) async throws {
    let refused = try #require(try await Self.refusal(Self.gameType(Self.longName), client))
    #expect(refused.code == 422)
    #expect(refused.details?.causes?.map(\.field) == ["metadata.name"])
    #expect(
      refused.message
        == "admission webhook \"validate.umpire.dev\" denied the request: GameType.umpire.dev \"\(Self.longName)\" is "
        + "invalid: metadata.name: Too long: may not be more than 63 bytes")
    #expect(try await Self.refusal(Self.gameType(), client) == nil)
    let stored = try await client.get(GameType.self, ObjectKey(namespace: "default", name: "arena"))
    #expect(stored.spec.updateStrategy.type == .blueGreen)
    #expect(try await Self.refusal(Self.autoscaler("first"), client) == nil)
    let second = try await Self.refusal(Self.autoscaler("second"), client)
    #expect(second?.details?.causes?.map(\.field) == ["spec.gameName"])
    #expect(second?.details?.causes?.map(\.reason) == ["FieldValueDuplicate"])

    let metrics = try await Self.calls(controller, curl).send(.get, "/metrics").text
    #expect(
      metrics.contains(#"controller_runtime_webhook_requests_total{code="200",webhook="/default"}"#), "\(metrics)")
    #expect(metrics.contains(#"umpire_admission_refusals_total{kind="GameAutoscaler"} 1"#))
    #expect(controller.output.contains("Write refused"))
    #expect(!controller.output.contains("PRIVATE KEY"))
  }

  @Test func aPortThatIsTakenIsNamed() async throws {
    try await withFolder { folder in
      try await SocketCluster.run(in: folder) { cluster in
        try await Self.runController(cluster.kubeconfig, port: 0, in: folder) { first in
          let port = try await Self.port(in: first.line(with: "Listening for admission"))
          let second = try await Program.finish(
            "umpire-controller", Self.arguments(cluster.kubeconfig, port: port), in: folder)
          #expect(second.status == .exited(EX_UNAVAILABLE))
          #expect(second.output.contains("127.0.0.1:\(port) is already in use"))
        }
      }
    }
  }

  @Test func aCertificateOfAFolderIsShown() async throws {
    let identity = try TestIdentity()
    try await withFolder { folder in
      try await SocketCluster.run(in: folder) { cluster in
        for (name, bytes) in ["tls.crt": identity.chain, "tls.key": identity.key] {
          try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        let arguments = Self.arguments(cluster.kubeconfig, port: 0) + ["--admission-certificate", folder]
        try await Program.run("umpire-controller", arguments, in: folder) { controller in
          let port = try await Self.port(in: controller.line(with: "Listening for admission"))
          _ = try await controller.line(with: "Admission certificate read")
          let curl = CurlHTTPTransport()
          defer { curl.shutdown() }
          let head = HTTPRequest(method: .post, scheme: "https", authority: "127.0.0.1:\(port)", path: "/validate")
          let security = TransportSecurity(certificateAuthority: identity.authority)
          let answer = try await curl.collect(TransportRequest(head: head, body: [], security: security))
          #expect(answer.head.status == .badRequest)
        }
        let secrets = try await cluster.client.list(Secret.self).items
        #expect(secrets.isEmpty)
      }
    }
  }

  // MARK: The program

  private static func arguments(_ kubeconfig: String, port: Int) -> [String] {
    [
      "--kubeconfig", kubeconfig, "--health-host", "127.0.0.1", "--health-port", "0", "--leader-elect",
      "--admission-host", "127.0.0.1", "--admission-port", "\(port)", "--admission-name", "127.0.0.1",
    ]
  }

  private static func runController(
    _ kubeconfig: String, port: Int, in folder: String, _ body: (Program) async throws -> Void
  ) async throws {
    let arguments = Self.arguments(kubeconfig, port: port)
    let status = try await Program.run("umpire-controller", arguments, in: folder, body)
    #expect(status == .exited(0))
  }

  private static func port(in line: String) throws -> Int {
    let address = try JSONValue(parsing: Array(line.utf8))["metadata"]?["address"]?.stringValue
    return try #require(address?.split(separator: ":").last.flatMap { Int($0) })
  }

  private static func calls(_ controller: Program, _ curl: CurlHTTPTransport) async throws -> HTTPCalls {
    let port = try await Self.port(in: controller.line(with: "\"Listening\""))
    return HTTPCalls(transport: curl, authority: "127.0.0.1:\(port)")
  }

  private static func waitUntilReady(_ controller: Program, _ curl: CurlHTTPTransport) async throws {
    let calls = try await Self.calls(controller, curl)
    try await eventually("the controller is ready") { try await calls.send(.get, "/readyz").status == 200 }
  }

  /// Waits until what is faulty is refused.
  ///
  /// A question that breaks off holds nobody up (`failurePolicy: Ignore`), and right after a start one may.
  private static func waitUntilAsked(_ client: APIClient) async throws {
    var attempts = 0
    try await eventually("what is faulty is refused") {
      attempts += 1
      return try await Self.refusal(Self.gameType("\(Self.longName)\(attempts)"), client)?.code == 422
    }
    #expect(attempts <= 5)
  }

  private static func caBundle(_ client: APIClient) async throws -> String? {
    let validating = try await client.get(ValidatingWebhookConfiguration.self, Self.key)
    return validating.webhooks?.first?["clientConfig"]?["caBundle"]?.stringValue
  }

  /// A name that admission refuses, and no definition.
  private static let longName = String(repeating: "a", count: 64)

  private static func gameType(_ name: String = "arena") -> JSONValue {
    [
      "apiVersion": "umpire.dev/v1alpha1", "kind": "GameType", "metadata": ["name": .string(name)],
      "spec": [
        "fleetSpec": [
          "spec": ["timeout": "40m", "pod": ["containers": [["name": "game", "image": "game:1"]]]]
        ]
      ],
    ]
  }

  private static func autoscaler(_ name: String) -> JSONValue {
    [
      "apiVersion": "umpire.dev/v1alpha1", "kind": "GameAutoscaler", "metadata": ["name": .string(name)],
      "spec": [
        "gameName": "arena", "policy": ["type": "webhook", "webhook": ["url": "http://127.0.0.1:1/scale"]],
      ],
    ]
  }

  /// What the API server refuses an object with; nil if it stores it.
  private static func refusal(_ object: JSONValue, _ client: APIClient) async throws -> Status? {
    let type = object["kind"] == "GameType" ? GameType.resourceType : GameAutoscaler.resourceType
    do {
      _ = try await client.send(
        .create(type, namespace: "default", body: object.serialized(), fieldManager: "test"), as: JSONValue.self)
      return nil
    } catch let error as APIError {
      return error.status
    }
  }
}
