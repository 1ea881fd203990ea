import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Synchronization
import UmpireModel

/// Sees every write of the controller before it is sent, knows what is true at that moment, and notes what is against
/// the rules.
final class Referee: Sendable {
  private let cluster: SimulatedCluster
  private let game: SimulatedGame
  private let time: SimulatedTime
  private struct State {
    var violations: [String] = []
    /// The largest size that each Fleet ever had.
    var largest: [ObjectKey: Int64] = [:]
  }
  private let state = Mutex(State())

  init(cluster: SimulatedCluster, game: SimulatedGame, time: SimulatedTime) {
    self.cluster = cluster
    self.game = game
    self.time = time
  }

  var violations: [String] { self.state.withLock { $0.violations } }

  func report(_ violation: String) {
    self.state.withLock { $0.violations.append("at \(self.time.elapsed): \(violation)") }
  }

  /// Remembers how large a Fleet was wanted.
  func saw(_ fleet: Fleet) {
    self.state.withLock { $0.largest[fleet.key] = max($0.largest[fleet.key] ?? 0, fleet.spec.scaling.replicas) }
  }

  func judge(_ request: TransportRequest) async {
    guard let target = RequestTarget(request) else { return }
    do {
      switch (request.head.method, target.resource, target.name) {
      case (.delete, "pods", let name?): try await self.judgeEnd(of: target.key(name))
      case (.post, "servers", nil): try await self.judgeCreation(JSONValue(parsing: request.body))
      case (.patch, "servers", let name?) where target.subresource == nil:
        try await self.judgeRelease(target.key(name), JSONValue(parsing: request.body))
      default: ()
      }
    } catch {
      self.report("the referee cannot see: \(error)")
    }
  }

  /// A Pod is to be deleted.
  private func judgeEnd(of key: ObjectKey) async throws {
    let client = self.cluster.outside
    guard let pod = try await client.find(Pod.self, key), let owner = pod.metadata.controller else { return }
    let serverKey = ObjectKey(namespace: key.namespace, name: owner.name)
    guard let server = try await client.find(Server.self, serverKey), server.metadata.uid == owner.uid else { return }
    if pod.phase == .failed || pod.phase == .succeeded || pod.status?.containerStatuses?.isEmpty ?? true { return }
    guard let deletion = server.metadata.deletionTimestamp else {
      return self.report("the Pod of \(owner.name) is deleted though the Server is not")
    }
    if server.spec.allowForceDelete || server.spec.opsState == .kill { return }
    if self.time.now.duration(since: deletion) >= server.spec.timeout.duration { return }
    let players = self.game.players(on: owner.name)
    if players > 0 { self.report("\(players) players are thrown out of \(owner.name)") }
  }

  /// A Server is to be let go.
  private func judgeRelease(_ key: ObjectKey, _ patch: JSONValue) async throws {
    guard let finalizers = patch["metadata"]?["finalizers"]?.arrayValue,
      !finalizers.contains(.string(Finalizers.deletionGate))
    else { return }
    let client = self.cluster.outside
    guard let server = try await client.find(Server.self, key) else { return }
    let podKey = ObjectKey(namespace: key.namespace, name: server.podName)
    if let pod = try await client.find(Pod.self, podKey), server.controls(pod) {
      self.report("\(key.name) is let go while its Pod is there")
    }
  }

  /// A Server is to be created: there must be room for it in its Fleet.
  private func judgeCreation(_ body: JSONValue) async throws {
    guard let owner = body["metadata"]?["ownerReferences"]?.arrayValue?.first,
      let uid = owner["uid"]?.stringValue, let name = owner["name"]?.stringValue,
      let namespace = body["metadata"]?["namespace"]?.stringValue
    else { return self.report("a Server without an owner") }
    let servers = try await self.cluster.outside.list(Server.self, namespace: namespace).items
    let living = servers.filter { server in
      guard server.metadata.controller?.uid == uid, !server.metadata.isBeingDeleted else { return false }
      return server.status?.state != .failed && server.status?.state != .exited && !server.isDrained
    }
    let largest = self.state.withLock { $0.largest[ObjectKey(namespace: namespace, name: name)] ?? 0 }
    if Int64(living.count) >= largest {
      self.report("Fleet \(name) gets Server number \(living.count + 1), and never wanted more than \(largest)")
    }
  }
}

extension Server {
  /// Whether it was taken out of service.
  var isDrained: Bool { self.spec.isConstrained(ConstraintTypes.notInService) }
}
