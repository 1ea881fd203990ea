import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(2))) struct WatcherTests {
  /// A server, the line to it that a watcher uses, and a client of its own.
  private struct Scene {
    var server: EmbeddedAPIServer
    var line: BreakableTransport
    var client: APIClient
    var store: ObjectStore<ConfigMap>
    var journal: Journal
  }

  /// Waits that take almost no time, so that tests need not.
  private let timing = WatchTiming(
    time: ClientTime(sleep: { _ in try await Task.sleep(for: .milliseconds(5)) }, jitter: { 0 }))

  private func withScene(
    _ change: (inout EmbeddedAPIServer.Configuration) -> Void = { _ in }, _ body: (Scene) async throws -> Void
  ) async throws {
    var configuration = EmbeddedAPIServer.Configuration()
    change(&configuration)
    let server = try EmbeddedAPIServer.open(configuration)
    defer { server.close() }
    let line = BreakableTransport(server)
    let scene = Scene(
      server: server, line: line,
      client: APIClient(transport: server, configuration: .inProcess, fieldManager: "test"),
      store: ObjectStore(), journal: Journal())
    let watcher = Watcher(
      client: APIClient(transport: line, configuration: .inProcess, fieldManager: "watcher"), namespace: "default",
      store: scene.store, logger: silentLogger, timing: self.timing
    ) { change in
      let name = change.object.metadata.name ?? ""
      switch change {
      case .added: scene.journal.note("+\(name)")
      case .updated: scene.journal.note("~\(name)")
      case .removed: scene.journal.note("-\(name)")
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await watcher.run() }
      await watcher.waitUntilSynced()
      try await body(scene)
      group.cancelAll()
    }
  }

  private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "default", name: name) }

  private func create(_ name: String, _ scene: Scene) async throws {
    _ = try await scene.client.create(ConfigMap(metadata: ObjectMeta(name: name, namespace: "default")))
  }

  private func change(_ name: String, _ scene: Scene) async throws {
    let _: ConfigMap = try await scene.client.patch(ConfigMap.self, self.key(name), ["data": ["changed": "yes"]])
  }

  /// Whether the store holds exactly what the server has.
  private func agrees(_ scene: Scene) async throws -> Bool {
    let list = try await scene.client.list(ConfigMap.self, namespace: "default")
    func versions(_ maps: [ConfigMap]) -> [ObjectKey: String?] {
      Dictionary(uniqueKeysWithValues: maps.map { ($0.key, $0.metadata.resourceVersion) })
    }
    return versions(scene.store.all()) == versions(list.items)
  }

  private func watches(_ scene: Scene) -> Int { scene.line.requests.filter { $0.contains("watch=true") }.count }

  private func lists(_ scene: Scene) -> Int { scene.line.requests.filter { !$0.contains("watch=true") }.count }

  /// Breaks the watch, and returns once the watcher has noticed.
  private func cut(_ scene: Scene) async throws {
    let before = scene.line.refusals
    scene.line.refuse(true)
    scene.line.breakStreams()
    try await eventually("the watcher tries again") { scene.line.refusals > before }
  }

  @Test func followsWhatHappens() async throws {
    try await self.withScene { scene in
      try await self.create("a", scene)
      try await self.change("a", scene)
      try await scene.client.delete(ConfigMap.self, self.key("a"))
      try await eventually("all is told") { scene.journal.all == ["+a", "~a", "-a"] }
      #expect(self.lists(scene) == 1)
    }
  }

  @Test func whatHappensWhileTheWatchIsBrokenIsSeenWithoutANewList() async throws {
    try await self.withScene { scene in
      for name in ["gone", "kept", "remade"] { try await self.create(name, scene) }
      try await eventually("all are seen") { scene.store.count == 3 }
      try await self.cut(scene)
      try await self.create("new", scene)
      try await self.change("kept", scene)
      try await scene.client.delete(ConfigMap.self, self.key("gone"))
      try await scene.client.delete(ConfigMap.self, self.key("remade"))
      try await self.create("remade", scene)
      #expect(scene.store.get(self.key("gone")) != nil)
      scene.line.refuse(false)
      try await eventually("the store agrees") { try await self.agrees(scene) }
      #expect(scene.journal.all.dropFirst(3) == ["+new", "~kept", "-gone", "-remade", "+remade"])
      #expect(self.lists(scene) == 1)
    }
  }

  @Test func anExpiredHistoryIsMadeUpForByAList() async throws {
    try await self.withScene({ $0.historyEvents = 5 }) { scene in
      for name in ["gone", "kept"] { try await self.create(name, scene) }
      try await eventually("all are seen") { scene.store.count == 2 }
      try await self.cut(scene)
      try await scene.client.delete(ConfigMap.self, self.key("gone"))
      for number in 0..<20 { try await self.create("new-\(number)", scene) }
      try await self.change("kept", scene)
      scene.line.refuse(false)
      try await eventually("the store agrees") { try await self.agrees(scene) }
      // No deletion is lost, though no event told of it.
      #expect(scene.journal.all.filter { $0 == "-gone" }.count == 1)
      #expect(scene.journal.all.filter { $0 == "~kept" }.count == 1)
      #expect(self.lists(scene) == 2)
    }
  }

  @Test func streamsThatBreakAllTheTimeLoseNothing() async throws {
    try await self.withScene { scene in
      for round in 0..<15 {
        try await self.create("a-\(round)", scene)
        scene.line.breakStreams()
        if round > 2 { try await scene.client.delete(ConfigMap.self, self.key("a-\(round - 3)")) }
      }
      try await eventually("the store agrees") { try await self.agrees(scene) }
      #expect(scene.journal.all.filter { $0.hasPrefix("+") }.count == 15)
      #expect(scene.journal.all.filter { $0.hasPrefix("-") }.count == 12)
    }
  }

  @Test func aQuietWatchGoesOnFromItsBookmark() async throws {
    try await self.withScene({
      $0.historyEvents = 5
      $0.bookmarkInterval = .milliseconds(20)
    }) { scene in
      // Only others' objects change: the bookmark alone carries the watch past what is forgotten.
      for number in 0..<8 {
        _ = try await scene.client.create(
          ConfigMap(metadata: ObjectMeta(name: "other-\(number)", namespace: "kube-public")))
        let revision = scene.server.revision
        try await eventually("the bookmark has come") {
          scene.line.bookmarks.contains { $0.contains(#""resourceVersion":"\#(revision)""#) }
        }
      }
      let revision = String(scene.server.revision)
      scene.line.breakStreams()
      try await eventually("the watch resumes from it") {
        scene.line.requests.contains { $0.contains("resourceVersion=\(revision)&") }
      }
      try await self.create("a", scene)
      try await eventually("it is seen") { scene.journal.all == ["+a"] }
      #expect(self.lists(scene) == 1)
    }
  }

  @Test func aListOfManyPagesIsReplacedAtOnce() async throws {
    try await self.withScene { scene in
      for number in 0..<1_203 { try await self.create("page-\(number)", scene) }
      let client = APIClient(transport: scene.line, configuration: .inProcess, fieldManager: "test")
      let before = self.lists(scene)
      let list = try await client.list(ConfigMap.self, namespace: "default")
      #expect(list.items.count == 1_203)
      #expect(self.lists(scene) - before == 3)
      #expect(list.metadata.resourceVersion == String(scene.server.revision))
    }
  }

  @Test func aServerThatEndsWatchesAtOnceIsNotAskedWithoutAPause() async throws {
    let pauses = Mutex<[Duration]>([])
    let transport = ScriptedTransport { request, _ in
      request.head.path?.contains("watch=true") == true
        ? .body("") : .body(#"{"metadata":{"resourceVersion":"7"},"items":[]}"#)
    }
    let watcher = Watcher<ConfigMap>(
      client: APIClient(transport: transport, configuration: .inProcess, fieldManager: "test"), logger: silentLogger,
      timing: WatchTiming(
        time: ClientTime(
          sleep: { pause in
            let count = pauses.withLock { list in
              list.append(pause)
              return list.count
            }
            if count == 10 { try await Task.sleep(for: .seconds(600)) }
          }, jitter: { 0.5 }))
    ) { _ in }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await watcher.run() }
      try await eventually("ten pauses") { pauses.withLock { $0.count == 10 } }
      group.cancelAll()
    }
    let expected: [Duration] = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15, 15].map { .milliseconds(Int($0 * 1_000)) }
    #expect(pauses.withLock { $0 } == expected)
    let watches = transport.requests.filter { $0.head.path?.contains("watch=true") == true }
    #expect(watches.allSatisfy { $0.limits.idle == .seconds(150) && $0.limits.total != nil })
  }
}

/// Counts how often it is decoded.
private struct CountedObject: KubernetesResource {
  static let decoded = Mutex(0)
  static let resourceType = ResourceType(group: "test", version: "v1", kind: "Counted", plural: "counteds")
  var metadata: ObjectMeta

  private enum CodingKeys: String, CodingKey { case metadata }

  init(from decoder: any Decoder) throws {
    Self.decoded.withLock { $0 += 1 }
    self.metadata = try decoder.container(keyedBy: CodingKeys.self).decode(ObjectMeta.self, forKey: .metadata)
  }
}

@Suite struct DecodingCostTests {
  @Test func eachObjectIsDecodedOnce() async throws {
    func object(_ name: String, _ version: Int) -> String {
      #"{"metadata":{"name":"\#(name)","namespace":"n","resourceVersion":"\#(version)"}}"#
    }
    let list = (0..<10).map { object("a\($0)", 1) }.joined(separator: ",")
    let events = (0..<20).map { #"{"type":"MODIFIED","object":\#(object("a\($0 % 10)", 2 + $0))}"# + "\n" }
    // Cut where no frame ends.
    let bytes = Array(events.joined().utf8)
    let chunks = stride(from: 0, to: bytes.count, by: 7).map { Array(bytes[$0..<min($0 + 7, bytes.count)]) }
    let transport = ScriptedTransport { request, count in
      switch count {
      case 1: return .body(#"{"metadata":{"resourceVersion":"1"},"items":[\#(list)]}"#)
      case 2: return .chunks(chunks)
      default:
        try await Task.sleep(for: .seconds(600))
        return .body("")
      }
    }
    let watcher = Watcher<CountedObject>(
      client: APIClient(transport: transport, configuration: .inProcess, fieldManager: "test"), logger: silentLogger
    ) { _ in }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await watcher.run() }
      try await eventually("all is seen") { transport.requests.count >= 3 }
      group.cancelAll()
    }
    #expect(CountedObject.decoded.withLock { $0 } == 30)
    #expect(watcher.store.count == 10)
  }
}
