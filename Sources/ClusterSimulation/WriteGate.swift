import HTTPTransport
import HTTPTypes
import KubernetesModel
import KubernetesRuntime
import Synchronization

/// Counts the writes of the controllers, has each judged, and lets go wrong what is to go wrong.
final class WriteGate: Sendable {
  /// What becomes of a write.
  enum Verdict {
    case send
    case sendAndLose(any Error)
    case lose(any Error)
    case refuse(CollectedResponse)
  }

  /// The controllers' process is gone.
  struct Crash: Error {}

  private struct State {
    var writes = 0
    var byTarget: [String: Int] = [:]
    var isDead = false
    var deaths = 0
    var faults: [Fault]
  }

  private let state: Mutex<State>
  private let referee: Referee
  let watches: SimulatedWatches
  private let strike: @Sendable (Fault.Kind) async throws -> Void
  private let death = AsyncSignal()

  /// - Parameter strike: has happen what does not concern the write itself.
  init(
    faults: [Fault], referee: Referee, watches: SimulatedWatches,
    strike: @escaping @Sendable (Fault.Kind) async throws -> Void
  ) {
    self.state = Mutex(State(faults: faults))
    self.referee = referee
    self.watches = watches
    self.strike = strike
  }

  /// How many writes there were.
  var writes: Int { self.state.withLock { $0.writes } }
  /// How many requests of each sort the API server got, such as `PATCH servers/status`, watches left out.
  var requestsByTarget: [String: Int] { self.state.withLock { $0.byTarget } }
  /// Whether the controllers have died.
  private var isDead: Bool { self.state.withLock { $0.isDead } }
  /// How often they have died.
  var deaths: Int { self.state.withLock { $0.deaths } }

  /// Returns once the controllers have died.
  func waitForDeath() async {
    while !self.isDead, !Task.isCancelled { await self.death.wait() }
  }

  /// The next controllers live.
  func revive() { self.state.withLock { $0.isDead = false } }

  func checkAlive() throws {
    if self.isDead { throw Crash() }
  }

  func admit(_ request: TransportRequest) async throws -> Verdict {
    try self.checkAlive()
    // See ``Fault`` for why.
    if RequestTarget(request)?.resource == "events" { return .send }
    let kinds = self.state.withLock { state -> [Fault.Kind] in
      state.writes += 1
      return state.faults.filter { $0.write == state.writes }.map(\.kind)
    }
    for kind in kinds { try await self.strike(kind) }
    if kinds.contains(.crashBefore) {
      self.die()
      return .lose(Crash())
    }
    for kind in kinds {
      switch kind {
      case .conflict: return .refuse(Self.refusal(.conflict, "Conflict"))
      case .serverError: return .refuse(Self.refusal(.internalServerError, "InternalError"))
      case .timeoutWithoutEffect: return .lose(Self.timeout)
      default: ()
      }
    }
    // What is not sent needs no permission.
    await self.referee.judge(request)
    if kinds.contains(.crashAfter) {
      self.die()
      return .sendAndLose(Crash())
    }
    return kinds.contains(.timeoutAfterEffect) ? .sendAndLose(Self.timeout) : .send
  }

  /// The API server gets a request.
  func count(_ request: TransportRequest) {
    let target = Self.target(of: request)
    self.state.withLock { $0.byTarget[target, default: 0] += 1 }
  }

  private static func target(of request: TransportRequest) -> String {
    let method = request.head.method.rawValue
    guard let target = RequestTarget(request) else { return method }
    return "\(method) \(target.resource)" + (target.subresource.map { "/\($0)" } ?? "")
  }

  private func die() {
    self.state.withLock { state in
      state.isDead = true
      state.deaths += 1
    }
    self.death.notify()
  }

  private static let timeout = TransportError(.timeout, "no answer came", progress: .noAnswer)

  private static func refusal(_ status: HTTPResponse.Status, _ reason: String) -> CollectedResponse {
    let body: JSONValue = [
      "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "the simulation refuses",
      "reason": .string(reason), "code": .integer(Int64(status.code)),
    ]
    return CollectedResponse(
      head: HTTPResponse(status: status, headerFields: [.contentType: "application/json"]), body: body.serialized())
  }
}
