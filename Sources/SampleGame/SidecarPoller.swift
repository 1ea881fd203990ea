import FoundationEssentials
package import HTTPTransport
import HTTPTypes

/// Asks the sidecar whether this server shall go, and permits it once the match is over.
///
/// This is all that a game server needs to know of Umpire: `GET /shutdown`, and `POST /allow_delete` when its players
/// have gone. With `?wait=` the sidecar answers when there is something to say, so that it need not be asked all the time.
package struct SidecarPoller: Sendable {
  private let transport: any ClientTransport
  private let authority: String
  private let interval: Duration
  private let report: @Sendable (_ line: String) -> Void

  /// What this server has to do for the sidecar.
  package enum Duty: Sendable, Hashable {
    /// Play, and ask whether to go.
    case play
    /// Take nobody new, and play to the end.
    case finish
    /// Tell the sidecar that it may go.
    case permit
    /// Wait for SIGTERM.
    case wait

    /// What follows, given the sidecar's answers and the number of players.
    package func next(shutdown: Bool, players: Int, isPermitted: Bool) -> Duty {
      switch self {
      case .play where shutdown, .finish: players == 0 ? .permit : .finish
      case .play: .play
      case .permit where isPermitted: .wait
      case .permit: .permit
      case .wait: .wait
      }
    }
  }

  /// Creates a poller for the sidecar at `authority` (`host:port`); `report` is told each change of state.
  package init(
    transport: any ClientTransport, authority: String, interval: Duration,
    report: @escaping @Sendable (_ line: String) -> Void
  ) {
    self.transport = transport
    self.authority = authority
    self.interval = interval
    self.report = report
  }

  /// Polls until permission has been given or the task is cancelled.
  package func run(for server: GameServer) async {
    var duty = Duty.play
    var isReachable: Bool?
    while duty != .wait {
      var shutdown = false
      var isPermitted = false
      let began = ContinuousClock.now
      do {
        switch duty {
        case .play: shutdown = try await self.isShutdownRequested()
        case .permit: try await self.permitDeletion(); isPermitted = true
        case .finish, .wait: ()
        }
        if isReachable != true { self.report("sidecar answers") }
        isReachable = true
      } catch {
        if Task.isCancelled { return }
        if isReachable != false { self.report("sidecar does not answer, asking on: \(error)") }
        isReachable = false
      }
      if shutdown { server.closeToNewcomers() }
      let next = duty.next(shutdown: shutdown, players: server.players, isPermitted: isPermitted)
      if next != duty {
        self.report("duty \(next)")
        duty = next
        if next == .permit { continue }
      }
      // A sidecar that waits with its answer has made the pause already. Cancellation ends it, and the loop with it.
      guard (try? await Task.sleep(until: began + self.interval, clock: .continuous)) != nil else { return }
    }
  }

  private func isShutdownRequested() async throws -> Bool {
    let response = try await self.send(.get, "/shutdown?wait=5s&known=false")
    return try JSONDecoder().decode(Shutdown.self, from: Data(response.body)).shutdown
  }

  private func permitDeletion() async throws {
    _ = try await self.send(.post, "/allow_delete", body: #"{"allowed": true}"#)
  }

  private func send(_ method: HTTPRequest.Method, _ path: String, body: String = "") async throws -> CollectedResponse {
    var head = HTTPRequest(method: method, scheme: "http", authority: self.authority, path: path)
    if !body.isEmpty { head.headerFields[.contentType] = "application/json" }
    let limits = TransportRequest.Limits(connect: .seconds(2), total: .seconds(10), responseBytes: 4096)
    let response = try await self.transport.collect(
      TransportRequest(head: head, body: Array(body.utf8), limits: limits))
    guard response.head.status == .ok else { throw UnexpectedStatus(code: response.head.status.code) }
    return response
  }

  private struct Shutdown: Decodable {
    var shutdown: Bool
  }

  private struct UnexpectedStatus: Error, CustomStringConvertible {
    var code: Int
    var description: String { "status \(self.code)" }
  }
}
