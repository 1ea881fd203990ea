import APIServer
import CurlTransport
import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Metrics
import ServerSupport
import Synchronization
import TestSupport
import Testing
import UmpireLocal
import UmpireModel

@testable import UmpireAdmission

@Suite(.timeLimit(.minutes(1))) struct AdmissionServerTests {
  private static let day: TimeInterval = 86_400

  /// Runs `body` with an API server that asks a real server of admission over HTTPS, whatever the time is.
  private func withAdmission(
    _ time: ManualTime, _ body: @escaping @Sendable (APIClient, AdmissionServer) async throws -> Void
  ) async throws {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    var configuration = EmbeddedAPIServer.Configuration(storage: .memory)
    configuration.webhookTransport = curl
    let api = try EmbeddedAPIServer.open(configuration)
    defer { api.close() }
    let client = APIClient(transport: api, configuration: .inProcess, fieldManager: "test")
    try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
    var options = OwnCertificateOptions(namespace: "kube-system", names: ["127.0.0.1"])
    options.terms.authorityLife = 300 * Self.day
    options.terms.servingLife = 300 * Self.day
    options.now = { time.now }
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let server = AdmissionServer(
      AdmissionConfiguration(host: "127.0.0.1", port: 0, certificate: .own(options)), client: client, logger: .silent,
      metricsFactory: NOOPMetricsHandler.instance
    ) { listening.yield($1) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      let port = try #require(await ports.first { _ in true })
      try await Registrations(client: client).create(url: "https://127.0.0.1:\(port)")
      try await eventually("admission is served") { server.unready == nil }
      try await server.prepare()
      let result: Result<Void, any Error>
      do {
        result = .success(try await body(client, server))
      } catch {
        result = .failure(error)
      }
      group.cancelAll()
      // The server ends by cancellation, which is no failure of the test.
      do { try await group.waitForAll() } catch is CancellationError {}
      try result.get()
    }
  }

  private static func gameType(_ name: String, timeout: String = "40m") -> JSONValue {
    [
      "apiVersion": "umpire.dev/v1alpha1", "kind": "GameType", "metadata": ["name": .string(name)],
      "spec": [
        "fleetSpec": [
          "spec": ["timeout": .string(timeout), "pod": ["containers": [["name": "game", "image": "game:1"]]]]
        ]
      ],
    ]
  }

  private static func create(_ object: JSONValue, _ client: APIClient) async throws -> JSONValue {
    try await client.send(
      .create(GameType.resourceType, namespace: "default", body: object.serialized(), fieldManager: "test"),
      as: JSONValue.self)
  }

  private static func refusal(_ object: JSONValue, _ client: APIClient) async throws -> Status? {
    do {
      _ = try await Self.create(object, client)
      return nil
    } catch let error as APIError {
      return error.status
    }
  }

  private final class Renewal: Sendable {
    private let state = Mutex(false)
    var isOver: Bool { self.state.withLock { $0 } }
    func end() { self.state.withLock { $0 = true } }
  }

  /// The certificates may be in order first.
  @Test func isNotReadyBeforeItListens() async throws {
    let api = try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration(storage: .memory))
    defer { api.close() }
    let server = AdmissionServer(
      AdmissionConfiguration(
        host: "127.0.0.1", port: 0,
        certificate: .own(OwnCertificateOptions(namespace: "kube-system", names: ["127.0.0.1"]))),
      client: APIClient(transport: api, configuration: .inProcess, fieldManager: "test"), logger: .silent,
      metricsFactory: NOOPMetricsHandler.instance)
    try await server.prepare()
    #expect(server.unready == "admission does not listen yet")
  }

  @Test func writesAreJudgedWhileCertificatesAreRenewed() async throws {
    let start = Date()
    let time = ManualTime(start.addingTimeInterval(-201 * Self.day))
    try await self.withAdmission(time) { client, server in
      let registrations = Registrations(client: client)
      let old = try await registrations.bundle()
      let renewal = Renewal()
      let judged = try await withThrowingTaskGroup(of: Int.self) { group in
        for writer in 0..<4 {
          group.addTask {
            // With failurePolicy Fail, a question that fails is no 422.
            var count = 0
            while !renewal.isOver || count == 0 {
              let bad = try await Self.refusal(Self.gameType("bad", timeout: "9000h"), client)
              #expect(bad?.details?.causes?.map(\.field) == ["spec.fleetSpec.spec.timeout"], "\(bad?.message ?? "")")
              _ = try await Self.create(Self.gameType("good-\(writer)-\(count)"), client)
              count += 1
            }
            return count
          }
        }
        time.set(start)
        try await server.prepare()
        try await server.prepare()
        renewal.end()
        return try await group.reduce(0, +)
      }
      #expect(judged >= 4)
      #expect(try await registrations.bundle() != old)
      #expect(try await client.list(GameType.self, namespace: "default").items.count == judged)
    }
  }

  @Test func whatIsLeftOutIsFilledIn() async throws {
    try await self.withAdmission(ManualTime(Date())) { client, _ in
      // No definition states defaults any more: what is there comes from admission.
      let type = ResourceType(
        group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition",
        plural: "customresourcedefinitions", isNamespaced: false)
      let open: JSONValue = [
        [
          "op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec",
          "value": [
            "type": "object", "x-kubernetes-preserve-unknown-fields": true,
          ],
        ]
      ]
      _ = try await client.send(
        .patch(
          type, ObjectKey(namespace: nil, name: "gametypes.umpire.dev"), kind: .json, body: open.serialized(),
          fieldManager: "test"), as: JSONValue.self)
      let stored = try await Self.create(Self.gameType("arena"), client)
      #expect(stored["spec"]?["updateStrategy"]?["type"] == "BlueGreen")
      #expect(stored["spec"]?["fleetSpec"]?["scaling"]?["replicas"] == 1)
      #expect(stored["spec"]?["fleetSpec"]?["spec"]?["timeout"] == "40m")
    }
  }

  // MARK: Writers

  /// Posts a review as the API server does, and returns the answer.
  private static func ask(_ review: JSONValue, _ address: String, _ client: APIClient) async throws -> JSONValue? {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    let bundle = try #require(try await Registrations(client: client).bundle())
    let head = HTTPRequest(method: .post, scheme: "https", authority: address, path: "/writer?timeout=2s")
    let request = TransportRequest(
      head: head, body: review.serialized(), security: TransportSecurity(certificateAuthority: bundle))
    return try JSONValue(parsing: try await curl.collect(request).body)["response"]
  }

  @Test func aSidecarsTokenIsGoodForItsOwnServerOnly() async throws {
    try await self.withAdmission(ManualTime(Date())) { client, _ in
      let url = try await client.get(ValidatingWebhookConfiguration.self, Registrations.key).webhooks?.first
      let address = try #require(url?["clientConfig"]?["url"]?.stringValue?.split(separator: "/")[1])
      var metadata = ObjectMeta(name: "other-pod", namespace: "default")
      metadata.ownerReferences = [
        OwnerReference(apiVersion: "umpire.dev/v1alpha1", kind: "Server", name: "other", uid: "1", controller: true)
      ]
      let spec = PodSpec(containers: [Container(name: "game", image: "game:1")])
      let pod = try await client.create(Pod(metadata: metadata, spec: spec))
      let tool = try await client.create(
        Pod(metadata: ObjectMeta(name: "lobby", namespace: "default"), spec: spec))
      func answer(_ pod: Pod, _ uid: String?, of server: String) async throws -> JSONValue? {
        var user = AdmissionSamples.user(pod: pod.metadata.name ?? "", uid: uid ?? "")
        user["username"] = "system:serviceaccount:default:umpire-sidecar"
        let object = AdmissionSamples.server.applying(
          mergePatch: ["metadata": ["name": .string(server), "namespace": "default"]])
        let review = AdmissionSamples.review(
          object, replacing: object, ["userInfo": user, "namespace": "default", "subResource": "status"])
        return try await Self.ask(review, String(address), client)
      }
      #expect(try await answer(pod, pod.metadata.uid, of: "other")?["allowed"] == true)
      let refused = try await answer(pod, pod.metadata.uid, of: "duel")
      #expect(refused?["allowed"] == false)
      #expect(
        refused?["status"]?["message"] == #"Pod "other-pod" is that of Server "other" and may not change Server "duel""#
      )
      #expect(try await answer(tool, tool.metadata.uid, of: "duel")?["allowed"] == true)
      #expect(try await answer(tool, pod.metadata.uid, of: "duel")?["allowed"] == false)
    }
  }

  // MARK: Lookups

  /// A clock on which every time has come already.
  private struct OverClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {}
  }

  @Test func lookupsDoNotHang() async throws {
    let transport = ScriptedTransport { _, _ in
      try await Task.sleep(for: .seconds(3600))
      return .body("")
    }
    let client = APIClient(transport: transport, configuration: .inProcess, fieldManager: "test")
    let store = ObjectStore<WebhookConfiguration>()
    let lookups = ClusterLookups(client: client, configurations: store, clock: OverClock())
    let key = ObjectKey(namespace: "games", name: "studio")
    await #expect(throws: ClusterLookups.TooSlow.self) { try await lookups.webhookConfiguration(key) }
    await #expect(throws: ClusterLookups.TooSlow.self) { try await lookups.autoscalers(in: "games") }
    await #expect(throws: ClusterLookups.TooSlow.self) { try await lookups.pod(key) }
    // What is known is not asked for.
    let asked = transport.requests.count
    store.apply(WebhookConfiguration(metadata: ObjectMeta(name: "studio", namespace: "games"), webhooks: []))
    #expect(try await lookups.webhookConfiguration(key)?.metadata.name == "studio")
    #expect(transport.requests.count == asked)
  }
}
