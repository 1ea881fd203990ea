import KubernetesClient
import KubernetesModel
import UmpireModel

/// Everything that the demo looks at, at one moment.
struct DemoSnapshot: Sendable {
  var gameType: GameType?
  var autoscaler: GameAutoscaler?
  var fleets: [Fleet]
  var servers: [Server]
  var webhook: Pod?
  /// What the game servers say, by Server.
  var reports: [String: GameReport]

  static func take(client: APIClient) async throws -> DemoSnapshot {
    let namespace = "default"
    let key = ObjectKey(namespace: namespace, name: DemoManifests.gameName)
    let selector = ListOptions(labelSelector: "\(Labels.gameType)=\(DemoManifests.gameName)")
    let servers = try await client.list(Server.self, namespace: namespace, options: selector).items
    var reports: [String: GameReport] = [:]
    for server in servers {
      guard let name = server.metadata.name, let address = server.status?.address else { continue }
      reports[name] = await GameReport.ask(address, port: DemoManifests.gamePort)
    }
    return DemoSnapshot(
      gameType: try await client.find(GameType.self, key),
      autoscaler: try await client.find(GameAutoscaler.self, key),
      fleets: try await client.list(Fleet.self, namespace: namespace, options: selector).items,
      servers: servers,
      webhook: try await client.find(Pod.self, ObjectKey(namespace: namespace, name: DemoManifests.webhookName)),
      reports: reports)
  }

  /// Servers that are not asked to go.
  var staying: [Server] { self.servers.filter { !$0.metadata.isBeingDeleted } }
  /// Servers that were asked to go and are still there.
  var going: [Server] { self.servers.filter(\.metadata.isBeingDeleted) }
  /// Ready Servers that are not asked to go.
  var ready: [Server] { self.staying.filter { $0.status?.state == .ready } }
  /// The number that the GameType asks for.
  var wanted: Int64 { self.gameType?.spec.fleetSpec.scaling.replicas ?? 0 }

  func has(_ server: String) -> Bool { self.servers.contains { $0.metadata.name == server } }

  /// A table for a person.
  func table(elapsed: Duration) -> String {
    var lines: [String] = []
    let status = self.gameType?.status
    let review = self.autoscaler?.status?.lastReview
    let answer = self.autoscaler?.status?.desiredReplicas.map(String.init) ?? "-"
    let latency = review?.latency.map { " in \($0)" } ?? ""
    lines.append(
      "\(Self.clock(elapsed))  GameType \(DemoManifests.gameName)  wanted \(self.wanted)  "
        + "ready \(status?.readyReplicas ?? 0)  webhook says \(answer)\(latency)"
        + (review?.reason.map { " (\($0))" } ?? ""))
    for fleet in self.fleets {
      let status = fleet.status
      lines.append(
        "  Fleet \(fleet.metadata.name ?? "")  \(status?.readyReplicas ?? 0)/\(fleet.spec.scaling.replicas) ready"
          + "  \(status?.drainingReplicas ?? 0) going" + (fleet.metadata.isBeingDeleted ? "  (asked to go)" : ""))
      for server in self.servers where fleet.controls(server) {
        let name = server.metadata.name ?? ""
        let report = self.reports[name]
        lines.append(
          "    Server \(name)  \((server.status?.state.rawValue ?? "Starting").padded(8))  "
            + "\((server.status?.address ?? "-").padded(12))  players \(report.map { String($0.players) } ?? "-")"
            + "  \(report?.version ?? "")" + (server.metadata.isBeingDeleted ? "  (asked to go)" : ""))
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The same without what changes all the time, to see whether anything happened.
  var digest: String {
    var copy = self
    copy.autoscaler?.status?.lastReview = nil
    return copy.table(elapsed: .zero)
  }

  static func clock(_ elapsed: Duration) -> String {
    let milliseconds = elapsed.components.seconds * 1_000 + elapsed.components.attoseconds / 1_000_000_000_000_000
    let tenths = milliseconds / 100
    return "\(String(tenths / 10).leftPadded(3)).\(tenths % 10) s"
  }
}

extension String {
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - self.count)) }
  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - self.count)) + self }
}
