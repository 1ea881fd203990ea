import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import UmpireController
import UmpireModel

/// What a run came to.
package struct SimulationReport: Sendable {
  /// The controller's writes.
  package var writes: Int
  /// How many of each sort, such as `PATCH servers/status`.
  package var writesByTarget: [String: Int]
  /// What was against the rules; empty for a good run.
  package var violations: [String]
}

/// One run of a scenario: the real reconcilers, the embedded API server, a stand-in node, scripted sidecars and players,
/// in virtual time, with faults.
///
/// A scenario, its faults and a seed determine the run.
package final class Simulation: Sendable {
  /// A run that does not come to rest within so many steps never does.
  private static let mostSteps = 20_000
  /// Longer than anything the controller waits for by itself.
  private static let rest = Duration.seconds(70)
  /// How many events a stale watch is behind.
  private static let staleness = 5

  private struct State {
    var controller: SimulatedController?
    /// How many events the controller has seen.
    var position = 0
    var isStale = false
    var chance: FuzzSource
    var steps = 0
    var lastChange = Duration.zero
    var names = 0
  }

  let time = SimulatedTime()
  let cluster: SimulatedCluster
  let game: SimulatedGame
  let node: SimulatedNode
  private let referee: Referee
  private let gate: WriteGate
  private let state: Mutex<State>
  /// Seed 0 has everything done in its natural order.
  private let isShuffled: Bool

  private init(faults: [Fault], seed: UInt64) throws {
    self.cluster = try SimulatedCluster(time: self.time)
    self.game = SimulatedGame(time: self.time)
    self.node = SimulatedNode(cluster: self.cluster, game: self.game, time: self.time)
    self.referee = Referee(cluster: self.cluster, game: self.game, time: self.time)
    self.gate = WriteGate(faults: faults, referee: self.referee)
    self.state = Mutex(State(chance: FuzzSource(seed: seed)))
    self.isShuffled = seed != 0
  }

  /// Plays a scenario.
  package static func play(_ scenario: Scenario, faults: [Fault] = [], seed: UInt64 = 0) async throws
    -> SimulationReport
  {
    try await SerialThread.run {
      let simulation = try Simulation(faults: faults, seed: seed)
      defer { simulation.cluster.close() }
      try await simulation.cluster.install()
      try await simulation.startController()
      do {
        try await scenario.play(simulation)
      } catch {
        simulation.referee.report("the scenario breaks off: \(error)")
      }
      return SimulationReport(
        writes: simulation.gate.writes, writesByTarget: simulation.gate.writesByTarget,
        violations: simulation.referee.violations)
    }
  }

  /// A client whose writes are judged like the controller's.
  var judged: APIClient {
    APIClient(
      transport: RecordingTransport(cluster: self.cluster, gate: self.gate), configuration: .inProcess,
      fieldManager: "umpire-controller")
  }

  func report(_ violation: String) { self.referee.report(violation) }

  // MARK: The scheduler

  /// Lets everything happen until nothing happens any more but what waits for players.
  func settle() async throws {
    self.state.withLock { $0.lastChange = self.time.elapsed }
    while try await self.step() {
      guard self.state.withLock({ $0.steps }) < Self.mostSteps else {
        return self.report("the controller never comes to rest")
      }
    }
  }

  /// Lets so many things happen.
  func run(steps: Int) async throws {
    self.state.withLock { $0.lastChange = self.time.elapsed }
    for _ in 0..<steps { _ = try await self.step() }
  }

  private enum Choice { case see, work(SimulatedController.Work), node }

  /// - Returns: false if everything is at rest.
  private func step() async throws -> Bool {
    let writes = self.cluster.eventCount
    if self.gate.isDead { try await self.startController() }
    try await self.strike()
    guard let controller = self.state.withLock({ $0.controller }) else { return false }
    let (position, isStale) = self.state.withLock { state in
      state.steps += 1
      return (state.position, state.isStale)
    }
    let unseen = self.cluster.eventCount - position
    var choices: [Choice] = []
    if unseen > (isStale ? Self.staleness : 0) { choices.append(.see) }
    choices += controller.dueWork.map(Choice.work)
    if self.node.hasWork { choices.append(.node) }
    guard !choices.isEmpty else { return try await self.pass(controller, unseen: unseen) }
    let choice = self.isShuffled ? self.state.withLock { $0.chance.pick(choices) } : choices[0]
    switch choice {
    case .see: try self.see(controller)
    case .work(let work): await controller.work(on: work)
    case .node: try await self.node.step()
    }
    if self.cluster.eventCount != writes { self.state.withLock { $0.lastChange = self.time.elapsed } }
    return true
  }

  /// Nothing is to be done now: the stale watch catches up, or time passes.
  private func pass(_ controller: SimulatedController, unseen: Int) async throws -> Bool {
    if unseen > 0 {
      try self.see(controller)
      return true
    }
    guard let due = controller.nextDue, due - self.state.withLock({ $0.lastChange }) < Self.rest else { return false }
    self.time.advance(to: due)
    return true
  }

  private func see(_ controller: SimulatedController) throws {
    let index = self.state.withLock { state in
      state.position += 1
      return state.position - 1
    }
    try controller.take(self.cluster.event(index))
  }

  /// Has the faults happen that are due and do not concern a write.
  private func strike() async throws {
    for fault in self.gate.takeStruck() {
      switch fault.kind {
      case .staleWatch: self.state.withLock { $0.isStale = true }
      case .relist:
        self.state.withLock { $0.position = self.cluster.eventCount }
        try await self.state.withLock { $0.controller }?.list(self.cluster.outside)
      case .podDies: try await self.node.kill()
      case .sidecarsDown: self.game.interrupt()
      case .crashBefore, .crashAfter, .conflict, .serverError, .timeoutAfterEffect, .timeoutWithoutEffect: ()
      }
    }
  }

  private func startController() async throws {
    self.gate.revive()
    let time = ClientTime(
      instant: { self.time.instant }, timestamp: { self.time.now }, sleep: { _ in }, jitter: { 0 })
    let surroundings = Surroundings(time: time, suffix: { self.nextName() })
    let client = APIClient(
      transport: RecordingTransport(cluster: self.cluster, gate: self.gate), configuration: .inProcess,
      fieldManager: "umpire-controller",
      options: .init(time: time))
    let controller = SimulatedController(
      client: client, game: self.game, time: self.time, referee: self.referee, surroundings: surroundings)
    self.state.withLock { state in
      state.controller = controller
      state.position = self.cluster.eventCount
      state.isStale = false
    }
    try await controller.list(self.cluster.outside)
  }

  private func nextName() -> String {
    self.state.withLock { state in
      state.names += 1
      return String(state.names, radix: 36)
    }
  }
}
