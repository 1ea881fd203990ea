import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

/// A node that is lost for a while does not end its matches.
@Suite struct NodeLossTests {
  private static let start = Timestamp(secondsSinceEpoch: 1_000_000)
  private static func time(_ seconds: Int64) -> Timestamp { Timestamp(secondsSinceEpoch: 1_000_000 + seconds) }

  private func server(_ change: (inout Server) -> Void = { _ in }) -> Server {
    var server = Fixtures.server("a")
    server.metadata.finalizers = [Finalizers.deletionGate]
    change(&server)
    return server
  }

  private func pod(_ phase: PodStatus.Phase = .running) -> Pod {
    var pod = PodTemplate.pod(for: self.server(), sidecar: SidecarDefaults())
    pod.spec.nodeName = "node-1"
    pod.status = PodStatus(phase: phase)
    pod.status?.conditions = [Condition(type: "Ready", status: .true)]
    var container = ContainerStatus(name: "game", image: "game:1")
    container.state = ContainerState(running: .init(startedAt: nil))
    pod.status?.containerStatuses = [container]
    return pod
  }

  /// The Server's status, and what is done, after each second in turn.
  private func play(
    _ server: Server, _ steps: [(second: Int64, node: NodeState)]
  ) -> (server: Server, actions: [ServerPlanner.Action]) {
    var server = server
    var actions: [ServerPlanner.Action] = []
    for step in steps {
      let (action, status) = ServerPlanner.plan(
        server, pod: self.pod(), node: step.node, now: Self.time(step.second))
      server.status = status
      actions.append(action)
    }
    return (server, actions)
  }

  @Test func theServerIsNotReadyAtOnceAndReplacedAfterAWhile() {
    let (first, actions) = self.play(self.server(), [(0, .ready), (1, .notReady)])
    #expect(first.status?.state == .unknown)
    let ready = first.status?.conditions[type: "Ready"]
    #expect(ready?.status == .false && ready?.reason == "NodeLost")
    #expect(ready?.message == "node node-1 is not ready")
    #expect(actions == [.observe(recheckAfter: nil), .observe(recheckAfter: .seconds(60))])
    #expect(!first.isReplacedAsLost)
    let (later, _) = self.play(first, [(60, .notReady)])
    #expect(!later.isReplacedAsLost)
    let (lost, again) = self.play(later, [(61, .notReady)])
    #expect(lost.isReplacedAsLost)
    #expect(lost.status?.state == .unknown)
    #expect(again == [.observe(recheckAfter: .seconds(40 * 60 - 60))])
  }

  @Test func whatReturnsServesOn() {
    let (server, actions) = self.play(self.server(), [(0, .notReady), (100, .notReady), (1_000, .ready)])
    #expect(server.status?.state == .ready)
    #expect(server.status?.conditions.isTrue("Ready") == true)
    let lost = server.status?.conditions[type: "NodeLost"]
    #expect(lost?.status == .false && lost?.reason == "NodeReady")
    #expect(actions.last == .observe(recheckAfter: nil))
    // The next loss is counted anew.
    #expect(!self.play(server, [(1_050, .notReady)]).server.isReplacedAsLost)
  }

  @Test func aServerThatWasNeverLostSaysNothingOfIt() {
    #expect(self.play(self.server(), [(0, .ready)]).server.status?.conditions[type: "NodeLost"] == nil)
    #expect(self.play(self.server(), [(0, .unknown)]).server.status?.conditions[type: "NodeLost"] == nil)
  }

  /// While nothing is known, what was known stays.
  @Test func nothingIsWellBecauseNothingIsKnown() {
    let (server, _) = self.play(self.server(), [(0, .notReady), (1, .unknown)])
    #expect(server.status?.conditions.isTrue("NodeLost") == true)
  }

  @Test(arguments: [(NodeState.notReady, 2_400 as Int64), (.deleted, 1)])
  func thenItIsOver(node: NodeState, second: Int64) {
    let (server, _) = self.play(self.server(), [(0, .notReady), (second, node)])
    #expect(server.status?.state == .failed)
    #expect(server.status?.conditions[type: "NodeLost"]?.reason == (node == .deleted ? "NodeDeleted" : "Timeout"))
    // The Fleet deletes it, without permission and without waiting for the node.
    var going = server
    going.metadata.deletionTimestamp = Self.time(second)
    let (_, actions) = self.play(going, [(second, node)])
    #expect(actions == [.deletePod(.nodeLost, force: true)])
  }

  @Test func aPodOnALostNodeIsDeletedOnlyWhereItsGatesAllowIt() {
    var going = self.play(self.server(), [(0, .notReady)]).server
    going.metadata.deletionTimestamp = Self.time(1)
    #expect(
      self.play(going, [(1, .notReady), (100, .notReady)]).actions
        == [.askForPermission(recheckAfter: .seconds(2)), .askForPermission(recheckAfter: .seconds(2))])
    going.status?.conditions.set(Condition(type: "DeleteAllowed", status: .true), now: Self.start)
    #expect(
      self.play(going, [(1, .notReady), (100, .notReady)]).actions
        == [.deletePod(.gatesPassed, force: false), .deletePod(.gatesPassed, force: true)])
  }

  @Test func aPodThatHasEndedHasEndedWhateverItsNode() {
    let server = self.server()
    for (phase, state) in [(PodStatus.Phase.succeeded, ServerStatus.State.exited), (.failed, .failed)] {
      let status = ServerStatusPlanner.status(of: server, pod: self.pod(phase), node: .notReady, now: Self.start)
      #expect(status.state == state)
      #expect(status.conditions[type: "Ready"]?.reason != "NodeLost")
    }
  }

  // MARK: The Fleet

  @Test func theFleetReplacesALostServerAndLeavesItAlone() {
    let lost = self.play(self.server(), [(0, .notReady), (60, .notReady)]).server
    let fleet = Fixtures.fleet("arena-1", replicas: 1)
    let plan = FleetPlanner.plan(
      FleetPlanner.Observation(fleet: fleet, servers: [lost], now: Self.time(60)))
    #expect(plan.create == 1)
    #expect(plan.delete.isEmpty && plan.drain.isEmpty)
    #expect(plan.status.replicas == 0 && plan.status.drainingReplicas == 0)
    let early = self.play(self.server(), [(0, .notReady), (59, .notReady)]).server
    let none = FleetPlanner.plan(
      FleetPlanner.Observation(fleet: fleet, servers: [early], now: Self.time(59)))
    #expect(none.create == 0 && none.delete.isEmpty)
    #expect(none.status.replicas == 1 && none.status.readyReplicas == 0)
  }

  @Test func theSurplusGoesByTheUsualOrderWhenTheNodeReturns() {
    let back = self.play(self.server(), [(0, .notReady), (60, .notReady), (90, .ready)]).server
    var empty = self.play(Fixtures.server("b"), [(70, .ready)]).server
    empty.status?.conditions.set(Condition(type: "DeleteAllowed", status: .true), now: Self.time(80))
    let plan = FleetPlanner.plan(
      FleetPlanner.Observation(
        fleet: Fixtures.fleet("arena-1", replicas: 1), servers: [back, empty], now: Self.time(90)))
    #expect(plan.delete == ["b"])
  }

  // MARK: The Pod

  private func tolerations(_ server: Server) -> [JSONValue] {
    PodTemplate.pod(for: server, sidecar: SidecarDefaults()).spec.fields["tolerations"]?.arrayValue ?? []
  }

  @Test func thePodOutlastsTheLossForTheServersTimeout() {
    let ours = self.tolerations(self.server { $0.spec.timeout = GoDuration(.milliseconds(90_500)) })
    #expect(
      ours == [
        [
          "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 91,
        ],
        [
          "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
          "tolerationSeconds": 91,
        ],
      ])
  }

  @Test func whatTheStudioToleratesStays() {
    let own: JSONValue = ["key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 5]
    let one = self.server { $0.spec.pod.fields["tolerations"] = [own] }
    #expect(self.tolerations(one).count == 2)
    #expect(self.tolerations(one).first == own)
    let all = self.server { $0.spec.pod.fields["tolerations"] = [["operator": "Exists"]] }
    #expect(self.tolerations(all) == [["operator": "Exists"]])
    let other = self.server {
      $0.spec.pod.fields["tolerations"] = [["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]]
    }
    #expect(self.tolerations(other).count == 3)
  }
}
