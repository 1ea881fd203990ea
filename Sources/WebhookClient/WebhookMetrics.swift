package import Metrics
import Synchronization
import UmpireModel

/// Counts and times exchanges with webhooks.
///
/// Handles are made once for each webhook and result; both come from configured objects, never from an answer.
package final class WebhookMetrics: Sendable {
  private struct Key: Hashable {
    var subject: WebhookQuestion.Subject
    var result: String
  }

  private struct State {
    var requests: [Key: Counter] = [:]
    var durations: [WebhookQuestion.Subject: Timer] = [:]
  }

  private let factory: any MetricsFactory
  private let inFlight: Meter
  private let state = Mutex(State())

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

  /// Records that an exchange has ended after `duration`; `failure` is nil for an answer.
  func end(_ subject: WebhookQuestion.Subject, duration: Duration, failure: WebhookFailure.Reason?) {
    self.inFlight.decrement()
    let key = Key(subject: subject, result: failure?.rawValue ?? "Success")
    let (counter, timer) = self.state.withLock { state in
      (
        self.handle(for: key, in: &state.requests) { self.counter(key) },
        self.handle(for: subject, in: &state.durations) { self.timer(subject) }
      )
    }
    counter.increment()
    timer.record(duration: duration)
  }

  private func handle<Subject: Hashable, Handle>(
    for subject: Subject, in handles: inout [Subject: Handle], make: () -> Handle
  ) -> Handle {
    if let handle = handles[subject] { return handle }
    let handle = make()
    handles[subject] = handle
    return handle
  }

  private func counter(_ key: Key) -> Counter {
    Counter(
      label: "umpire_webhook_requests_total",
      dimensions: self.dimensions(key.subject) + [("result", key.result)], factory: self.factory)
  }

  private func timer(_ subject: WebhookQuestion.Subject) -> Timer {
    Timer(
      label: "umpire_webhook_request_duration_seconds", dimensions: self.dimensions(subject), factory: self.factory)
  }

  private func dimensions(_ subject: WebhookQuestion.Subject) -> [(String, String)] {
    [("configuration", subject.configuration), ("webhook", subject.webhook), ("type", subject.type.rawValue)]
  }
}
