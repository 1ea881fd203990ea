import KubernetesModel
import Synchronization
import UmpireModel

@testable import UmpireSidecar

/// An ``OwnServer`` that does what a test says.
final class StubServer: OwnServer {
  private struct State {
    var server: Server?
    var readers: [Int: AsyncStream<Server>.Continuation] = [:]
    var last = 0
    var isOver = false
    var stored: [ServerChange] = []
    var failure: SidecarError?
    var isHeld = false
    var waiting = 0
    var withdrawn = 0
  }

  private let state: Mutex<State>

  init(_ server: Server? = .arena) { self.state = Mutex(State(server: server)) }

  var server: Server? { self.state.withLock { $0.server } }
  /// What was stored, in order.
  var stored: [ServerChange] { self.state.withLock { $0.stored } }
  /// How many changes wait to be stored.
  var waiting: Int { self.state.withLock { $0.waiting } }
  /// How many changes were given up by whoever asked for them.
  var withdrawn: Int { self.state.withLock { $0.withdrawn } }
  /// How many follow the Server.
  var readers: Int { self.state.withLock { $0.readers.count } }

  /// The next changes fail in this way.
  func fail(with error: SidecarError?) { self.state.withLock { $0.failure = error } }

  /// The next changes wait until they are withdrawn, or this is over.
  func hold(_ isHeld: Bool) { self.state.withLock { $0.isHeld = isHeld } }

  func updates() -> AsyncStream<Server> {
    let (stream, continuation) = AsyncStream.makeStream(of: Server.self, bufferingPolicy: .bufferingNewest(1))
    let identifier = self.state.withLock { state in
      if let server = state.server { continuation.yield(server) }
      if state.isOver { continuation.finish() }
      state.last += 1
      state.readers[state.last] = continuation
      return state.last
    }
    continuation.onTermination = { _ in self.state.withLock { $0.readers[identifier] = nil } }
    return stream
  }

  /// Changes the Server, and tells those who follow it.
  func change(_ change: (inout Server) -> Void) {
    let (server, readers) = self.state.withLock { state in
      var server = state.server ?? .arena
      change(&server)
      state.server = server
      return (server, Array(state.readers.values))
    }
    for reader in readers { reader.yield(server) }
  }

  /// Nothing changes any more.
  func end() {
    let readers = self.state.withLock { state in
      state.isOver = true
      return Array(state.readers.values)
    }
    for reader in readers { reader.finish() }
  }

  func store(_ change: ServerChange) async throws(SidecarError) {
    self.state.withLock { $0.waiting += 1 }
    defer { self.state.withLock { $0.waiting -= 1 } }
    while self.state.withLock({ $0.isHeld }) {
      do {
        try await Task.sleep(for: .milliseconds(5))
      } catch {
        self.state.withLock { $0.withdrawn += 1 }
        throw SidecarError(.withdrawn, "nobody waits for it")
      }
    }
    if let failure = self.state.withLock({ $0.failure }) { throw failure }
    self.state.withLock { $0.stored.append(change) }
    self.change { server in
      switch change {
      case .label(let key, let value):
        server.metadata.labels = (server.metadata.labels ?? [:]).merging([key: value]) { $1 }
      case .annotation(let key, let value):
        server.metadata.annotations = (server.metadata.annotations ?? [:]).merging([key: value]) { $1 }
      case .condition(let type, let isTrue, let reason):
        var status = server.status ?? ServerStatus()
        status.conditions.set(
          Condition(type: type, status: .init(isTrue), reason: reason, message: ""),
          now: Timestamp(secondsSinceEpoch: 1_767_225_605))
        server.status = status
      }
    }
  }
}

extension Server {
  /// A Server with something in each field that the SDK tells of.
  static var arena: Server {
    var metadata = ObjectMeta(
      name: "arena-1", namespace: "games", labels: ["umpire.dev/fleet": "arena"],
      annotations: ["note": "first \"arena\""])
    metadata.uid = "5c1f"
    metadata.resourceVersion = "41"
    metadata.generation = 3
    metadata.creationTimestamp = Timestamp(secondsSinceEpoch: 1_767_225_600)
    var spec = ServerSpec(pod: PodSpec(containers: []))
    spec.readinessGates = ["MapLoaded"]
    spec.constraints = [
      Constraint(type: "NotInService", message: "going", timeAdded: Timestamp(secondsSinceEpoch: 1_767_225_603)),
      Constraint(type: "Quiet", effective: false),
    ]
    var loaded = Condition(
      type: "MapLoaded", status: .true, reason: "Asked", message: "yes",
      lastTransitionTime: Timestamp(secondsSinceEpoch: 1_767_225_601))
    loaded.lastProbeTime = Timestamp(secondsSinceEpoch: 1_767_225_602)
    var status = ServerStatus(state: .ready, conditions: [loaded, Condition(type: "Odd", status: .unknown)])
    status.address = "10.0.0.7"
    status.nodeName = "node-a"
    return Server(metadata: metadata, spec: spec, status: status)
  }
}
