import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

@Suite struct DeletableProbeTests {
  private let empty = ProbeHarness.webhook("empty", .deletable)
  private let told = ProbeHarness.webhook("told", .constraint)

  @Test func isAskedOnlyWhileTheServerIsToGo() {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    #expect(harness.probes.nextDue == nil)
    harness.drain()
    harness.exchange(false)
    #expect(harness.write() == ["empty False Denied"])
    harness.exchange(true)
    #expect(harness.write() == ["empty True Allowed"])
    harness.reclaim()
    #expect(harness.probes.nextDue == nil)
    #expect(harness.write() == ["empty False NotAsked"])
    harness.delete()
    #expect(harness.probes.nextDue != nil)
  }

  @Test func isAskedAboutAServerThatWaitsToBeDeleted() {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    harness.edit { $0.spec.opsState = .waitToBeDeleted }
    harness.exchange(true)
    #expect(harness.write() == ["empty True Allowed"])
    harness.edit { $0.spec.opsState = .none }
    #expect(harness.probes.nextDue == nil)
    #expect(harness.write() == ["empty False NotAsked"])
  }

  @Test func aConstraintThatIsNotInEffectAsksNothing() {
    var harness = ProbeHarness([self.empty])
    harness.edit { $0.spec.constraints = [Constraint(type: ConstraintTypes.notInService, effective: false)] }
    #expect(harness.probes.nextDue == nil)
    harness.edit { $0.spec.constraints = [Constraint(type: "other")] }
    #expect(harness.probes.nextDue == nil)
  }

  /// C4, and the order: nobody is asked whether a Server may go whose players have not been told.
  @Test func comesAfterTheConstraintsAreAcknowledged() throws {
    var harness = ProbeHarness([self.empty, self.told])
    harness.observe()
    harness.drain()
    for _ in 0..<2 {
      let questions = harness.next()
      #expect(questions.map(\.webhook) == ["told"])
      let question = try #require(questions.first)
      #expect(
        harness.probes.review(for: question, uid: "u")?.request.constraints == [ProbeHarness.notInService])
      harness.fail(question)
    }
    // Any answer acknowledges.
    harness.exchange(false)
    #expect(harness.next().map(\.webhook) == ["empty"])
  }

  @Test func comesAfterThePushHasFailedOftenEnough() {
    var harness = ProbeHarness([self.empty, self.told])
    harness.observe()
    harness.drain()
    for _ in 0..<3 {
      let questions = harness.next()
      #expect(questions.map(\.webhook) == ["told"])
      for question in questions { harness.fail(question) }
    }
    // From now on both are asked, the one to be told and the other whether.
    var asked: Set<String> = []
    for _ in 0..<4 {
      for question in harness.next() {
        asked.insert(question.webhook)
        harness.fail(question)
      }
    }
    #expect(asked == ["empty", "told"])
  }

  @Test func aDeletionWithoutConstraintsNeedsNoPush() {
    var harness = ProbeHarness([self.empty, self.told])
    harness.observe()
    harness.delete()
    #expect(harness.next().map(\.webhook) == ["empty"])
  }

  /// The yes of an earlier time must not let a Server full of players go.
  @Test func aYesFromBeforeIsTakenBackAtTheStart() {
    var stale = Condition(type: "empty", status: .true, reason: ProbeReason.allowed, observedGeneration: 1)
    stale.lastProbeTime = ProbeHarness.start.wall
    var harness = ProbeHarness([self.empty], conditions: [stale]) {
      $0.metadata.generation = 4
      $0.spec.constraints = [ProbeHarness.notInService]
    }
    harness.observe(isStarting: true)
    #expect(harness.write() == ["empty False NotAsked"])
    harness.exchange(true)
    #expect(harness.write() == ["empty True Allowed"])
    #expect(harness.condition("empty")?.observedGeneration == 4)
  }

  /// Nobody was there to see it: the watch went from one demand to the next.
  @Test func aDemandThatEndedUnseenEndsAllTheSame() {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    harness.drain()
    harness.exchange(true)
    harness.write()
    // Reclaimed and drained again between two looks.
    harness.edit(generations: 2) { _ in }
    #expect(harness.write() == ["empty False NotAsked"])
    #expect(harness.next().map(\.webhook) == ["empty"])
  }

  /// From draining to deleting it is one demand: the yes stays, and is marked with the new generation.
  @Test func theYesOfADrainedServerHoldsForItsDeletion() {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    harness.drain()
    harness.exchange(true)
    harness.write()
    #expect(harness.condition("empty")?.observedGeneration == 2)
    harness.delete()
    #expect(harness.write() == ["empty True Allowed"])
    #expect(harness.condition("empty")?.observedGeneration == 3)
  }

  @Test func anAnswerThatComesAfterTheReclaimDoesNotCount() throws {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    harness.drain()
    let question = try #require(harness.next().first)
    harness.reclaim()
    #expect(harness.probes.review(for: question, uid: "u") == nil)
    harness.answer(question, true)
    #expect(harness.probes.changes.isEmpty)
    #expect(harness.probes.nextDue == nil)
  }

  @Test func onceStopsForOneDemandOnly() {
    var harness = ProbeHarness([ProbeHarness.webhook("empty", .deletable) { $0.requestPolicy = .once }])
    harness.observe()
    for _ in 0..<2 {
      harness.drain()
      harness.exchange(true)
      harness.write()
      #expect(harness.probes.nextDue == nil)
      harness.reclaim()
      harness.write()
    }
    #expect(harness.condition("empty")?.status == .false)
  }

  @Test func aRestartInTheMiddleKeepsTheYes() {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    harness.drain()
    harness.exchange(true)
    harness.write()
    harness.probes = ServerProbes(harness.server, asker: .sidecar)
    harness.observe(isStarting: true)
    #expect(harness.probes.changes.isEmpty)
    #expect(harness.probes.nextDue != nil)
  }

  @Test func aNoThatStandsIsNotWrittenAgainWhenNobodyAsks() {
    var harness = ProbeHarness([self.empty])
    harness.observe()
    harness.drain()
    harness.exchange(false)
    harness.write()
    harness.reclaim()
    #expect(harness.probes.changes.isEmpty)
  }
}
