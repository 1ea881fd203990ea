import KubernetesModel
import Testing
import UmpireModel

@testable import UmpireController

@Suite struct GameTypePlannerTests {
  private let one = Fixtures.serverSpec(image: "game:1")
  private let two = Fixtures.serverSpec(image: "game:2")
  private let three = Fixtures.serverSpec(image: "game:3")

  private func plan(_ gameType: GameType, _ fleets: [Fleet]) -> GameTypePlanner.Plan {
    GameTypePlanner.plan(gameType, fleets: fleets, now: Fixtures.now)
  }

  @Test func theFirstFleetComesAtFullSize() {
    #expect(self.plan(Fixtures.gameType(replicas: 3), []).create == 3)
  }

  @Test func aNewNumberChangesTheFleetInPlace() {
    let plan = self.plan(Fixtures.gameType(replicas: 5), [Fixtures.fleet("a", replicas: 2, ready: 2)])
    #expect(plan.create == nil)
    #expect(plan.scale == ["a": 5])
    #expect(plan.adjust == nil)
  }

  @Test func otherSettingsFlowToTheCurrentFleet() {
    var gameType = Fixtures.gameType(replicas: 2)
    gameType.spec.fleetSpec.spec.timeout = GoDuration(.seconds(5))
    gameType.spec.fleetSpec.scaling.agePriority = .newestFirst
    #expect(self.plan(gameType, [Fixtures.fleet("a", replicas: 2, ready: 2)]).adjust == "a")
  }

  @Test(arguments: [
    "timeout", "allowForceDelete", "agePriority", "prioritizeAllowed", "scaleDown", "gates", "webhooks",
  ])
  func everySettingThatIsNotTheTemplateFlowsAlone(setting: String) {
    var gameType = Fixtures.gameType(replicas: 2)
    switch setting {
    case "timeout": gameType.spec.fleetSpec.spec.timeout = GoDuration(.seconds(5))
    case "allowForceDelete": gameType.spec.fleetSpec.spec.allowForceDelete = true
    case "agePriority": gameType.spec.fleetSpec.scaling.agePriority = .newestFirst
    case "prioritizeAllowed": gameType.spec.fleetSpec.scaling.prioritizeAllowed = false
    case "scaleDown": gameType.spec.fleetSpec.scaling.scaleDown = .drain
    case "gates": gameType.spec.fleetSpec.spec.deletableGates = ["empty"]
    default: gameType.spec.fleetSpec.spec.webhookConfigurationName = "studio"
    }
    let plan = self.plan(gameType, [Fixtures.fleet("a", replicas: 2, ready: 2)])
    #expect(plan.adjust == "a" && plan.create == nil && plan.delete.isEmpty && plan.scale.isEmpty)
  }

  @Test func aNewNumberInTheMiddleOfAnUpdateIsWaitedForToo() {
    let gameType = Fixtures.gameType(replicas: 5, spec: self.two)
    let old = Fixtures.fleet("a", replicas: 2, ready: 2, spec: self.one)
    let new = Fixtures.fleet("b", replicas: 2, ready: 2, age: 1, spec: self.two)
    let plan = self.plan(gameType, [old, new])
    #expect(plan.scale == ["b": 5] && plan.delete.isEmpty)
    // And another setting reaches the new Fleet.
    var other = gameType
    other.spec.fleetSpec.spec.timeout = GoDuration(.seconds(5))
    #expect(self.plan(other, [old, new]).adjust == "b")
  }

  @Test func blueGreenWaitsForTheNewFleet() {
    let gameType = Fixtures.gameType(replicas: 2, spec: self.two)
    let old = Fixtures.fleet("a", replicas: 2, ready: 2, spec: self.one)
    #expect(self.plan(gameType, [old]).create == 2)
    let unfinished = Fixtures.fleet("b", replicas: 2, ready: 1, age: 1, spec: self.two)
    #expect(self.plan(gameType, [old, unfinished]).delete.isEmpty)
    let finished = Fixtures.fleet("b", replicas: 2, ready: 2, age: 1, spec: self.two)
    #expect(self.plan(gameType, [old, finished]).delete == ["a"])
  }

  @Test func aStaleStatusIsNoCompletion() {
    let gameType = Fixtures.gameType(replicas: 2, spec: self.two)
    let old = Fixtures.fleet("a", replicas: 2, ready: 2, spec: self.one)
    var stale = Fixtures.fleet("b", replicas: 2, ready: 2, age: 1, spec: self.two)
    stale.metadata.generation = 2
    #expect(self.plan(gameType, [old, stale]).delete.isEmpty)
  }

  @Test func aSecondChangeReplacesTheUnfinishedFleet() {
    let gameType = Fixtures.gameType(replicas: 2, spec: self.three)
    let old = Fixtures.fleet("a", replicas: 2, ready: 2, age: 100, spec: self.one)
    let unfinished = Fixtures.fleet("b", replicas: 2, ready: 1, age: 10, spec: self.two)
    let newest = Fixtures.fleet("c", replicas: 2, ready: 0, age: 1, spec: self.three)
    #expect(self.plan(gameType, [old, unfinished]).create == 2)
    #expect(self.plan(gameType, [old, unfinished, newest]).delete == ["b"])
  }

  @Test func ofTwoFleetsOfOneTemplateTheOldestCounts() {
    let gameType = Fixtures.gameType(replicas: 2, spec: self.one)
    let first = Fixtures.fleet("z", replicas: 2, ready: 2, age: 100, spec: self.one)
    let restored = Fixtures.fleet("a", replicas: 2, ready: 2, age: 1, spec: self.one)
    let plan = self.plan(gameType, [restored, first])
    #expect(plan.status.fleetName == "z")
    #expect(plan.delete == ["a"])
  }

  @Test func goingBackMakesTheOldFleetTheCurrentOne() {
    let gameType = Fixtures.gameType(replicas: 2, spec: self.one)
    let old = Fixtures.fleet("a", replicas: 2, ready: 2, age: 100, spec: self.one)
    let unfinished = Fixtures.fleet("b", replicas: 2, ready: 1, age: 10, spec: self.two)
    let plan = self.plan(gameType, [old, unfinished])
    #expect(plan.create == nil)
    #expect(plan.delete == ["b"])
    #expect(plan.status.fleetName == "a")
  }

  @Test func recreateWaitsUntilTheOldIsGone() {
    let gameType = Fixtures.gameType(replicas: 2, spec: self.two, strategy: .recreate)
    var old = Fixtures.fleet("a", replicas: 2, ready: 2, spec: self.one)
    #expect(self.plan(gameType, [old]).delete == ["a"])
    #expect(self.plan(gameType, [old]).create == nil)
    old.metadata.deletionTimestamp = Fixtures.now
    #expect(self.plan(gameType, [old]).create == nil)
    #expect(self.plan(gameType, []).create == 2)
  }

  @Test func aRollingUpdateMovesInSteps() {
    var gameType = Fixtures.gameType(replicas: 4, spec: self.two, strategy: .rollingUpdate)
    gameType.spec.updateStrategy.rollingUpdate = .init(maxSurge: .integer(1), maxUnavailable: .integer(1))
    var old = Fixtures.fleet("a", replicas: 4, ready: 4, spec: self.one)
    #expect(self.plan(gameType, [old]).create == 1)
    var new = Fixtures.fleet("b", replicas: 1, ready: 0, age: 1, spec: self.two)
    #expect(self.plan(gameType, [old, new]).scale == ["a": 3])
    old.spec.scaling.replicas = 3
    old.status?.readyReplicas = 3
    #expect(self.plan(gameType, [old, new]).scale == ["b": 2])
    new.spec.scaling.replicas = 2
    new.status?.readyReplicas = 2
    #expect(self.plan(gameType, [old, new]).scale == ["a": 1])
    old.spec.scaling.replicas = 1
    old.status?.readyReplicas = 1
    new.spec.scaling.replicas = 4
    new.status?.readyReplicas = 3
    #expect(self.plan(gameType, [old, new]).delete == ["a"])
  }

  @Test func aPausedGameTypeStartsNoUpdateAndStillScales() {
    var gameType = Fixtures.gameType(replicas: 3, spec: self.two)
    gameType.spec.paused = true
    let plan = self.plan(gameType, [Fixtures.fleet("a", replicas: 2, ready: 2, spec: self.one)])
    #expect(plan.create == nil)
    #expect(plan.delete.isEmpty)
    #expect(plan.scale == ["a": 3])
  }

  @Test func deletionTakesEveryFleet() {
    var gameType = Fixtures.gameType(replicas: 3)
    gameType.metadata.deletionTimestamp = Fixtures.now
    var going = Fixtures.fleet("a", replicas: 2)
    going.metadata.deletionTimestamp = Fixtures.now
    #expect(self.plan(gameType, [going, Fixtures.fleet("b", replicas: 1)]).delete == ["b"])
  }

  @Test func theStatusSumsTheFleets() {
    let old = Fixtures.fleet("a", replicas: 2, ready: 2, spec: self.one)
    let new = Fixtures.fleet("b", replicas: 2, ready: 1, age: 1, spec: self.two)
    let status = self.plan(Fixtures.gameType(replicas: 2, spec: self.two), [old, new]).status
    #expect(status.fleetName == "b")
    #expect(status.replicas == 4)
    #expect(status.readyReplicas == 3)
    #expect(status.updatedReplicas == 2)
    #expect(status.conditions[type: "Progressing"]?.reason == "Updating")
  }

  /// What the planner says of an update, given when it last moved.
  private func progress(
    lastProgress: Timestamp?, ready: Int64 = 0, before: Int64 = 0, paused: Bool = false
  ) -> (condition: Condition?, plan: GameTypePlanner.Plan) {
    var gameType = Fixtures.gameType(replicas: 2, spec: self.two)
    gameType.spec.paused = paused
    gameType.metadata.generation = 3
    var status = GameTypeStatus()
    status.observedGeneration = 3
    status.fleetName = "b"
    status.updatedReplicas = 2
    status.readyReplicas = before
    status.lastProgressTime = lastProgress
    gameType.status = status
    let plan = self.plan(gameType, [Fixtures.fleet("b", replicas: 2, ready: ready, spec: self.two)])
    return (plan.status.conditions[type: "Progressing"], plan)
  }

  @Test func anUpdateThatStandsStillIsSaidToBeStuck() {
    let last = Fixtures.now.advanced(by: .seconds(-600))
    let stuck = self.progress(lastProgress: last)
    #expect(stuck.condition?.status == .false && stuck.condition?.reason == "ProgressDeadlineExceeded")
    #expect(stuck.plan.recheckAfter == nil)
    #expect(stuck.plan.status.lastProgressTime == last)
    // One more is ready: it goes on, and the time counts anew.
    let moving = self.progress(lastProgress: last, ready: 1)
    #expect(moving.condition?.status == .true && moving.condition?.reason == "Updating")
    #expect(moving.plan.status.lastProgressTime == Fixtures.now)
    #expect(moving.plan.recheckAfter == .seconds(601))
  }

  @Test func anUpdateIsLookedAtAgainAtItsDeadline() {
    let waiting = self.progress(lastProgress: Fixtures.now.advanced(by: .seconds(-590)))
    #expect(waiting.condition?.reason == "Updating")
    #expect(waiting.plan.recheckAfter == .seconds(11))
    // Losing one is no progress.
    let falling = self.progress(lastProgress: Fixtures.now.advanced(by: .seconds(-590)), ready: 0, before: 1)
    #expect(falling.plan.status.lastProgressTime == Fixtures.now.advanced(by: .seconds(-590)))
    #expect(self.progress(lastProgress: nil).plan.status.lastProgressTime == Fixtures.now)
  }

  @Test func whatIsCompleteOrPausedIsNeverStuck() {
    let last = Fixtures.now.advanced(by: .seconds(-10_000))
    #expect(self.progress(lastProgress: last, paused: true).condition?.reason == "Paused")
    let complete = self.progress(lastProgress: last, ready: 2, before: 2)
    #expect(complete.condition?.reason == "UpdateComplete" && complete.plan.recheckAfter == nil)
  }
}
