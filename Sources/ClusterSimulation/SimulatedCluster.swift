import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireLocal

/// The API server in process, with everything that was written to it in the order in which it was.
final class SimulatedCluster: Sendable {
  /// What a write left behind.
  struct Event: Sendable {
    /// The kind's plural name.
    var resource: String
    var key: ObjectKey
    /// The object as it is since, as JSON; nil if it is gone.
    var object: [UInt8]?
  }

  let server: EmbeddedAPIServer
  private let log = Mutex<[Event]>([])

  init(time: SimulatedTime) throws {
    var configuration = EmbeddedAPIServer.Configuration(storage: .memory)
    configuration.now = { time.now }
    self.server = try EmbeddedAPIServer.open(configuration)
  }

  /// A client that nothing goes wrong for.
  var outside: APIClient {
    APIClient(
      transport: RecordingTransport(cluster: self, gate: nil), configuration: .inProcess, fieldManager: "outside")
  }

  /// Installs Umpire's kinds.
  func install() async throws {
    try await ManifestApplier(client: self.outside).apply(try LocalCluster.customResourceDefinitions())
    self.log.withLock { $0 = [] }
  }

  func close() { self.server.close() }

  /// How many events there have been.
  var eventCount: Int { self.log.withLock { $0.count } }

  func event(_ index: Int) -> Event { self.log.withLock { $0[index] } }

  /// Notes what a request that was granted has left behind.
  func note(_ request: TransportRequest, _ answer: CollectedResponse) async throws {
    guard let target = RequestTarget(request) else { return }
    // A created object has its name in the answer.
    guard let name = try target.name ?? JSONValue(parsing: answer.body)["metadata"]?["name"]?.stringValue else {
      return
    }
    let head = HTTPRequest(method: .get, scheme: "http", authority: "in-process", path: target.path(name))
    let found = try await self.server.collect(TransportRequest(head: head))
    let object = found.head.status == .ok ? found.body : nil
    self.log.withLock { $0.append(Event(resource: target.resource, key: target.key(name), object: object)) }
  }
}

/// Carries requests to the API server, past the gate of whoever sends them.
struct RecordingTransport: ClientTransport {
  let cluster: SimulatedCluster
  let gate: WriteGate?

  /// A body that is handed over once.
  private final class Rest: Sendable {
    private let bytes: Mutex<[UInt8]?>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }

    func take() -> [UInt8]? {
      self.bytes.withLock { bytes in
        defer { bytes = nil }
        return bytes
      }
    }
  }

  func withResponse<Result: Sendable>(
    to request: TransportRequest, _ handle: (TransportResponse) async throws -> Result
  ) async throws -> Result {
    let answer = try await self.collect(request)
    let rest = Rest(answer.body)
    return try await handle(TransportResponse(head: answer.head, body: ResponseBody { rest.take() }))
  }

  func collect(_ request: TransportRequest) async throws -> CollectedResponse {
    let isWrite = ![.get, .head, .options].contains(request.head.method)
    guard let gate else {
      let answer = try await self.cluster.server.collect(request)
      if isWrite, answer.head.status.kind == .successful { try await self.cluster.note(request, answer) }
      return answer
    }
    try gate.checkAlive()
    guard isWrite else { return try await self.cluster.server.collect(request) }
    let verdict = try await gate.admit(request)
    switch verdict {
    case .refuse(let answer): return answer
    case .lose(let error): throw error
    case .send, .sendAndLose: ()
    }
    let answer = try await self.cluster.server.collect(request)
    if answer.head.status.kind == .successful { try await self.cluster.note(request, answer) }
    if case .sendAndLose(let error) = verdict { throw error }
    return answer
  }
}
