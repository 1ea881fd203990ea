import APIServer
import CurlTransport
import FoundationEssentials
import HTTPTransport
import KubernetesClient
import KubernetesModel
import Metrics
import ServerSupport
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing
import UmpireLocal
import UmpireModel

@testable import UmpireAdmission

/// Two replicas behind a Service are restarted in turn, as a rollout does, while somebody writes what is invalid.
///
/// With failurePolicy Ignore a question without an answer lets the write pass; with Fail, as here, it says why.
@Suite(.timeLimit(.minutes(2))) struct AdmissionRestartTests {
  private static let namespace = "umpire-system"
  private static let restarts = 8
  private static let writers = 4

  /// How many invalid writes were judged, and why others were not.
  private final class Tally: Sendable {
    private let counts = Mutex((judged: [Int](repeating: 0, count: writers), failures: [String]()))
    private let over = Mutex(false)
    var isOver: Bool { self.over.withLock { $0 } }
    func end() { self.over.withLock { $0 = true } }
    /// By writer.
    var judged: [Int] { self.counts.withLock { $0.judged } }
    var failures: [String] { self.counts.withLock { $0.failures } }
    func noteJudged(by writer: Int) { self.counts.withLock { $0.judged[writer] += 1 } }
    /// Returns once every writer has begun and ended a write since.
    func waitForAll() async throws {
      let before = self.judged
      try await eventually("every writer goes on") { zip(self.judged, before).allSatisfy { $0 >= $1 + 2 } }
    }
    func note(_ failure: String) { self.counts.withLock { $0.failures.append(failure) } }
  }

  @Test func noInvalidWritePassesWhileReplicasRestart() async throws {
    let curl = CurlHTTPTransport()
    defer { curl.shutdown() }
    var configuration = EmbeddedAPIServer.Configuration(storage: .memory)
    configuration.webhookTransport = curl
    let api = try EmbeddedAPIServer.open(configuration)
    defer { api.close() }
    let client = APIClient(transport: api, configuration: .inProcess, fieldManager: "test")
    try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
    try await Self.createAutoscaler("first", client)
    try await Self.prepare(client)
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = [
        try await Self.start("admission-0", address: "127.0.0.2", client, in: &group),
        try await Self.start("admission-1", address: "127.0.0.3", client, in: &group),
      ]
      let (endings, ended) = AsyncStream.makeStream(of: Void.self)
      for writer in 0..<Self.writers {
        group.addTask {
          defer { ended.yield() }
          try await Self.write(writer, tally, client)
        }
      }
      for restart in 0..<Self.restarts {
        let old = running[restart % 2]
        await old.group.triggerGracefulShutdown()
        try await tally.waitForAll()
        #expect(!old.isOver)
        try await Self.setReady(old.pod, false, client)
        try await tally.waitForAll()
        old.delay.finish()
        try await eventually("the replica has ended") { old.isOver }
        try await client.delete(Pod.self, ObjectKey(namespace: Self.namespace, name: old.pod))
        running[restart % 2] = try await Self.start(old.pod, address: old.address, client, in: &group)
      }
      tally.end()
      // Nothing is written any more when the last replicas stop.
      for await _ in endings.prefix(Self.writers) {}
      for replica in running {
        replica.delay.finish()
        await replica.group.triggerGracefulShutdown()
      }
      try await group.waitForAll()
    }
    #expect(tally.failures == [])
    #expect(tally.judged.reduce(0, +) >= Self.restarts * Self.writers * 4)
  }

  // MARK: Writers

  private static func write(_ writer: Int, _ tally: Tally, _ client: APIClient) async throws {
    var count = 0
    while !tally.isOver {
      do {
        try await Self.createAutoscaler("second-\(writer)-\(count)", client)
        tally.note("an invalid write has passed")
      } catch let error as APIError where error.status?.code == 422 {
        tally.noteJudged(by: writer)
      } catch let error as APIError {
        tally.note(error.message)
      }
      count += 1
    }
  }

  /// An autoscaler of the one game: a second is refused, and by admission only, as it takes a look at the others.
  private static func createAutoscaler(_ name: String, _ client: APIClient) async throws {
    let object: JSONValue = [
      "apiVersion": "umpire.dev/v1alpha1", "kind": "GameAutoscaler", "metadata": ["name": .string(name)],
      "spec": ["gameName": "arena", "policy": ["type": "webhook", "webhook": ["url": "https://studio.example"]]],
    ]
    _ = try await client.send(
      .create(GameAutoscaler.resourceType, namespace: "default", body: object.serialized(), fieldManager: "test"),
      as: JSONValue.self)
  }

  // MARK: Replicas

  private final class Replica: Sendable {
    let pod: String
    let address: String
    let group: ServiceGroup
    /// Ends the delay of the stop.
    let delay: AsyncStream<Void>.Continuation
    private let over = Mutex(false)
    var isOver: Bool { self.over.withLock { $0 } }

    init(pod: String, address: String, group: ServiceGroup, delay: AsyncStream<Void>.Continuation) {
      self.delay = delay
      self.pod = pod
      self.address = address
      self.group = group
    }

    func run() async throws {
      defer { self.over.withLock { $0 = true } }
      try await self.group.run()
    }
  }

  /// Starts a replica and, once it is ready, makes its Pod an endpoint.
  private static func start(
    _ pod: String, address: String, _ client: APIClient, in group: inout ThrowingTaskGroup<Void, any Error>
  ) async throws -> Replica {
    let options = OwnCertificateOptions(
      namespace: "kube-system", names: CertificateTerms.names(ofService: "umpire-admission", namespace: self.namespace))
    var configuration = AdmissionConfiguration(host: address, port: 0, certificate: .own(options))
    let (ends, delay) = AsyncStream.makeStream(of: Void.self)
    configuration.sleep = { _ in for await _ in ends {} }
    let (ports, listening) = AsyncStream.makeStream(of: Int.self)
    let server = AdmissionServer(
      configuration, client: client, logger: .silent, metricsFactory: NOOPMetricsHandler.instance
    ) { listening.yield($1) }
    let replica = Replica(
      pod: pod, address: address, group: ServiceGroup(services: [server], logger: .silent), delay: delay)
    group.addTask { try await replica.run() }
    let port = try #require(await ports.first { _ in true })
    try await eventually("the replica is ready") { server.unready == nil }
    var container = Container(name: "controller", image: "umpire-controller")
    container.ports = [ContainerPort(name: "admission", containerPort: Int64(port), protocol: "TCP")]
    let metadata = ObjectMeta(name: pod, namespace: self.namespace, labels: ["app": "umpire-controller"])
    _ = try await client.create(Pod(metadata: metadata, spec: PodSpec(containers: [container])))
    try await self.setReady(pod, true, address: address, client)
    return replica
  }

  private static func setReady(
    _ pod: String, _ isReady: Bool, address: String? = nil, _ client: APIClient
  ) async throws {
    var status: JSONValue = [
      "phase": "Running", "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
    ]
    if let address { status["podIP"] = .string(address) }
    let _: Pod = try await client.patch(
      Pod.self, ObjectKey(namespace: self.namespace, name: pod), subresource: .status, ["status": status])
  }

  /// The Service, and the configuration by which it is asked.
  private static func prepare(_ client: APIClient) async throws {
    _ = try await client.create(Namespace(name: self.namespace))
    let service: JSONValue = [
      "metadata": ["name": "umpire-admission"],
      "spec": [
        "selector": ["app": "umpire-controller"], "ports": [["port": 443, "targetPort": "admission"]],
      ],
    ]
    _ = try await client.send(
      .create(Service.resourceType, namespace: self.namespace, body: service.serialized(), fieldManager: "test"),
      as: JSONValue.self)
    func webhook(_ path: String) -> JSONValue {
      [
        "name": "rules.umpire.dev", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail", "timeoutSeconds": 30,
        "clientConfig": [
          "service": ["name": "umpire-admission", "namespace": .string(self.namespace), "path": .string(path)]
        ],
        "rules": [
          [
            "operations": ["CREATE", "UPDATE"], "apiGroups": ["umpire.dev"], "apiVersions": ["v1alpha1"],
            "resources": ["gameautoscalers"],
          ]
        ],
      ]
    }
    let metadata = ObjectMeta(name: Registrations.key.name)
    _ = try await client.create(MutatingWebhookConfiguration(metadata: metadata, webhooks: [webhook("/default")]))
    _ = try await client.create(ValidatingWebhookConfiguration(metadata: metadata, webhooks: [webhook("/validate")]))
  }
}
