import KubernetesModel
import Testing
import UmpireModel
import WebhookClient

@testable import WebhookProbing

@Suite struct FailurePolicyTests {
  private func harness(_ policy: Webhook.FailurePolicy, threshold: Int64 = 3) -> ProbeHarness {
    var harness = ProbeHarness([
      ProbeHarness.webhook("warm", .readiness) {
        $0.failurePolicy = policy
        $0.failureThreshold = threshold
      }
    ])
    harness.observe()
    return harness
  }

  /// Fails so many times in a row, and gives what was written each time.
  private func fail(_ harness: inout ProbeHarness, _ count: Int) -> [[String]] {
    (0..<count).map { _ in
      for question in harness.next() { harness.fail(question) }
      return harness.write()
    }
  }

  @Test func holdKeepsTheLastDecision() {
    var harness = self.harness(.hold)
    harness.exchange(true)
    harness.write()
    #expect(self.fail(&harness, 5) == [["warm True Timeout"], [], [], [], []])
    #expect(harness.condition("warm")?.message == "late")
    harness.exchange(false)
    #expect(harness.write() == ["warm False Denied"])
  }

  @Test func beforeAnyDecisionNothingIsAllowed() {
    var harness = self.harness(.hold)
    #expect(self.fail(&harness, 4) == [["warm False Timeout"], [], [], []])
  }

  @Test func denyAppliesFromTheThresholdOn() {
    var harness = self.harness(.deny)
    harness.exchange(true)
    harness.write()
    #expect(self.fail(&harness, 4) == [["warm True Timeout"], [], ["warm False Timeout"], []])
    harness.exchange(true)
    #expect(harness.write() == ["warm True Allowed"])
  }

  @Test func allowAppliesFromTheThresholdOn() {
    var harness = self.harness(.allow)
    #expect(self.fail(&harness, 4) == [["warm False Timeout"], [], ["warm True Timeout"], []])
    harness.exchange(false)
    #expect(harness.write() == ["warm False Denied"])
  }

  @Test func onlyFailuresInARowCount() {
    var harness = self.harness(.allow)
    for _ in 0..<5 {
      _ = self.fail(&harness, 2)
      harness.exchange(false)
      harness.write()
      #expect(harness.condition("warm")?.status == .false)
    }
  }

  @Test func aThresholdOfOneAppliesAtOnce() {
    var harness = self.harness(.allow, threshold: 1)
    #expect(self.fail(&harness, 1) == [["warm True Timeout"]])
  }

  /// Whoever is not asked because the endpoint fails is told why it fails.
  @Test func anOpenBreakerKeepsTheReasonThatOpenedIt() {
    var harness = self.harness(.hold)
    for question in harness.next() { harness.fail(question, .tls, "the certificate has expired") }
    #expect(harness.write() == ["warm False TLS"])
    for number in 0..<3 {
      for question in harness.next() { harness.fail(question, .breakerOpen, "the next try is in \(number) s") }
      #expect(harness.write().isEmpty)
    }
    #expect(harness.condition("warm")?.message == "the certificate has expired")
  }

  @Test func aQuestionThatWeWithdrewIsNoFailure() {
    var harness = self.harness(.deny, threshold: 1)
    for question in harness.next() { harness.fail(question, .cancelled) }
    #expect(harness.probes.changes.isEmpty)
    #expect(harness.probes.nextDue != nil)
  }

  /// A restart of ours forgets how many failures there were, not what was decided.
  @Test func aDecisionOutlivesARestart() {
    var harness = self.harness(.hold)
    harness.exchange(true)
    harness.write()
    harness.probes = ServerProbes(harness.server, asker: .sidecar)
    harness.observe(isStarting: true)
    #expect(harness.probes.changes.isEmpty)
    #expect(self.fail(&harness, 1) == [["warm True Timeout"]])
  }
}
