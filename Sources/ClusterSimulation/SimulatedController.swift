import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import UmpireController
import UmpireModel

/// The controllers of one process: the real reconcilers and stores, fed with events and worked by hand.
final class SimulatedController: Sendable {
  /// The kinds that are reconciled, owners first.
  enum Kind: Int, Sendable { case gameType, fleet, server }

  /// A key of one kind.
  struct Work: Sendable, Hashable, Comparable {
    var kind: Kind
    var key: ObjectKey
    static func < (left: Work, right: Work) -> Bool {
      (left.kind.rawValue, left.key) < (right.kind.rawValue, right.key)
    }
  }

  private struct State {
    /// When each key is to be looked at.
    var due: [Work: Duration] = [:]
    var failures: [Work: Int] = [:]
  }

  private let stores = ClusterState()
  private let gameTypes: GameTypeReconciler
  private let fleets: FleetReconciler
  private let servers: ServerReconciler
  private let time: SimulatedTime
  private let referee: Referee
  private let state = Mutex(State())
  private let logger = Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() })

  init(client: APIClient, game: SimulatedGame, time: SimulatedTime, referee: Referee, surroundings: Surroundings) {
    let events = EventRecorder(client: client, component: "umpire-controller", logger: self.logger)
    self.gameTypes = GameTypeReconciler(
      client: client, state: self.stores, events: events, surroundings: surroundings)
    self.fleets = FleetReconciler(client: client, state: self.stores, events: events, surroundings: surroundings)
    self.servers = ServerReconciler(
      client: client, state: self.stores, sidecars: SidecarConversation(transport: game.transport), events: events,
      configuration: ControllerConfiguration(), surroundings: surroundings)
    self.time = time
    self.referee = referee
  }

  /// Lists everything, as at the start or when the watches have expired.
  func list(_ client: APIClient) async throws {
    try await self.list(client, self.stores.gameTypes).forEach(self.saw)
    try await self.list(client, self.stores.fleets).forEach(self.saw)
    try await self.list(client, self.stores.servers).forEach(self.saw)
    try await self.list(client, self.stores.pods).forEach(self.saw)
  }

  private func list<Resource: KubernetesResource>(
    _ client: APIClient, _ store: KubernetesRuntime.ObjectStore<Resource>
  ) async throws -> [Resource] {
    store.replaceAll(try await client.list(Resource.self, namespace: "default").items).map(\.object)
  }

  /// Takes in what a watch would show.
  func take(_ event: SimulatedCluster.Event) throws {
    switch event.resource {
    case "gametypes": try self.take(event, self.stores.gameTypes).map(self.saw)
    case "fleets": try self.take(event, self.stores.fleets).map(self.saw)
    case "servers": try self.take(event, self.stores.servers).map(self.saw)
    case "pods": try self.take(event, self.stores.pods).map(self.saw)
    default: ()
    }
  }

  private func take<Resource: KubernetesResource>(
    _ event: SimulatedCluster.Event, _ store: KubernetesRuntime.ObjectStore<Resource>
  ) throws -> Resource? {
    guard let bytes = event.object else { return store.remove(event.key) }
    let object = try JSONText(parsing: bytes).decoded(as: Resource.self)
    store.apply(object)
    return object
  }

  private func saw(_ gameType: GameType) { self.look(.gameType, gameType.key) }

  private func saw(_ fleet: Fleet) {
    self.referee.saw(fleet)
    self.look(.fleet, fleet.key)
    self.lookAtOwner(of: fleet, .gameType)
  }

  private func saw(_ server: Server) {
    self.look(.server, server.key)
    self.lookAtOwner(of: server, .fleet)
  }

  private func saw(_ pod: Pod) { self.lookAtOwner(of: pod, .server) }

  private func lookAtOwner(of object: some KubernetesResource, _ kind: Kind) {
    guard let owner = object.metadata.controller else { return }
    self.look(kind, ObjectKey(namespace: object.metadata.namespace, name: owner.name))
  }

  private func look(_ kind: Kind, _ key: ObjectKey, after delay: Duration = .zero) {
    let moment = self.time.elapsed + delay
    let work = Work(kind: kind, key: key)
    self.state.withLock { $0.due[work] = min($0.due[work] ?? moment, moment) }
  }

  /// When the next key is due; nil for never.
  var nextDue: Duration? { self.state.withLock { $0.due.values.min() } }

  /// The keys that are due.
  var dueWork: [Work] {
    let now = self.time.elapsed
    return self.state.withLock { state in state.due.filter { $0.value <= now }.keys.sorted() }
  }

  /// Works on one key.
  func work(on work: Work) async {
    self.state.withLock { _ = $0.due.removeValue(forKey: work) }
    let outcome: WorkOutcome
    do {
      switch work.kind {
      case .gameType: outcome = try await self.gameTypes.reconcile(work.key, logger: self.logger)
      case .fleet: outcome = try await self.fleets.reconcile(work.key, logger: self.logger)
      case .server: outcome = try await self.servers.reconcile(work.key, logger: self.logger)
      }
    } catch {
      outcome = .failed(minimum: nil)
    }
    switch outcome {
    case .done: self.state.withLock { _ = $0.failures.removeValue(forKey: work) }
    case .requeue(let delay):
      self.state.withLock { _ = $0.failures.removeValue(forKey: work) }
      self.look(work.kind, work.key, after: delay)
    case .failed:
      let failures = self.state.withLock { state in
        state.failures[work, default: 0] += 1
        return state.failures[work, default: 0]
      }
      self.look(work.kind, work.key, after: .milliseconds(5 << min(failures, 12)))
    }
  }
}
