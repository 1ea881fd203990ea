import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

@Suite struct ReadinessProbeTests {
  private let warm = ProbeHarness.webhook("warm", .readiness)

  @Test func isAskedFromTheStartAndEachPeriodOnItsOwnGrid() throws {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    let first = try #require(harness.probes.nextDue)
    #expect(ProbeHarness.start.steady.duration(to: first) < .seconds(1))
    for number in 0..<50 {
      let questions = harness.next()
      #expect(questions.map(\.webhook) == ["warm"])
      #expect(harness.now.steady == first.advanced(by: .seconds(5) * number))
      // An answer takes its time, and a different one each time.
      harness.now = harness.now.advanced(by: .milliseconds(37 * number))
      harness.answer(questions[0], true)
    }
  }

  @Test func missedPeriodsAreSkipped() throws {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    let question = try #require(harness.next().first)
    let first = harness.now.steady
    harness.now = harness.now.advanced(by: .seconds(12))
    // Not while the first is under way.
    #expect(harness.probes.nextDue == nil)
    #expect(harness.pass(.zero).isEmpty)
    harness.answer(question, true)
    #expect(harness.probes.nextDue == first.advanced(by: .seconds(15)))
  }

  @Test func theReviewNamesTheServer() throws {
    var harness = ProbeHarness([self.warm]) { $0.spec.constraints = [ProbeHarness.notInService] }
    harness.observe()
    let question = try #require(harness.next().first)
    let review = try #require(harness.probes.review(for: question, uid: "fresh")?.request)
    #expect(review.uid == "fresh")
    #expect(review.name == "arena-1")
    #expect(review.namespace == "games")
    #expect(review.type == .readiness)
    #expect(review.status == .created)
    #expect(review.labels == ["tier": "gold"])
    #expect(review.constraints == nil)
  }

  @Test func anAnswerBecomesTheConditionAndIsWrittenOnce() {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    harness.exchange(false, "still loading")
    #expect(harness.write() == ["warm False Denied"])
    #expect(harness.condition("warm")?.message == "still loading")
    #expect(harness.condition("warm")?.observedGeneration == 1)
    harness.exchange(true)
    #expect(harness.write() == ["warm True Allowed"])
    harness.exchange(true)
    #expect(harness.write().isEmpty)
  }

  /// The same answer for ten minutes: the time of the question is written at most once a minute.
  @Test func nothingIsWrittenWhileNothingChanges() {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    harness.exchange(true, "warm")
    harness.write()
    var writes: [ContinuousClock.Instant] = [harness.now.steady]
    while harness.now.steady < ProbeHarness.start.steady.advanced(by: .seconds(600)) {
      harness.exchange(true, "warm")
      if !harness.write().isEmpty { writes.append(harness.now.steady) }
      harness.observe()
    }
    #expect(writes.count <= 11)
    #expect(writes.count >= 9)
    for (earlier, later) in zip(writes, writes.dropFirst()) { #expect(earlier.duration(to: later) >= .seconds(60)) }
  }

  /// A studio that puts a clock into its reason does not have us write at every answer.
  @Test func aMessageThatAloneChangesIsWrittenNowAndThen() {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    var writes = 0
    for number in 0..<120 {
      harness.exchange(true, "answer \(number)")
      writes += harness.write().count
    }
    #expect((40...62).contains(writes), "\(writes) writes in 600 s")
  }

  @Test func onceStopsAtTheFirstYes() throws {
    var harness = ProbeHarness([ProbeHarness.webhook("warm", .readiness) { $0.requestPolicy = .once }])
    harness.observe()
    harness.exchange(false)
    harness.write()
    harness.exchange(true)
    harness.write()
    #expect(harness.probes.nextDue == nil)
    // And a restart of ours does not begin it anew.
    harness.probes = ServerProbes(harness.server, asker: .sidecar)
    harness.observe(isStarting: true)
    #expect(harness.probes.nextDue == nil)
    #expect(harness.probes.changes.isEmpty)
  }

  @Test func aChangeInPlaceAsksAnew() throws {
    var harness = ProbeHarness([ProbeHarness.webhook("warm", .readiness) { $0.requestPolicy = .once }])
    harness.observe()
    harness.exchange(true)
    harness.write()
    harness.images = "game=game:2"
    harness.observe()
    #expect(harness.write() == ["warm False NotAsked"])
    let question = try #require(harness.next().first)
    #expect(harness.probes.review(for: question, uid: "u")?.request.status == .inplaceUpdated)
    harness.answer(question, true)
    #expect(harness.write() == ["warm True Allowed"])
    #expect(harness.probes.nextDue == nil)
  }

  /// What was asked of the old images says nothing of the new ones.
  @Test func anAnswerThatCrossesAChangeInPlaceDoesNotCount() throws {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    let question = try #require(harness.next().first)
    harness.images = "game=game:2"
    harness.observe()
    #expect(harness.probes.review(for: question, uid: "u") == nil)
    // It is still under way: no second one beside it.
    #expect(harness.pass(.seconds(60)).isEmpty)
    harness.answer(question, true)
    #expect(harness.probes.changes.isEmpty)
    #expect(harness.next().map(\.webhook) == ["warm"])
  }

  @Test func imagesThatAreNotKnownAreNoChange() {
    var harness = ProbeHarness([self.warm])
    harness.images = nil
    harness.observe()
    harness.exchange(true)
    harness.write()
    for images in ["game=game:1", nil, "game=game:1"] {
      harness.images = images
      harness.observe()
      #expect(harness.probes.changes.isEmpty)
    }
  }

  @Test func aServerThatGoesOrHasEndedIsNotAskedAbout() {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    harness.delete()
    #expect(harness.probes.nextDue == nil)
    var ended = ProbeHarness([self.warm]) { $0.status?.state = .failed }
    ended.observe()
    #expect(ended.probes.nextDue == nil)
  }

  @Test func onlyOurOwnWebhooksAreAsked() {
    let webhooks = [
      self.warm, ProbeHarness.webhook("theirs", .readiness) { $0.caller = .controller },
      ProbeHarness.webhook("scale", .scaling), ProbeHarness.webhook(ConditionTypes.ready, .readiness),
    ]
    var sidecar = ProbeHarness(webhooks)
    sidecar.observe()
    #expect(sidecar.pass(.seconds(60)).map(\.webhook) == ["warm"])
    var controller = ProbeHarness(webhooks, asker: .controller)
    controller.observe()
    #expect(controller.pass(.seconds(60)).map(\.webhook) == ["theirs"])
  }

  /// C11: edits take effect at once.
  @Test func editsTakeEffectAtTheNextQuestion() throws {
    var harness = ProbeHarness([ProbeHarness.webhook("warm", .readiness) { $0.periodSeconds = 3600 }])
    harness.observe()
    harness.exchange(true)
    harness.write()
    harness.webhooks[0].periodSeconds = 10
    harness.webhooks[0].clientConfig.service?.path = "/v2"
    harness.observe()
    let question = try #require(harness.pass(.seconds(1)).first)
    #expect(harness.probes.review(for: question, uid: "u")?.webhook.clientConfig.service?.path == "/v2")
    let asked = harness.now.steady
    harness.answer(question, true)
    #expect(asked.duration(to: try #require(harness.probes.nextDue)) <= .seconds(10))
    harness.webhooks = []
    harness.observe()
    #expect(harness.probes.nextDue == nil)
    harness.webhooks = [self.warm, ProbeHarness.webhook("second", .readiness)]
    harness.observe()
    #expect(Set(harness.pass(.seconds(1)).map(\.webhook)) == ["warm", "second"])
  }

  /// An answer of the endpoint before the edit is none of the one after it.
  @Test func anAnswerOfTheOldEndpointDoesNotCount() throws {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    let question = try #require(harness.next().first)
    harness.webhooks[0].clientConfig.service?.name = "other"
    harness.observe()
    harness.answer(question, true)
    #expect(harness.probes.changes.isEmpty)
  }

  /// A copy that is older than our own write brings back nothing, and has nothing written twice.
  @Test func anOlderCopyIsNotBelieved() {
    var harness = ProbeHarness([self.warm])
    harness.observe()
    let old = harness.server
    harness.exchange(true)
    harness.write()
    harness.probes.observe(.init(server: old, webhooks: harness.webhooks, images: harness.images), now: harness.now)
    #expect(harness.probes.server.status?.conditions.isTrue("warm") == true)
    harness.exchange(true)
    #expect(harness.probes.changes.isEmpty)
  }

  @Test(arguments: [Webhook.RequestPolicy.always, .once])
  func aGameThatWasStartedAgainIsAskedAboutAnew(policy: Webhook.RequestPolicy) throws {
    let warm = ProbeHarness.webhook("warm", .readiness) { $0.requestPolicy = policy }
    var harness = ProbeHarness([warm])
    harness.observe()
    harness.answer(try #require(harness.next().first), true)
    harness.write()
    #expect(harness.server.status?.conditions[type: "warm"]?.observedRestarts == nil)
    let late = policy == .always ? harness.next().first : nil
    harness.notice(restarts: 1)
    #expect(harness.server.status?.conditions.isTrue("warm") == false)
    // An answer that was asked for before is of the life before.
    if let late { harness.answer(late, true) }
    #expect(harness.probes.changes == [])
    harness.answer(try #require(harness.next().first), true)
    harness.write()
    #expect(harness.server.status?.conditions.isTrue("warm") == true)
    #expect(harness.server.status?.conditions[type: "warm"]?.observedRestarts == 1)
    // Whoever starts then takes it for what it is.
    harness.notice(restarts: 2, setsBack: false)
    harness.probes = ServerProbes(harness.server, asker: .sidecar)
    harness.observe(isStarting: true)
    #expect(harness.next().count == 1)
  }
}
