import FoundationEssentials
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireModel

/// What happens in the demo, step by step: the studio's side (webhook state and players) and what must be seen of it.
final class DemoStory: Sendable {
  private let client: APIClient
  private let transport: any ClientTransport
  private let state = Mutex(State())

  private struct State {
    var players: [GamePlayer] = []
    /// The Server on which somebody plays on.
    var host: String?
    var previousFleet: String?
  }

  init(client: APIClient, transport: any ClientTransport) {
    self.client = client
    self.transport = transport
  }

  var steps: [DemoStep] {
    [
      DemoStep(
        title: "the studio's webhook service runs", limit: .seconds(15),
        perform: { _ in try await self.apply(DemoManifests.webhook) },
        missing: { $0.webhook?.isReady == true ? nil : "Pod umpire-webhook is not ready" }),
      DemoStep(
        title: "nobody plays: the webhook wants 2, and 2 Servers are ready", limit: .seconds(20),
        perform: { snapshot in
          try await self.tellWebhook(["players": 0, "playersPerServer": 4, "spare": 2], snapshot)
          try await self.apply(DemoManifests.game(version: "v1"))
          try await self.apply(DemoManifests.autoscaler)
        }, missing: { Self.missing(ready: 2, $0) }),
      DemoStep(
        title: "12 players join: the webhook wants 5", limit: .seconds(10),
        perform: { snapshot in
          try await self.join(12, snapshot)
          try await self.tellWebhook(["players": 12], snapshot)
        }, missing: { $0.wanted == 5 ? nil : "the GameType still asks for \($0.wanted)" }),
      DemoStep(title: "5 Servers are ready", limit: .seconds(20), missing: { Self.missing(ready: 5, $0) }),
      DemoStep(
        title: "11 players leave: the webhook wants 2, and 3 Servers are asked to go", limit: .seconds(10),
        perform: { snapshot in
          try await self.leaveOne(snapshot)
          try await self.tellWebhook(["players": 1, "spare": 1], snapshot)
        },
        missing: { $0.wanted == 2 && $0.staying.count == 2 ? nil : "\($0.staying.count) Servers are not asked to go" }),
      DemoStep(
        title: "the Server with a match stays, the others go", limit: .seconds(20), hold: .seconds(2),
        missing: { self.missingMatch($0, going: 1) }),
      DemoStep(
        title: "the match ends: its permission comes, and the Server goes", limit: .seconds(20),
        perform: { _ in self.endMatch() },
        missing: { $0.going.isEmpty && $0.servers.count == 2 ? nil : "\($0.servers.count) Servers are there" }),
      DemoStep(
        title: "v2 rolls out beside v1, where one player plays on", limit: .seconds(30), hold: .seconds(2),
        perform: { snapshot in
          self.state.withLock { $0.previousFleet = snapshot.gameType?.status?.fleetName }
          try await self.join(1, snapshot)
          try await self.apply(DemoManifests.game(version: "v2"))
        }, missing: { self.missingRollout($0) }),
      DemoStep(
        title: "the last match on v1 ends: only v2 is left", limit: .seconds(20), perform: { _ in self.endMatch() },
        missing: { snapshot in
          guard snapshot.fleets.count == 1, snapshot.servers.count == 2 else { return "v1 is still there" }
          return snapshot.reports.values.allSatisfy { $0.version == "v2" } ? nil : "a Server still runs v1"
        }),
    ]
  }

  private static func missing(ready: Int, _ snapshot: DemoSnapshot) -> String? {
    guard snapshot.ready.count == ready, snapshot.servers.count == ready,
      snapshot.gameType?.status?.readyReplicas == Int64(ready)
    else { return "\(snapshot.ready.count) of \(ready) Servers are ready" }
    return snapshot.reports.count == ready ? nil : "\(snapshot.reports.count) game servers answer"
  }

  /// The match must go on: its Server is there, and its player's connection is open.
  private func missingMatch(_ snapshot: DemoSnapshot, going: Int) -> String? {
    let (host, connected) = self.state.withLock { ($0.host ?? "", $0.players.first?.isConnected ?? false) }
    guard snapshot.has(host), connected, snapshot.reports[host]?.players == 1 else {
      return "the match on \(host) was cut short"
    }
    guard snapshot.going.map(\.metadata.name) == [host] else {
      return "\(snapshot.going.count) Servers are still going, \(going) should be"
    }
    return nil
  }

  private func missingRollout(_ snapshot: DemoSnapshot) -> String? {
    let previous = self.state.withLock { $0.previousFleet }
    guard let current = snapshot.gameType?.status?.fleetName, current != previous,
      let fleet = snapshot.fleets.first(where: { $0.metadata.name == current })
    else { return "there is no Fleet of v2" }
    guard fleet.status?.readyReplicas == 2, snapshot.staying.allSatisfy({ fleet.controls($0) }) else {
      return "\(fleet.status?.readyReplicas ?? 0) Servers of v2 are ready"
    }
    return self.missingMatch(snapshot, going: 1)
  }

  private func apply(_ yaml: String) async throws {
    try await ManifestApplier(client: self.client).apply(try ManifestFile.parse(yaml, file: "demo"))
  }

  /// Sets what the studio's matchmaker would report, through the webhook service's own interface.
  private func tellWebhook(_ change: JSONValue, _ snapshot: DemoSnapshot) async throws {
    guard let address = snapshot.webhook?.status?.podIP else {
      throw GameRefusal(message: "the webhook has no address")
    }
    var head = HTTPRequest(
      method: .put, scheme: "http", authority: "\(address):\(DemoManifests.webhookPort)", path: "/state")
    head.headerFields[.contentType] = "application/json"
    // The service's port opens a moment after its process starts.
    for attempt in 1... {
      do {
        let answer = try await self.transport.collect(TransportRequest(head: head, body: change.serialized()))
        guard answer.head.status.code == 200 else {
          throw GameRefusal(message: "PUT /state answered \(answer.head.status.code)")
        }
        return
      } catch let error as TransportError where error.code == .connect && attempt < 50 {
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// Lets players join, spread over the ready Servers.
  private func join(_ count: Int, _ snapshot: DemoSnapshot) async throws {
    let servers = snapshot.ready
    guard !servers.isEmpty else { throw GameRefusal(message: "no Server is ready") }
    for index in 0..<count {
      let server = servers[index % servers.count]
      let player = try await GamePlayer(
        joining: server.status?.address ?? "", port: DemoManifests.gamePort, as: "player-\(index + 1)")
      self.state.withLock { state in
        state.players.append(player)
        if index == 0 { state.host = server.metadata.name }
      }
    }
  }

  /// Everybody leaves but the first player, whose match goes on.
  private func leaveOne(_ snapshot: DemoSnapshot) async throws {
    self.state.withLock { $0.players.removeLast($0.players.count - 1) }
  }

  private func endMatch() {
    self.state.withLock { state in
      state.players.removeAll()
      state.host = nil
    }
  }
}
