import Metrics
import Synchronization

/// The metrics of one controller, under controller-runtime's names, so that existing dashboards work.
final class ControllerMetrics: Sendable {
  private let succeeded: Counter
  private let requeued: Counter
  private let requeuedAfter: Counter
  private let failed: Counter
  private let errors: Counter
  private let duration: Timer
  private let activeWorkers: Gauge
  private let active = Mutex(0)

  init(factory: any MetricsFactory, controller: String, workers: Int) {
    let labels = [("controller", controller)]
    func total(_ result: String) -> Counter {
      Counter(
        label: "controller_runtime_reconcile_total", dimensions: labels + [("result", result)], factory: factory)
    }
    self.succeeded = total("success")
    self.requeued = total("requeue")
    self.requeuedAfter = total("requeue_after")
    self.failed = total("error")
    self.errors = Counter(label: "controller_runtime_reconcile_errors_total", dimensions: labels, factory: factory)
    self.duration = Timer(label: "controller_runtime_reconcile_time_seconds", dimensions: labels, factory: factory)
    self.activeWorkers = Gauge(label: "controller_runtime_active_workers", dimensions: labels, factory: factory)
    // The series exist from the start on, so that a rate over them is right.
    for counter in [self.succeeded, self.requeued, self.requeuedAfter, self.failed, self.errors] {
      counter.increment(by: 0)
    }
    self.activeWorkers.record(0)
    Gauge(label: "controller_runtime_max_concurrent_reconciles", dimensions: labels, factory: factory).record(workers)
  }

  func began() { self.active.withLock { self.change(&$0, by: 1) } }

  func ended(_ outcome: WorkOutcome, after duration: Duration) {
    self.active.withLock { self.change(&$0, by: -1) }
    self.duration.recordNanoseconds(duration.wholeNanoseconds)
    switch outcome {
    case .done: self.succeeded.increment()
    case .requeue(.zero): self.requeued.increment()
    case .requeue: self.requeuedAfter.increment()
    case .failed:
      self.failed.increment()
      self.errors.increment()
    }
  }

  /// Under the lock, so that the gauge ends at the newest number.
  private func change(_ active: inout Int, by difference: Int) {
    active += difference
    self.activeWorkers.record(active)
  }
}
