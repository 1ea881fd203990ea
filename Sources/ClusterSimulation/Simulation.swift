import APIServer
import HTTPTransport
import HTTPTypes
import KubernetesClient
import KubernetesModel
import Logging
import Metrics
import Synchronization
import TestSupport
import UmpireController
import UmpireModel
import WebhookClient

/// What a run came to.
package struct SimulationReport: Sendable {
  /// The controllers' writes, Events not counted.
  package var writes: Int
  /// How many of each sort took effect, such as `PATCH servers/status`.
  package var requestsByTarget: [String: Int]
  /// What was against the rules; empty for a good run.
  package var violations: [String]
  /// How many questions webhooks were asked that they answered, and that they did not answer as they should.
  package var webhooks: (answers: Int, failures: Int)
}

/// One run of a scenario: the controllers' whole program, the embedded API server, a stand-in node, scripted sidecars,
/// webhooks and players, in virtual time, with faults.
///
/// A scenario, its faults and a seed determine the run.
package final class Simulation: Sendable {
  /// A run with so many changes never comes to rest.
  private static let mostEvents = 10_000
  /// Longer than anything the controllers wait for by themselves.
  private static let rest = Duration.seconds(70)

  private struct State {
    var names = 0
    var wishes = 0
    /// How many events are waited for.
    var alarm: Int?
  }

  let time = SimulatedTime()
  let cluster: SimulatedCluster
  let game: SimulatedGame
  let webhooks: SimulatedWebhooks
  let node: SimulatedNode
  let faults: [Fault]
  private let referee: Referee
  private let watches: SimulatedWatches
  private let gate: WriteGate
  private let thread: SerialThread
  private let state = Mutex(State())

  private init(faults: [Fault], thread: SerialThread, trace: SimulationTrace) throws {
    let cluster = try SimulatedCluster(time: self.time, thread: thread, trace: trace)
    let game = SimulatedGame(time: self.time)
    let webhooks = SimulatedWebhooks(game: game, time: self.time)
    let node = SimulatedNode(cluster: cluster, game: game, time: self.time)
    let watches = SimulatedWatches(cluster: cluster)
    self.faults = faults
    self.thread = thread
    self.cluster = cluster
    self.game = game
    self.webhooks = webhooks
    self.node = node
    self.watches = watches
    self.referee = Referee(cluster: cluster, node: node, webhooks: webhooks, game: game, time: self.time)
    self.gate = WriteGate(faults: faults, referee: self.referee, watches: watches) { kind in
      switch kind {
      case .staleWatch: watches.goStale()
      case .watchBreaks: watches.breakAll()
      case .watchExpires: watches.expireAll()
      case .podDies: try await node.kill()
      case .sidecarsDown: game.interrupt()
      case .webhookDown: webhooks.interrupt()
      case .crashBefore, .crashAfter, .conflict, .serverError, .timeoutAfterEffect, .timeoutWithoutEffect: ()
      }
    }
  }

  /// Plays a scenario.
  ///
  /// - Parameter trace: is told of all that happens.
  package static func play(
    _ scenario: Scenario, faults: [Fault] = [], seed: UInt64 = 0, trace: SimulationTrace = SimulationTrace()
  ) async throws -> SimulationReport {
    try await SerialThread.run(seed: seed, trace: trace) { thread in
      let simulation = try Simulation(faults: faults, thread: thread, trace: trace)
      defer { simulation.cluster.close() }
      try await simulation.cluster.install()
      try await simulation.node.register()
      simulation.cluster.observe { simulation.saw($0) }
      defer { simulation.cluster.observe { _ in } }
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await simulation.runNode() }
        group.addTask { await simulation.runControllers() }
        do {
          try await scenario.play(simulation)
          try await simulation.expectNoRepetition()
        } catch {
          simulation.referee.report("the scenario breaks off: \(error)")
        }
        group.cancelAll()
      }
      return SimulationReport(
        writes: simulation.gate.writes, requestsByTarget: simulation.gate.requestsByTarget,
        violations: simulation.referee.violations, webhooks: simulation.webhooks.counts)
    }
  }

  /// A client whose writes are judged like the controllers'.
  var judged: APIClient {
    APIClient(
      transport: RecordingTransport(cluster: self.cluster, gate: self.gate), configuration: .inProcess,
      fieldManager: "umpire-controller")
  }

  func report(_ violation: String) { self.referee.report(violation) }

  /// Somebody has asked for something else.
  func noteWish() { self.state.withLock { $0.wishes += 1 } }

  /// How many names of Servers have been used.
  var serversMade: Int { self.state.withLock { $0.names } }

  /// How much has happened that a person would want to be told of.
  var occasions: Int { self.state.withLock { $0.wishes } + self.faults.count + self.gate.deaths + self.node.losses }

  private func saw(_ event: SimulatedCluster.Event) {
    self.referee.saw(event)
    if event.resource == "pods", event.object != nil { self.node.saw(event.key) }
    let count = self.cluster.eventCount
    self.watches.eventsHappened(count)
    if let alarm = self.state.withLock({ $0.alarm }), count >= alarm { self.thread.endIdleWait() }
  }

  // MARK: Time

  /// Lets everything happen until nothing happens any more but what waits for players.
  func settle() async throws { try await self.drive { false } }

  /// Lets so many changes happen.
  func run(events: Int) async throws {
    let alarm = self.cluster.eventCount + events
    self.state.withLock { $0.alarm = alarm }
    defer { self.state.withLock { $0.alarm = nil } }
    try await self.drive { self.cluster.eventCount >= alarm }
  }

  /// Lets so much time pass.
  func run(for duration: Duration) async throws {
    let end = self.time.elapsed + duration
    try await self.drive(notPast: end) { self.time.elapsed >= end }
  }

  /// Lets things happen, and time pass in which nothing does, until it is over or all is at rest.
  private func drive(notPast end: Duration? = nil, _ isOver: () -> Bool) async throws {
    let begin = self.time.elapsed
    while !isOver() {
      guard await self.thread.idle(), self.cluster.eventCount < Self.mostEvents else {
        throw SimulationError("the controllers never come to rest")
      }
      if isOver() { return }
      if self.watches.catchUp() { continue }
      let next = self.time.nextWake
      if let end {
        self.time.advance(to: min(next ?? end, end))
        continue
      }
      // Nothing is at rest while somebody is down: what they would say is still to come.
      let last = max(begin, self.cluster.lastChange, self.webhooks.downUntil, self.game.downUntil)
      guard let next, next - last < Self.rest else {
        return self.watches.sendBookmarks(revision: self.cluster.server.revision)
      }
      self.time.advance(to: next)
    }
  }

  // MARK: Who works

  private func runNode() async {
    do {
      try await self.node.run()
    } catch {
      if !Task.isCancelled { self.report("the node breaks down: \(error)") }
    }
  }

  /// Runs the controllers, anew whenever they have died.
  private func runControllers() async {
    while !Task.isCancelled {
      let controllers = self.makeControllers()
      self.watches.reset()
      self.gate.revive()
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await controllers.work() }
        group.addTask { await self.gate.waitForDeath() }
        await group.next()
        group.cancelAll()
      }
    }
  }

  private func makeControllers() -> UmpireControllers {
    let time = self.time.clientTime
    let client = APIClient(
      transport: RecordingTransport(cluster: self.cluster, gate: self.gate), configuration: .inProcess,
      fieldManager: "umpire-controller", options: .init(time: time))
    let outbound = ScriptedTransport { request, _ in
      request.head.authority == SimulatedWebhooks.authority
        ? try await self.webhooks.answer(request) : self.game.answer(request)
    }
    return UmpireControllers(
      connections: ControllerConnections(
        client: client, outbound: outbound, services: ClusterServiceAddressResolver()),
      configuration: ControllerConfiguration(namespace: "default"),
      logger: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }),
      metricsFactory: NOOPMetricsHandler.instance,
      surroundings: Surroundings(time: time, suffix: { self.nextName() }))
  }

  private func nextName() -> String {
    self.state.withLock { state in
      state.names += 1
      return String(state.names, radix: 36)
    }
  }
}
