package import Metrics
import Synchronization
import UmpireModel

/// Counts and times exchanges with webhooks.
///
/// Handles are made once for each webhook and result; both come from configured objects, never from an answer.
package final class WebhookMetrics: Sendable {
  /// What one webhook is counted with.
  private final class Handles: Sendable {
    let requests: [WebhookFailure.Reason?: Counter]
    let duration: Timer
    let retries: Counter
    let breaker: Gauge

    init(_ subject: WebhookQuestion.Subject, _ factory: any MetricsFactory) {
      let dimensions = [
        ("configuration", subject.configuration), ("webhook", subject.webhook), ("type", subject.type.rawValue),
      ]
      var requests: [WebhookFailure.Reason?: Counter] = [:]
      for reason in WebhookFailure.Reason.allCases.map(Optional.some) + [nil] {
        requests[reason] = Counter(
          label: "umpire_webhook_requests_total",
          dimensions: dimensions + [("result", reason?.rawValue ?? "Success")], factory: factory)
      }
      self.requests = requests
      self.duration = Timer(
        label: "umpire_webhook_request_duration_seconds", dimensions: dimensions, factory: factory)
      self.retries = Counter(label: "umpire_webhook_retries_total", dimensions: dimensions, factory: factory)
      self.breaker = Gauge(label: "umpire_webhook_breaker_state", dimensions: dimensions, factory: factory)
    }
  }

  private static let subjects = 1024
  private let factory: any MetricsFactory
  private let inFlight: Meter
  private let handles = Mutex<[WebhookQuestion.Subject: Handles]>([:])

  /// Creates the metrics in `factory`.
  package init(factory: any MetricsFactory) {
    self.factory = factory
    self.inFlight = Meter(label: "umpire_webhook_requests_in_flight", dimensions: [], factory: factory)
    self.inFlight.set(0)
  }

  /// Records that an exchange begins.
  func begin() {
    self.inFlight.increment()
  }

  /// Records that a question is sent once more.
  func retry(_ subject: WebhookQuestion.Subject) {
    self.handles(of: subject).retries.increment()
  }

  /// Records that an exchange has ended after `duration`; `failure` is nil for an answer.
  func end(
    _ subject: WebhookQuestion.Subject, duration: Duration, failure: WebhookFailure.Reason?,
    breaker: CircuitBreaker.State
  ) {
    self.inFlight.decrement()
    let handles = self.handles(of: subject)
    handles.requests[failure]?.increment()
    // What was not asked took no time, and would hide how long the others take.
    if failure != .breakerOpen { handles.duration.record(duration: duration) }
    handles.breaker.record(Self.number(breaker))
  }

  /// 0 while the endpoint is asked, 1 for a probe, 2 while it is not asked.
  private static func number(_ state: CircuitBreaker.State) -> Int {
    switch state {
    case .closed: 0
    case .halfOpen: 1
    case .open: 2
    }
  }

  private func handles(of subject: WebhookQuestion.Subject) -> Handles {
    self.handles.withLock { handles in
      if let known = handles[subject] { return known }
      // The factory finds those again that it has.
      if handles.count >= Self.subjects { handles = [:] }
      let made = Handles(subject, self.factory)
      handles[subject] = made
      return made
    }
  }
}
