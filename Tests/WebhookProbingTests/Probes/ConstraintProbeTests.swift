import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

@Suite struct ConstraintProbeTests {
  private let told = ProbeHarness.webhook("told", .constraint)

  @Test func constraintsArePushedUntilTheyAreAcknowledged() {
    var harness = ProbeHarness([self.told])
    harness.observe()
    #expect(harness.probes.nextDue == nil)
    harness.drain()
    for _ in 0..<2 { for question in harness.next() { harness.fail(question) } }
    harness.exchange(true)
    #expect(harness.probes.nextDue == nil)
    // Its answers are nobody else's business.
    #expect(harness.probes.changes.isEmpty)
  }

  /// Carrier's example answers so: the answer to a push says nothing but that it has come.
  @Test func aNoAcknowledgesToo() {
    var harness = ProbeHarness([self.told])
    harness.observe()
    harness.drain()
    harness.exchange(false)
    #expect(harness.probes.nextDue == nil)
  }

  @Test func otherConstraintsArePushedAnew() throws {
    var harness = ProbeHarness([self.told])
    harness.observe()
    harness.drain()
    harness.exchange(true)
    harness.edit { $0.metadata.labels = ["tier": "silver"] }
    #expect(harness.probes.nextDue == nil)
    let more = [ProbeHarness.notInService, Constraint(type: "slow")]
    harness.edit { $0.spec.constraints = more }
    let question = try #require(harness.next().first)
    #expect(harness.probes.review(for: question, uid: "u")?.request.constraints == more)
    harness.answer(question, true)
    harness.reclaim()
    #expect(harness.probes.nextDue == nil)
    harness.drain()
    #expect(harness.next().map(\.webhook) == ["told"])
  }

  @Test func onceIsOnceAndForAll() {
    var harness = ProbeHarness([ProbeHarness.webhook("told", .constraint) { $0.requestPolicy = .once }])
    harness.observe()
    harness.drain()
    for question in harness.next() { harness.fail(question) }
    harness.exchange(true)
    harness.reclaim()
    harness.drain()
    #expect(harness.probes.nextDue == nil)
  }

  /// C4: a push that hangs holds up nothing, and no others pile up behind it.
  @Test func aPushThatHangsStaysTheOnlyOne() throws {
    var harness = ProbeHarness([self.told, ProbeHarness.webhook("warm", .readiness)])
    harness.observe()
    harness.drain()
    let hanging = try #require(harness.pass(.seconds(1)).first { $0.webhook == "told" })
    for number in 0..<20 {
      harness.edit { $0.spec.constraints = [Constraint(type: "change-\(number)")] }
      let questions = harness.pass(.seconds(5))
      #expect(!questions.contains { $0.webhook == "told" })
      for question in questions { harness.answer(question, true) }
    }
    harness.answer(hanging, true)
    let next = try #require(harness.pass(.seconds(5)).first { $0.webhook == "told" })
    #expect(
      harness.probes.review(for: next, uid: "u")?.request.constraints == [Constraint(type: "change-19")])
  }

  /// C5: what is optional is not relied upon.
  @Test func constraintsNeedNoTimeAndNoEffect() throws {
    var harness = ProbeHarness([self.told])
    harness.edit { $0.spec.constraints = [Constraint(type: "bare")] }
    let question = try #require(harness.next().first)
    #expect(harness.probes.review(for: question, uid: "u")?.request.constraints?.first?.timeAdded == nil)
  }

  // Two askers

  private let toldByController = ProbeHarness.webhook("told", .constraint) { $0.caller = .controller }
  private let empty = ProbeHarness.webhook("empty", .deletable)

  /// The sidecar asks the one, the controller tells the other: the acknowledgement stands in a condition.
  @Test func theOrderHoldsAcrossTwoAskers() throws {
    let webhooks = [self.toldByController, self.empty]
    var controller = ProbeHarness(webhooks, asker: .controller)
    controller.observe()
    controller.drain()
    var sidecar = ProbeHarness(webhooks)
    func showSidecar() {
      sidecar.server = controller.server
      sidecar.observe()
    }
    showSidecar()
    #expect(sidecar.probes.nextDue == nil)
    controller.exchange(false)
    #expect(controller.write() == ["told True Acknowledged"])
    showSidecar()
    #expect(sidecar.next().map(\.webhook) == ["empty"])
    // Other constraints: the old acknowledgement says nothing of them.
    controller.edit { $0.spec.constraints = [ProbeHarness.notInService, Constraint(type: "slow")] }
    showSidecar()
    #expect(controller.write() == ["told False NotAsked"])
    showSidecar()
    #expect(sidecar.probes.nextDue == nil)
    for _ in 0..<3 { for question in controller.next() { controller.fail(question) } }
    #expect(controller.write() == ["told False Timeout"])
    showSidecar()
    sidecar.now = controller.now
    #expect(sidecar.probes.nextDue == nil, "the first question is still under way")
  }

  @Test func anAcknowledgementIsMarkedWithEachGeneration() {
    let webhooks = [self.toldByController, self.empty]
    var controller = ProbeHarness(webhooks, asker: .controller)
    controller.observe()
    controller.drain()
    controller.exchange(true)
    controller.write()
    controller.delete()
    #expect(controller.write() == ["told True Acknowledged"])
    #expect(controller.condition("told")?.observedGeneration == 3)
  }

  @Test func webhooksThatNobodyAsksAreNotWaitedFor() {
    let webhooks = [self.told, ProbeHarness.webhook("empty", .deletable) { $0.caller = .controller }]
    var controller = ProbeHarness(webhooks, asker: .controller) { $0.spec.sidecar.enabled = false }
    controller.observe()
    controller.drain()
    #expect(controller.next().map(\.webhook) == ["empty"])
  }
}
