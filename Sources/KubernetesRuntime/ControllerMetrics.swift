import Metrics

/// The metrics of one controller, under controller-runtime's and client-go's names, so that existing dashboards work.
struct ControllerMetrics: Sendable {
  let succeeded: Counter
  let requeued: Counter
  let failed: Counter
  let duration: Timer
  let adds: Counter
  let depth: Gauge

  init(factory: any MetricsFactory, controller: String) {
    func total(_ result: String) -> Counter {
      Counter(
        label: "controller_runtime_reconcile_total", dimensions: [("controller", controller), ("result", result)],
        factory: factory)
    }
    self.succeeded = total("success")
    self.requeued = total("requeue_after")
    self.failed = total("error")
    self.duration = Timer(
      label: "controller_runtime_reconcile_time_seconds", dimensions: [("controller", controller)], factory: factory)
    self.adds = Counter(label: "workqueue_adds_total", dimensions: [("name", controller)], factory: factory)
    self.depth = Gauge(label: "workqueue_depth", dimensions: [("name", controller)], factory: factory)
    // The series exist from the start on, so that a rate over them is right.
    for counter in [self.succeeded, self.requeued, self.failed, self.adds] { counter.increment(by: 0) }
    self.depth.record(0)
  }
}
