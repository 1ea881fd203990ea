import HTTPTransport
import HTTPTypes
import KubernetesModel
import Synchronization

/// Counts the writes of the controller, has each judged, and lets go wrong what is to go wrong.
final class WriteGate: Sendable {
  /// What becomes of a write.
  enum Verdict {
    case send
    case sendAndLose(any Error)
    case lose(any Error)
    case refuse(CollectedResponse)
  }

  /// The controller's process is gone.
  struct Crash: Error {}

  private struct State {
    var writes = 0
    var byTarget: [String: Int] = [:]
    var isDead = false
    var faults: [Fault]
    var struck: [Fault] = []
  }

  private let state: Mutex<State>
  private let referee: Referee

  init(faults: [Fault], referee: Referee) {
    self.state = Mutex(State(faults: faults))
    self.referee = referee
  }

  /// How many writes there were.
  var writes: Int { self.state.withLock { $0.writes } }
  /// How many writes of each sort there were, such as `PATCH servers/status`.
  var writesByTarget: [String: Int] { self.state.withLock { $0.byTarget } }
  /// Whether the controller has died.
  var isDead: Bool { self.state.withLock { $0.isDead } }

  /// The next controller lives.
  func revive() { self.state.withLock { $0.isDead = false } }

  /// The faults that do not concern the write itself and have come since the last call.
  func takeStruck() -> [Fault] {
    self.state.withLock { state in
      defer { state.struck = [] }
      return state.struck
    }
  }

  func checkAlive() throws {
    if self.isDead { throw Crash() }
  }

  func admit(_ request: TransportRequest) async throws -> Verdict {
    try self.checkAlive()
    let target = Self.target(of: request)
    let kinds = self.state.withLock { state -> [Fault.Kind] in
      state.writes += 1
      state.byTarget[target, default: 0] += 1
      let due = state.faults.filter { $0.write == state.writes }
      state.struck += due
      return due.map(\.kind)
    }
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

  private static func target(of request: TransportRequest) -> String {
    let method = request.head.method.rawValue
    guard let target = RequestTarget(request) else { return method }
    return "\(method) \(target.resource)" + (target.subresource.map { "/\($0)" } ?? "")
  }

  private func die() { self.state.withLock { $0.isDead = true } }

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
