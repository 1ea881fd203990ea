import ClusterTestSupport
import CurlTransport
import FoundationEssentials
import HTTPTransport
import KubernetesClient
import KubernetesModel
import UmpireLocal
import UmpireModel

/// What Servers cost the controller: a process of its own, against an API server in another one or the cluster that
/// `UMPIRE_TEST_KUBECONFIG` names, with a stand-in node that says of every Pod that it runs.
enum ServersBenchmark {
  /// Longer than any phase may take.
  private static let limit: Duration = .seconds(300)
  private static let changes = 1_000
  private static let rest: Duration = .seconds(10)

  static func run(_ scale: Scale) async throws -> [Figure] {
    var figures: [Figure] = []
    for crowd in scale.crowds {
      try await Self.withCluster { client, kubeconfig in
        figures += try await Self.inOwnNamespace(client) { namespace in
          try await ControllerProcess.run(kubeconfig: kubeconfig, namespace: namespace) { controller in
            try await Self.measure(crowd, client, namespace, controller)
          }
        }
      }
    }
    return figures
  }

  private static func measure(
    _ crowd: Scale.Crowd, _ client: APIClient, _ namespace: String, _ controller: ControllerProcess
  ) async throws -> [Figure] {
    let observer = ServersObserver(client: client, namespace: namespace)
    let node = StandInNode(client: client, namespace: namespace, workers: 16)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await observer.run() }
      group.addTask { await node.run() }
      defer { group.cancelAll() }
      var record = Record(name: "servers.\(crowd.gameTypes)x\(crowd.servers)", count: Double(crowd.total))
      record.before = try await controller.reading()
      let memory = record.before?.anonymousMemory ?? 0

      var start = ContinuousClock.now
      for number in 0..<crowd.gameTypes {
        _ = try await client.create(Self.gameType(number, namespace: namespace, servers: crowd.servers))
      }
      try await observer.wait(within: Self.limit) { $0.ready == crowd.total }
      record.add("ready", (ContinuousClock.now - start).inSeconds, "s")
      try await observer.waitForRest()
      let started = try await controller.reading()
      record.addCosts("start", of: started, events: observer.seen.events)
      record.add("memory", (started.anonymousMemory - memory) * 1024 / record.count, "KiB/Server")

      try await Task.sleep(for: Self.rest)
      let rested = try await controller.reading()
      record.add("rest.cpu", (rested.cpu - started.cpu).inMilliseconds / Self.rest.inSeconds, "ms/s")
      // The controller's own answer about its metrics is no request of its.
      record.add("rest.requests", rested.requests - started.requests, "requests")

      let keys = observer.keys
      for number in 0..<Self.changes {
        let seen: JSONValue = ["example.com/seen": .string("\(number)")]
        let _: Server = try await client.patch(
          Server.self, keys[number % keys.count], ["metadata": ["annotations": seen]])
      }
      try await observer.waitForRest()
      let changed = try await controller.reading()
      record.add("change.cpu", (changed.cpu - rested.cpu) / .microseconds(1) / Double(Self.changes), "µs/event")
      record.add("change.writes", changed.writes - rested.writes, "writes")

      record.before = changed
      let events = observer.seen.events
      start = ContinuousClock.now
      for number in 0..<crowd.gameTypes {
        try await client.delete(GameType.self, ObjectKey(namespace: namespace, name: "game-\(number)"))
      }
      try await observer.wait(within: Self.limit) { $0.present == 0 }
      record.add("gone", (ContinuousClock.now - start).inSeconds, "s")
      try await observer.waitForRest()
      record.addCosts("end", of: try await controller.reading(), events: observer.seen.events - events)
      return record.figures
    }
  }

  /// Figures of one crowd.
  private struct Record {
    let name: String
    let count: Double
    var before: ControllerProcess.Reading?
    private(set) var figures: [Figure] = []

    init(name: String, count: Double) {
      self.name = name
      self.count = count
    }

    mutating func add(_ figure: String, _ value: Double, _ unit: String) {
      self.figures.append(Figure(name: "\(self.name).\(figure)", value: value, unit: unit))
    }

    /// What a phase took since ``before``, by Server and by event.
    mutating func addCosts(_ phase: String, of reading: ControllerProcess.Reading, events: Int) {
      guard let before = self.before else { return }
      let cpu = reading.cpu - before.cpu
      self.add("\(phase).cpu", cpu.inMilliseconds / self.count, "ms/Server")
      self.add("\(phase).eventcpu", cpu / .microseconds(1) / Double(max(1, events)), "µs/event")
      self.add("\(phase).writes", (reading.writes - before.writes) / self.count, "writes/Server")
      self.add("\(phase).conflicts", reading.conflicts - before.conflicts, "conflicts")
    }
  }

  private static func gameType(_ number: Int, namespace: String, servers: Int) -> GameType {
    var container = Container(name: "game", image: "registry.example.com/arena:1.4.2")
    container.ports = [ContainerPort(name: "game", containerPort: 7777, protocol: "UDP")]
    container.fields["resources"] = [
      "requests": ["cpu": "500m", "memory": "512Mi"], "limits": ["memory": "1Gi"],
    ]
    var spec = ServerSpec(pod: StandInPod.spec([container]))
    // Nobody plays: they go when they are told.
    spec.allowForceDelete = true
    return GameType(
      metadata: ObjectMeta(name: "game-\(number)", namespace: namespace),
      spec: GameTypeSpec(fleetSpec: FleetSpec(scaling: FleetScaling(replicas: Int64(servers)), spec: spec)))
  }

  // MARK: Clusters

  private static func withCluster(_ body: (APIClient, _ kubeconfig: String) async throws -> Void) async throws {
    if let path = ProcessInfo.processInfo.environment["UMPIRE_TEST_KUBECONFIG"], !path.isEmpty {
      let transport = CurlHTTPTransport()
      defer { transport.shutdown() }
      let configuration = try Kubeconfig(paths: [path]).configuration()
      return try await body(
        APIClient(transport: transport, configuration: configuration, fieldManager: "umpire-benchmarks"), path)
    }
    try await ServerProcess.run(.memory) { server in
      let path = FileManager.default.temporaryDirectory.path + "/umpire-benchmark-\(UUID().uuidString).yaml"
      try KubeconfigWriter(server: "http://\(server.authority)").write(to: path)
      // A file that is left behind in the temporary directory harms nobody.
      defer { try? FileManager.default.removeItem(atPath: path) }
      try await body(server.client, path)
    }
  }

  /// Runs `body` with Umpire's kinds installed and a namespace of its own, which is removed afterwards.
  private static func inOwnNamespace<Result>(
    _ client: APIClient, _ body: (String) async throws -> Result
  ) async throws -> Result {
    try await ManifestApplier(client: client).apply(try LocalCluster.customResourceDefinitions())
    let name = "umpire-benchmark-\(UUID().uuidString.prefix(8).lowercased())"
    _ = try await client.create(Namespace(name: name))
    do {
      let result = try await body(name)
      try await client.delete(Namespace.self, ObjectKey(namespace: nil, name: name))
      return result
    } catch {
      // What went wrong before is told; the namespace may be gone already.
      _ = try? await client.delete(Namespace.self, ObjectKey(namespace: nil, name: name))
      throw error
    }
  }
}
