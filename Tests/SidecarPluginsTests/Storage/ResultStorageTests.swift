import ClusterTestSupport
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Observability
import Synchronization
import TestSupport
import Testing
import UmpireModel

@testable import SidecarPlugins

/// A transport in front of another one that counts writes, and fails when a test says so.
final class WatchedTransport: ClientTransport {
  private struct State {
    var writes: [String] = []
    var failure: TransportError?
    var before: (@Sendable () async throws -> Void)?
  }
  private let base: any ClientTransport
  private let state = Mutex(State())

  init(_ base: any ClientTransport) { self.base = base }

  /// Method and path of every request that changes something.
  var writes: [String] { self.state.withLock { $0.writes } }
  func fail(_ error: TransportError?) { self.state.withLock { $0.failure = error } }
  /// Does something right before the next write.
  func beforeNextWrite(_ body: @escaping @Sendable () async throws -> Void) { self.state.withLock { $0.before = body } }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    if let failure = self.state.withLock({ $0.failure }) { throw failure }
    if request.head.method != .get {
      let before = self.state.withLock { state in
        state.writes.append("\(request.head.method) \(request.head.path?.prefix { $0 != "?" } ?? "")")
        defer { state.before = nil }
        return state.before
      }
      try await before?()
    }
    return try await self.base.withResponse(to: request, handle)
  }
}

/// What a test of storage has: a cluster with a Server and its Pod, and surroundings in it.
struct StorageScene: Sendable {
  var client: APIClient
  var transport: WatchedTransport
  var surroundings: PluginSurroundings

  static func run(
    time: ClientTime = ClientTime(), labels: [String: String] = [:], _ body: (StorageScene) async throws -> Void
  ) async throws {
    try await withCluster { cluster in
      _ = try await cluster.client.create(Namespace(name: "games"))
      var container = Container(name: "game", image: "game:1")
      container.environment = [EnvironmentVariable(name: "MAP", value: "arena-1")]
      let spec = PodSpec(containers: [container])
      let identity = PluginIdentity.arena
      _ = try await cluster.client.create(
        Server(metadata: ObjectMeta(name: identity.server.name, namespace: "games"), spec: ServerSpec(pod: spec)))
      _ = try await cluster.client.create(
        Pod(metadata: ObjectMeta(name: identity.pod.name, namespace: "games", labels: labels), spec: spec))
      let transport = WatchedTransport(cluster.server)
      var surroundings = PluginSurroundings.test(time: time)
      surroundings.identity = identity
      surroundings.client = APIClient(transport: transport, configuration: .inProcess, fieldManager: "umpire-sidecar")
      try await body(StorageScene(client: cluster.client, transport: transport, surroundings: surroundings))
    }
  }

  func storage(_ yaml: String) throws -> ResultStorage {
    let text = "endpoints: [{url: 'http://a', storageConfig: {type: InKube, inKube: \(yaml)}}]"
    let (configuration, errors, _) = try reading(HTTPProbePlugin.self, text)
    #expect(errors.isEmpty)
    return ResultStorage(configuration.endpoints[0].storage, self.surroundings)
  }

  func pod() async throws -> Pod { try await self.client.get(Pod.self, PluginIdentity.arena.pod) }
  func server() async throws -> Server { try await self.client.get(Server.self, PluginIdentity.arena.server) }
}

@Suite(.timeLimit(.minutes(1)))
struct ResultStorageTests {
  private static let everything = """
    {annotationKey: example.com/state, labelKey: state, target: {podOwner: true}, jsonPath: /metadata/annotations/last,
      markerPolices: [
        {state: WaitToBeDeleted, gameServerOpsState: WaitToBeDeleted, labels: {going: 'yes'}, annotations: {why: over},
          jsonPathConfigs: [{jsonPath: /spec/allowForceDelete, fieldType: bool, value: true}]},
        {state: Allocated, gameServerOpsState: Allocated}]}
    """

  @Test func aResultIsWrittenEverywhereWhereNothingWasBefore() async throws {
    try await StorageScene.run { scene in
      let storage = try scene.storage(Self.everything)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await storage.run() }
        storage.put("WaitToBeDeleted")
        try await eventually("stored") { storage.stored == "WaitToBeDeleted" }
        let (pod, server) = (try await scene.pod(), try await scene.server())
        #expect(pod.metadata.annotation("example.com/state") == "WaitToBeDeleted")
        #expect(pod.metadata.label("state") == "WaitToBeDeleted")
        #expect(pod.metadata.label("going") == "yes")
        #expect(pod.metadata.annotation("why") == "over")
        #expect(server.spec.opsState == .waitToBeDeleted)
        #expect(server.spec.allowForceDelete)
        #expect(server.metadata.annotation("last") == "WaitToBeDeleted")
        #expect(
          scene.transport.writes == [
            "PATCH /api/v1/namespaces/games/pods/arena-1-pod",
            "PATCH /apis/umpire.dev/v1alpha1/namespaces/games/servers/arena-1",
            "PATCH /apis/umpire.dev/v1alpha1/namespaces/games/servers/arena-1",
          ])
        storage.put("Allocated")
        try await eventually("stored") { storage.stored == "Allocated" }
        #expect(try await scene.server().spec.opsState == .allocated)
        #expect(try await scene.pod().metadata.label("state") == "Allocated")
        group.cancelAll()
      }
    }
  }

  @Test func nothingIsWrittenWhenNothingHasChanged() async throws {
    try await StorageScene.run { scene in
      for round in 1...2 {
        let storage = try scene.storage(Self.everything)
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { await storage.run() }
          for _ in 1...3 {
            storage.put("Allocated")
            try await eventually("stored in round \(round)") { storage.stored == "Allocated" }
          }
          group.cancelAll()
        }
      }
      #expect(scene.transport.writes.count == 3)
    }
  }

  @Test func aConflictIsTriedAgain() async throws {
    let time = ManualTime()
    try await StorageScene.run(time: time.time) { scene in
      let storage = try scene.storage("{target: {podOwner: true}, jsonPath: /metadata/annotations/last}")
      let client = scene.client
      scene.transport.beforeNextWrite {
        _ = try await client.patch(
          Server.self, PluginIdentity.arena.server, ["metadata": ["annotations": ["other": "1"]]])
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await storage.run() }
        storage.put("one")
        try await time.advance(until: "stored") { storage.stored == "one" }
        group.cancelAll()
      }
      #expect(scene.transport.writes.count == 2)
      #expect(try await scene.server().metadata.annotations == ["other": "1", "last": "one"])
    }
  }

  @Test func whileTheAPIServerIsAwayTheNewestResultWaits() async throws {
    let time = ManualTime()
    try await StorageScene.run(time: time.time) { scene in
      let storage = try scene.storage("{annotationKey: state}")
      scene.transport.fail(TransportError(.connect, "nobody is there", progress: .nothingSent))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await storage.run() }
        storage.put("old")
        try await eventually("the failure is known") { storage.fault?.contains("nobody is there") == true }
        storage.put("older news")
        storage.put("new")
        try await time.advance(until: "the pauses grow") { time.slept.contains(.seconds(16)) }
        scene.transport.fail(nil)
        try await time.advance(until: "stored") { storage.stored == "new" }
        #expect(storage.fault == nil)
        group.cancelAll()
      }
      #expect(try await scene.pod().metadata.annotation("state") == "new")
      #expect(scene.transport.writes.count == 1)
      #expect(Array(time.slept.prefix(4)) == [1, 2, 4, 8].map { .seconds($0) })
    }
  }

  @Test func theTargetMayBeNamedByThePodsOwnVariables() async throws {
    try await StorageScene.run { scene in
      let storage = try scene.storage(
        """
        {target: {group: umpire.dev, version: v1alpha1, resource: servers, namespace: games, name: '${POD:MAP}'},
          markerPolices: [{state: Kill, gameServerOpsState: Kill}]}
        """)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await storage.run() }
        storage.put("Kill")
        try await eventually("stored") { storage.stored == "Kill" }
        group.cancelAll()
      }
      #expect(try await scene.server().spec.opsState == .kill)
    }
  }

  @Test func whatCannotBeALabelIsSaid() async throws {
    try await StorageScene.run { scene in
      let storage = try scene.storage("{labelKey: state}")
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await storage.run() }
        storage.put("not a label")
        try await eventually("the fault is known") {
          storage.fault?.contains("cannot be the value of the label state") == true
        }
        group.cancelAll()
      }
      #expect(scene.transport.writes.isEmpty)
    }
  }

  @Test func aMetricIsSharedByItsNameAndSaysWhatIsNoNumber() {
    let registry = MetricsRegistry()
    var surroundings = PluginSurroundings.test()
    surroundings.metricsFactory = registry
    var configuration = StorageConfiguration()
    configuration.metricName = "players_online"
    let (one, two) = (ResultStorage(configuration, surroundings), ResultStorage(configuration, surroundings))
    one.put("3")
    two.put(" 4.5\n")
    #expect(one.fault == nil)
    #expect(
      registry.text().contains(
        """
        # HELP players_online Automatically generated metric from collected data
        # TYPE players_online gauge
        players_online 4.5
        """))
    one.put("many")
    #expect(one.fault == "the result is not a number: many")
    #expect(registry.text().contains("players_online 4.5"))
    one.put("0")
    #expect(one.fault == nil)
  }
}
