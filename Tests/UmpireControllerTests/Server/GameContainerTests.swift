import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

/// A Server is judged by the container that is the game, not by its Pod's phase.
struct GameContainerTests {
  private typealias Terminated = ContainerState.Terminated

  /// A Server with a readiness gate that is true, and a helper beside its game.
  private static func server(gate: String? = "warm", game: String? = nil) -> Server {
    var spec = Fixtures.serverSpec()
    spec.pod.containers.append(Container(name: "logs", image: "logs:1"))
    spec.readinessGates = gate.map { [$0] } ?? []
    spec.gameContainer = game
    var server = Fixtures.server("a", spec: spec)
    if let gate { server.status?.conditions.append(Condition(type: gate, status: .true)) }
    return server
  }

  /// The Server's Pod, whose helper runs.
  private static func pod(
    of server: Server, _ state: ContainerState?, last: Terminated? = nil, restarts: Int64 = 0, policy: String? = nil
  ) -> Pod {
    var pod = Fixtures.pod(of: server)
    pod.spec.restartPolicy = policy
    var game = ContainerStatus(name: "game", image: "game:1")
    game.state = state
    game.lastState = last.map { ContainerState(terminated: $0) }
    game.restartCount = restarts
    var logs = ContainerStatus(name: "logs", image: "logs:1")
    logs.state = ContainerState(running: .init(startedAt: Fixtures.now))
    pod.status?.containerStatuses = [logs, game]
    return pod
  }

  private static let running = ContainerState(running: .init(startedAt: Fixtures.now))
  private static func ended(_ code: Int64) -> ContainerState { ContainerState(terminated: Terminated(exitCode: code)) }
  private static let backOff = ContainerState(waiting: .init(reason: "CrashLoopBackOff", message: "back-off 10s"))

  private static func decision(_ server: Server, _ pod: Pod) -> DeletionRule.Decision {
    DeletionRule.decide(server: server, pod: pod, now: Fixtures.now)
  }

  @Test func aServerIsReadyOnlyWhileItsGameRuns() {
    let server = Self.server()
    func status(_ state: ContainerState?, last: Terminated? = nil, restarts: Int64 = 0) -> (ServerStatus.State, String?)
    {
      let pod = Self.pod(of: server, state, last: last, restarts: restarts)
      let status = ServerStatusPlanner.status(of: server, pod: pod, now: Fixtures.now)
      return (status.state, status.conditions[type: ConditionTypes.ready]?.reason)
    }
    #expect(status(Self.running) == (.ready, "GatesPassed"))
    #expect(status(Self.ended(1)) == (.running, "GameRestarting"))
    #expect(status(Self.backOff, last: Terminated(exitCode: 1), restarts: 3) == (.running, "CrashLoopBackOff"))
    #expect(status(ContainerState(waiting: .init(reason: "PodInitializing"))) == (.running, "GameNotStarted"))
  }

  @Test(
    arguments: [
      (1, "Never", .failed), (0, "Never", .exited), (0, "OnFailure", .exited), (1, "OnFailure", .running),
      (0, "Always", .running),
    ] as [(Int64, String, ServerStatus.State)])
  func aGameThatHasEndedForGoodEndsItsServer(code: Int64, policy: String, state: ServerStatus.State) {
    let server = Self.server()
    let pod = Self.pod(of: server, Self.ended(code), policy: policy)
    let status = ServerStatusPlanner.status(of: server, pod: pod, now: Fixtures.now)
    #expect(status.state == state)
    #expect(status.conditions[type: ConditionTypes.ready]?.status == .false)
    #expect(
      status.conditions[type: ConditionTypes.ready]?.reason == (state == .running ? "GameRestarting" : "GameEnded"))
    // A policy of the container's own counts before its Pod's.
    var own = pod
    own.spec.restartPolicy = "Always"
    own.spec.containers[0].fields["restartPolicy"] = .string(policy)
    #expect(ServerStatusPlanner.status(of: server, pod: own, now: Fixtures.now).state == state)
  }

  @Test func anotherContainerMayBeTheGame() {
    let server = Self.server(game: "logs")
    let ended = Self.pod(of: server, Self.ended(1), policy: "Never")
    #expect(GameContainer(of: server, in: ended).state == .running)
    #expect(ServerStatusPlanner.status(of: server, pod: ended, now: Fixtures.now).state == .ready)
    #expect(GameContainer(of: Self.server(), in: ended).state == .ended(exitCode: 1))
    // A name that the Pod has not is an old object's: the first counts.
    #expect(GameContainer(of: Self.server(game: "gone"), in: ended).name == "game")
  }

  @Test func whereNoGameRunsNobodyPlays() {
    var server = Self.server()
    server.metadata.deletionTimestamp = Fixtures.now
    #expect(Self.decision(server, Self.pod(of: server, Self.running)) != .allowed(.gameNotRunning))
    #expect(Self.decision(server, Self.pod(of: server, Self.ended(1))) == .allowed(.gameNotRunning))
    #expect(
      Self.decision(server, Self.pod(of: server, Self.backOff, last: Terminated(exitCode: 1), restarts: 2))
        == .allowed(.gameNotRunning))
    #expect(Self.decision(server, Self.pod(of: server, Self.ended(0), policy: "Never")) == .allowed(.gameEnded))
    // The helper runs, and the game's image cannot be pulled.
    let absent = ContainerState(waiting: .init(reason: "ImagePullBackOff"))
    #expect(Self.decision(server, Self.pod(of: server, absent)) == .allowed(.podNeverStarted))
    // What is not reported is not known to be away.
    var silent = Fixtures.pod(of: server)
    silent.status?.containerStatuses = nil
    if case .allowed = Self.decision(server, silent) { Issue.record("nothing is known of the game") }
  }

  @Test func evictionsAreNotToldOfEveryRestart() {
    let server = Self.server()
    for state in [Self.ended(1), Self.backOff] {
      let pod = Self.pod(of: server, state, last: Terminated(exitCode: 1), restarts: 1)
      #expect(EvictionGuard.patch(for: server, pod: pod, now: Fixtures.now) == nil)
    }
  }

  // MARK: Lives

  /// The Pod of a game that was started again that often.
  private static func again(_ server: Server, _ restarts: Int64) -> Pod {
    var end = Terminated(exitCode: 137)
    end.finishedAt = Fixtures.now.advanced(by: .seconds(-3))
    return Self.pod(of: server, Self.running, last: end, restarts: restarts)
  }

  private static func with(_ server: Server, _ conditions: [Condition]) -> Server {
    var server = server
    for condition in conditions { server.status?.conditions.set(condition, now: Fixtures.now) }
    return server
  }

  private static func yes(_ type: String, life: Int64? = nil) -> Condition {
    var condition = Condition(type: type, status: .true, reason: "AllowedByGameServer")
    condition.observedRestarts = life
    return condition
  }

  @Test func aYesOfAGameThatHasCrashedDoesNotCountForTheNext() {
    var server = Self.with(Self.server(), [Self.yes(ConditionTypes.deleteAllowed)])
    server.metadata.deletionTimestamp = Fixtures.now
    let first = Self.pod(of: server, Self.running)
    #expect(Self.decision(server, first) == .allowed(.gatesPassed))
    let second = Self.again(server, 1)
    // Before anybody has noticed the restart, and whatever a sidecar answers.
    for granted in [[], [ConditionTypes.deleteAllowed]] as [Set<String>] {
      let decision = DeletionRule.decide(server: server, pod: second, grantedGates: granted, now: Fixtures.now)
      #expect(decision == .waiting(gates: [ConditionTypes.deleteAllowed], recheckAfter: .seconds(2)))
    }
    let ready = ServerStatusPlanner.status(of: server, pod: second, now: Fixtures.now)
    #expect(ready.conditions[type: ConditionTypes.ready]?.reason == "GatesClosed")
    // What a sidecar says of the life before, even later, is still of that life.
    server.status = ready
    server.status?.conditions.set(Self.yes(ConditionTypes.deleteAllowed, life: 0), now: Fixtures.now)
    #expect(Self.decision(server, second) != .allowed(.gatesPassed))
    // The game says it again.
    server.status?.conditions.set(Self.yes(ConditionTypes.deleteAllowed, life: 1), now: Fixtures.now)
    #expect(Self.decision(server, second) == .allowed(.gatesPassed))
    #expect(Self.decision(server, Self.again(server, 2)) != .allowed(.gatesPassed))
  }

  @Test func aRestartSetsBackWhatWasTrueAndKeepsTheOrderToEnd() {
    let server = Self.with(
      Self.server(),
      [Self.yes(ConditionTypes.deleteAllowed), Self.yes(ConditionTypes.shutdownRequested), Self.yes("fun")])
    let status = ServerStatusPlanner.status(of: server, pod: Self.again(server, 2), now: Fixtures.now)
    #expect(status.gameRestarts == 2)
    #expect(status.gameEndTime == Fixtures.now.advanced(by: .seconds(-3)))
    for gate in [ConditionTypes.deleteAllowed, "warm"] {
      #expect(status.conditions[type: gate]?.status == .false)
      #expect(status.conditions[type: gate]?.reason == "GameRestarted")
    }
    #expect(status.conditions.isTrue(ConditionTypes.shutdownRequested))
    #expect(status.conditions.isTrue("fun"))
    #expect(status.state == .running)
    // Once noticed it is noticed, and what is true since stays.
    var later = server
    later.status = status
    later.status?.conditions.set(Self.yes("warm"), now: Fixtures.now)
    let again = ServerStatusPlanner.status(of: later, pod: Self.again(server, 2), now: Fixtures.now)
    #expect(again.conditions.isTrue("warm"))
    #expect(again.state == .ready)
    // A game in its first life is not written about.
    #expect(
      ServerStatusPlanner.status(of: server, pod: Self.pod(of: server, Self.running), now: Fixtures.now).gameRestarts
        == nil)
  }
}
