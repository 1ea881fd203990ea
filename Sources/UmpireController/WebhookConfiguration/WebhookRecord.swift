import FoundationEssentials
import KubernetesModel
import UmpireModel
import WebhookClient

/// What our own exchanges with one webhook have shown since this process began.
struct WebhookRecord: Sendable, Hashable {
  private(set) var lastSuccess: Timestamp?
  private(set) var lastFailure: Timestamp?
  private(set) var failure: WebhookFailure?
  private(set) var consecutiveFailures: Int64 = 0
  private(set) var latency: Duration?
  private(set) var breaker: CircuitBreaker.State?

  /// Takes in the end of one exchange.
  mutating func add(_ outcome: WebhookOutcome) {
    let time = Timestamp(microsecondsSinceEpoch: Int64(outcome.time.timeIntervalSince1970 * 1_000_000))
    self.breaker = outcome.breaker
    guard let failure = outcome.failure else {
      self.lastSuccess = time
      self.latency = outcome.latency
      self.consecutiveFailures = 0
      return
    }
    // Nobody was asked, and nothing was learnt: what made us leave the endpoint alone stays the reason.
    guard failure.reason != .breakerOpen else { return }
    self.lastFailure = time
    self.failure = failure
    self.latency = outcome.latency
    self.consecutiveFailures += 1
  }
}
