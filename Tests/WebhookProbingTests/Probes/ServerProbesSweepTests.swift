import KubernetesModel
import TestSupport
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

/// Whatever happens in whatever order, the rules hold.
@Suite struct ServerProbesSweepTests {
  private static let webhooks = [
    ProbeHarness.webhook("warm", .readiness), ProbeHarness.webhook("told", .constraint),
    ProbeHarness.webhook("told-too", .constraint) { $0.failureThreshold = 1 },
    ProbeHarness.webhook("empty", .deletable) { $0.periodSeconds = 3 },
    ProbeHarness.webhook("saved", .deletable) {
      $0.requestPolicy = .once
      $0.failurePolicy = .allow
    },
    ProbeHarness.webhook("elsewhere", .deletable) { $0.caller = .controller },
  ]

  /// What an onlooker notes of the exchanges.
  private struct Notes {
    var underWay: [String: ProbeQuestion] = [:]
    /// Pushes of the present constraints that were acknowledged, and failures in a row of the others.
    var acknowledged: Set<String> = []
    var failures: [String: Int] = [:]
    var wasToGo = false
  }

  @Test(arguments: 0..<200)
  func theRulesHold(seed: Int) throws {
    var source = FuzzSource(seed: UInt64(seed))
    var harness = ProbeHarness(Self.webhooks, uid: "uid-\(seed)")
    harness.observe(isStarting: source.isOne(in: 2))
    var notes = Notes()
    for _ in 0..<300 {
      switch source.number(below: 12) {
      case 0: self.edit(&harness, &notes, &source)
      case 1: harness.observe()
      case 2, 3, 4, 5: try self.ask(&harness, &notes, source.number(below: 4_000))
      case 6, 7, 8, 9: self.end(&harness, &notes, &source)
      default: self.write(&harness)
      }
    }
  }

  private func edit(_ harness: inout ProbeHarness, _ notes: inout Notes, _ source: inout FuzzSource) {
    let before = harness.server
    switch source.number(below: 6) {
    case 0: harness.drain()
    case 1: harness.reclaim()
    case 2: harness.edit { $0.spec.constraints = [ProbeHarness.notInService, Constraint(type: "slow")] }
    case 3: harness.edit { $0.metadata.labels = [:] }
    case 4:
      harness.images = "game=game:\(source.number(below: 3))"
      harness.observe()
    default:
      harness.webhooks[source.number(below: harness.webhooks.count)].periodSeconds = Int64(1 + source.number(below: 9))
      harness.observe()
    }
    if before.spec.constraints != harness.server.spec.constraints {
      notes.acknowledged = []
      notes.failures = [:]
    }
  }

  private func ask(_ harness: inout ProbeHarness, _ notes: inout Notes, _ milliseconds: Int) throws {
    for question in harness.pass(.milliseconds(milliseconds)) {
      // Never two of one webhook.
      #expect(notes.underWay.updateValue(question, forKey: question.webhook) == nil)
      #expect(question.webhook != "elsewhere")
      let review = try #require(harness.probes.review(for: question, uid: "u")?.request)
      let constraints = harness.server.spec.constraints
      switch question.type {
      case .constraint: #expect(review.constraints == constraints && !constraints.isEmpty)
      case .deletable:
        #expect(harness.server.isToGo)
        for (name, threshold) in [("told", 3), ("told-too", 1)] where !constraints.isEmpty {
          #expect(
            notes.acknowledged.contains(name) || notes.failures[name, default: 0] >= threshold,
            "\(question.webhook) before \(name)")
        }
      case .readiness, .scaling: #expect(review.constraints == nil)
      }
    }
    // What is due was given out: nothing is due in the past.
    #expect(harness.probes.nextDue.map { $0 > harness.now.steady } ?? true)
  }

  private func end(_ harness: inout ProbeHarness, _ notes: inout Notes, _ source: inout FuzzSource) {
    guard let question = notes.underWay.values.sorted(by: { $0.number < $1.number }).first else { return }
    notes.underWay[question.webhook] = nil
    let counts = harness.probes.probes.contains { $0.webhook.name == question.webhook && $0.epoch == question.epoch }
    switch source.number(below: 3) {
    case 0:
      harness.fail(question)
      if counts { notes.failures[question.webhook, default: 0] += 1 }
    case 1:
      harness.answer(question, false)
      if counts, question.type == .constraint { notes.acknowledged.insert(question.webhook) }
    default:
      harness.answer(question, true)
      if counts { notes.acknowledged.insert(question.webhook) }
    }
  }

  private func write(_ harness: inout ProbeHarness) {
    for change in harness.probes.changes {
      let old = harness.condition(change.type)
      #expect(old != change, "written without a change")
      // The order of the names, which the API server requires to be unique.
      #expect(["warm", "told", "told-too", "empty", "saved"].contains(change.type))
    }
    harness.write()
    #expect(harness.probes.changes.isEmpty)
    guard !harness.server.isToGo else { return }
    // No yes is left over once the Server stays.
    for name in ["empty", "saved"] { #expect(harness.condition(name)?.status != .true) }
  }
}
