import AllocationCounterShims
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import UmpireModel

/// What an event of a watch costs the client from its bytes to the observer.
///
/// The bytes are made beforehand and come from memory, so that all CPU time and all allocations are the client's.
enum WatcherBenchmark {
  static func run(_ scale: Scale) async throws -> [Figure] {
    // Once for what is made only once, such as metadata of types.
    _ = try await Self.watch(ScriptedTransport(objects: 100))
    return try await Self.watch(ScriptedTransport(objects: scale.watchedObjects))
  }

  private static func watch(_ transport: ScriptedTransport) async throws -> [Figure] {
    let client = APIClient(transport: transport, configuration: .inProcess, fieldManager: "umpire-benchmarks")
    let (finished, finish) = AsyncStream.makeStream(of: Void.self)
    let seen = Mutex(0)
    let logger = Logger(label: "umpire-benchmarks", factory: { _ in SwiftLogNoOpLogHandler() })
    let watcher = Watcher<Server>(client: client, logger: logger) { _ in
      let isLast = seen.withLock { seen in
        seen += 1
        return seen == transport.events
      }
      if isLast { finish.finish() }
    }
    let cpu = ThisProcess.cpuTime
    let allocations = allocation_counter_total()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await watcher.run() }
      group.addTask {
        // A watcher that cannot read its events tries for ever.
        try? await Task.sleep(for: .seconds(120))
        finish.finish()
      }
      for await _ in finished {}
      group.cancelAll()
    }
    let count = seen.withLock { $0 }
    guard count == transport.events else {
      throw BenchmarkError(description: "\(count) of \(transport.events) events were seen")
    }
    let part = 1 / Double(count)
    return [
      Figure(name: "watcher.cpu", value: (ThisProcess.cpuTime - cpu) / .microseconds(1) * part, unit: "µs/event"),
      Figure(
        name: "watcher.allocations", value: Double(allocation_counter_total() - allocations) * part,
        unit: "allocations/event"),
      Figure(name: "watcher.bytes", value: Double(transport.bytes) * part, unit: "bytes/event"),
    ]
  }
}

/// Answers a list with nothing and the first watch with each object, added and then modified.
private struct ScriptedTransport: ClientTransport {
  private static let chunkBytes = 16 << 10
  let events: Int
  let bytes: Int
  private let chunks: [[UInt8]]

  init(objects: Int) {
    var stream: [UInt8] = []
    for (round, type) in ["ADDED", "MODIFIED"].enumerated() {
      for number in 0..<objects {
        let version = 2 + round * objects + number
        stream += Array(#"{"type":"\#(type)","object":\#(Self.server(number, version: version))}"#.utf8)
        stream.append(0x0A)
      }
    }
    self.events = 2 * objects
    self.bytes = stream.count
    self.chunks = stride(from: 0, to: stream.count, by: Self.chunkBytes).map {
      Array(stream[$0..<min(stream.count, $0 + Self.chunkBytes)])
    }
  }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let head = HTTPResponse(status: .ok, headerFields: [.contentType: "application/json"])
    guard request.head.path?.contains("watch=true") == true else {
      let list =
        #"{"apiVersion":"umpire.dev/v1alpha1","kind":"ServerList","metadata":{"resourceVersion":"1"},"items":[]}"#
      let rest = Mutex<[[UInt8]]>([Array(list.utf8)])
      return try await handle(
        TransportResponse(head: head, body: ResponseBody { rest.withLock { $0.popLast() } }))
    }
    let next = Mutex(0)
    let body = ResponseBody { [chunks] in
      let index = next.withLock { next in
        defer { next += 1 }
        return next
      }
      if index < chunks.count { return chunks[index] }
      // A watch stays open when nothing happens.
      try await Task.sleep(for: .seconds(600))
      return nil
    }
    return try await handle(TransportResponse(head: head, body: body))
  }

  private static func server(_ number: Int, version: Int) -> String {
    #"""
    {"apiVersion":"umpire.dev/v1alpha1","kind":"Server","metadata":{"name":"arena-\#(number)","namespace":"default",\#
    "uid":"7b6f3c1e-0000-4000-8000-\#(100_000_000_000 + number)","resourceVersion":"\#(version)","generation":1,\#
    "creationTimestamp":"2025-01-01T00:00:00Z","labels":{"umpire.dev/fleet":"arena","umpire.dev/gametype":"duel"},\#
    "finalizers":["umpire.dev/server"],"ownerReferences":[{"apiVersion":"umpire.dev/v1alpha1","kind":"Fleet",\#
    "name":"arena","uid":"7b6f3c1e-0000-4000-8000-000000000001","controller":true,"blockOwnerDeletion":true}]},\#
    "spec":{"pod":{"containers":[{"name":"game","image":"registry.example.com/arena:1.4.2","args":["--map","docks"],\#
    "env":[{"name":"REGION","value":"eu-1"},{"name":"TICK_RATE","value":"60"}],\#
    "ports":[{"name":"game","containerPort":7777,"protocol":"UDP"}],\#
    "resources":{"requests":{"cpu":"500m","memory":"512Mi"},"limits":{"memory":"1Gi"}}}]},"timeout":"40m0s",\#
    "allowForceDelete":false,"readinessGates":["umpire.dev/GameReady"],"deletableGates":[],"constraints":[],\#
    "opsState":"None"},"status":{"state":"Ready","conditions":[{"type":"Ready","status":"True","reason":"GatesTrue",\#
    "message":"every gate is true","lastTransitionTime":"2025-01-01T00:00:05Z"},{"type":"umpire.dev/GameReady",\#
    "status":"True","reason":"Reported","message":"","lastTransitionTime":"2025-01-01T00:00:04Z"}]}}
    """#
  }
}
