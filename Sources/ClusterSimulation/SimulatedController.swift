import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import UmpireController
import UmpireModel

/// The controllers of one process: the real reconcilers and stores, fed with events and worked by hand.
final class SimulatedController: Sendable {
  /// A key of one kind.
  struct Work: Sendable, Hashable, Comparable {
    var kind: Int
    var key: ObjectKey
    static func < (left: Work, right: Work) -> Bool { (left.kind, left.key) < (right.kind, right.key) }
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
    for change in self.stores.gameTypes.replaceAll(try await client.list(GameType.self, namespace: "default").items) {
      self.saw(change.object)
    }
    for change in self.stores.fleets.replaceAll(try await client.list(Fleet.self, namespace: "default").items) {
      self.saw(change.object)
    }
    for change in self.stores.servers.replaceAll(try await client.list(Server.self, namespace: "default").items) {
      self.saw(change.object)
    }
    for change in self.stores.pods.replaceAll(try await client.list(Pod.self, namespace: "default").items) {
      self.saw(change.object)
    }
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
    guard let json = event.object else { return store.remove(event.key) }
    let object = try JSONText(parsing: json.serialized()).decoded(as: Resource.self)
    store.apply(object)
    return object
  }

  private func saw(_ gameType: GameType) { self.look(0, gameType.key) }

  private func saw(_ fleet: Fleet) {
    self.referee.saw(fleet)
    self.look(1, fleet.key)
    self.lookAtOwner(of: fleet, 0)
  }

  private func saw(_ server: Server) {
    self.look(2, server.key)
    self.lookAtOwner(of: server, 1)
  }

  private func saw(_ pod: Pod) { self.lookAtOwner(of: pod, 2) }

  private func lookAtOwner(of object: some KubernetesResource, _ kind: Int) {
    guard let owner = object.metadata.controller else { return }
    self.look(kind, ObjectKey(namespace: object.metadata.namespace, name: owner.name))
  }

  private func look(_ kind: Int, _ key: ObjectKey, after delay: Duration = .zero) {
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
    var outcome: WorkOutcome
    do {
      switch work.kind {
      case 0: outcome = try await self.gameTypes.reconcile(work.key, logger: self.logger)
      case 1: outcome = try await self.fleets.reconcile(work.key, logger: self.logger)
      default: outcome = try await self.servers.reconcile(work.key, logger: self.logger)
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
