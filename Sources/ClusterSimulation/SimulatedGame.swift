import HTTPTransport
import HTTPTypes
import Synchronization
import TestSupport

/// The players, and the sidecars that know of them: a Server may go when nobody plays on it.
final class SimulatedGame: Sendable {
  private struct State {
    /// Players by the Server's name.
    var players: [String: Int] = [:]
    /// Servers by the address of their Pod.
    var servers: [String: String] = [:]
    var downUntil = Duration.zero
  }

  private let state = Mutex(State())
  private let time: SimulatedTime

  init(time: SimulatedTime) { self.time = time }

  /// Has so many players on a Server.
  func play(_ players: Int, on server: String) { self.state.withLock { $0.players[server] = players } }

  /// Everybody goes home.
  func end() { self.state.withLock { $0.players = [:] } }

  func players(on server: String) -> Int { self.state.withLock { $0.players[server] ?? 0 } }

  /// A Server's Pod has got its address.
  func bind(_ address: String, to server: String) { self.state.withLock { $0.servers[address] = server } }

  /// Until when no sidecar answers.
  var downUntil: Duration { self.state.withLock { $0.downUntil } }

  /// No sidecar answers for half a minute.
  func interrupt() {
    let end = self.time.elapsed + .seconds(30)
    self.state.withLock { $0.downUntil = end }
  }

  /// What a sidecar answers.
  func answer(_ request: TransportRequest) -> ScriptedTransport.Answer {
    let host = String(request.head.authority?.prefix { $0 != ":" } ?? "")
    let (server, isDown) = self.state.withLock { ($0.servers[host], $0.downUntil > self.time.elapsed) }
    guard let server, !isDown else {
      return .failure(TransportError(.connect, "nobody is there", progress: .nothingSent))
    }
    switch (request.head.method, request.head.path) {
    case (.post, "/shutdown"): return .body(#"{"shutdown":true}"#)
    case (.get, "/allow_delete"): return .body(#"{"allowed":\#(self.players(on: server) == 0)}"#)
    default: return .body("", status: .notFound)
    }
  }
}
