import APIServer
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesRuntime

/// One object that does not decode must not stop the work on all others.
@Suite(.timeLimit(.minutes(1))) struct UnreadableObjectTests {
  private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  /// A ConfigMap that decodes only if its number is one.
  private struct NumberMap: KubernetesResource {
    static let resourceType = ConfigMap.resourceType
    var apiVersion: String? = "v1"
    var kind: String? = "ConfigMap"
    var metadata: ObjectMeta
    var data: [String: String]?
    var number: Int { self.data?["number"].flatMap(Int.init) ?? 0 }

    private enum CodingKeys: String, CodingKey { case apiVersion, kind, metadata, data }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
      self.data = try container.decodeIfPresent([String: String].self, forKey: .data)
      if let text = self.data?["number"], Int(text) == nil {
        throw DecodingError.dataCorruptedError(forKey: .data, in: container, debugDescription: "\(text) is no number")
      }
    }
  }

  @Test func anObjectThatCannotBeReadHidesNoOther() async throws {
    let server = try EmbeddedAPIServer.open(EmbeddedAPIServer.Configuration())
    defer { server.close() }
    let client = APIClient(transport: server, configuration: .inProcess, fieldManager: "test")
    func set(_ name: String, _ number: String?) async throws {
      let map = ConfigMap(metadata: ObjectMeta(name: name, namespace: "default"), data: number.map { ["number": $0] })
      do {
        _ = try await client.create(map)
      } catch let error as APIError where error.isAlreadyExists {
        let _: ConfigMap = try await client.patch(
          ConfigMap.self, Self.key(name), ["data": ["number": number.map(JSONValue.string) ?? .null]])
      }
    }
    // Waits that take almost no time, so that the test need not.
    let timing = WatchTiming(
      time: ClientTime(sleep: { _ in try await Task.sleep(for: .milliseconds(5)) }, jitter: { 0 }))
    func follow(_ body: (ObjectStore<NumberMap>, BreakableTransport) async throws -> Void) async throws {
      let (store, line) = (ObjectStore<NumberMap>(), BreakableTransport(server))
      let watcher = Watcher<NumberMap>(
        client: APIClient(transport: line, configuration: .inProcess, fieldManager: "watcher"), namespace: "default",
        store: store, logger: silentLogger, timing: timing
      ) { _ in }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await watcher.run() }
        await watcher.waitUntilSynced()
        try await body(store, line)
        group.cancelAll()
      }
    }
    func number(_ name: String, _ store: ObjectStore<NumberMap>) -> Int? { store.get(Self.key(name))?.number }
    try await set("a", "1")
    try await follow { store, line in
      try await set("a", "poison")
      try await set("b", "2")
      try await eventually("the next object is seen") { number("b", store) == 2 }
      // It stays as it was last read, also when everything is listed anew.
      #expect(number("a", store) == 1)
      #expect(line.requests.filter { $0.contains("watch=true") }.count == 1)
      try await set("a", "3")
      try await eventually("mended, it is seen again") { number("a", store) == 3 }
      try await set("a", "poison")
      try await client.delete(ConfigMap.self, Self.key("a"))
      try await eventually("its end is seen all the same") { number("a", store) == nil }
    }
    try await set("a", "poison")
    try await follow { store, _ in
      #expect(number("b", store) == 2)
      #expect(number("a", store) == nil)
      // Whoever must know all is told.
      await #expect(throws: APIError.self) { _ = try await client.list(NumberMap.self, namespace: "default") }
    }
  }
}
