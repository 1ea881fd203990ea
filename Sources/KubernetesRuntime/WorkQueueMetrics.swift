import Metrics

/// The metrics of one work queue, under client-go's names.
struct WorkQueueMetrics: Sendable {
  let depth: Gauge
  let adds: Counter
  let retries: Counter
  let waited: Timer
  let worked: Timer
  let unfinished: Gauge
  let longest: Gauge

  init(factory: any MetricsFactory, name: String) {
    let labels = [("name", name)]
    self.depth = Gauge(label: "workqueue_depth", dimensions: labels, factory: factory)
    self.adds = Counter(label: "workqueue_adds_total", dimensions: labels, factory: factory)
    self.retries = Counter(label: "workqueue_retries_total", dimensions: labels, factory: factory)
    self.waited = Timer(label: "workqueue_queue_duration_seconds", dimensions: labels, factory: factory)
    self.worked = Timer(label: "workqueue_work_duration_seconds", dimensions: labels, factory: factory)
    self.unfinished = Gauge(label: "workqueue_unfinished_work_seconds", dimensions: labels, factory: factory)
    self.longest = Gauge(
      label: "workqueue_longest_running_processor_seconds", dimensions: labels, factory: factory)
    // The series exist from the start on, so that a rate over them is right.
    for counter in [self.adds, self.retries] { counter.increment(by: 0) }
    for gauge in [self.depth, self.unfinished, self.longest] { gauge.record(0) }
  }

  func record(_ unfinished: (total: Duration, longest: Duration)) {
    self.unfinished.record(unfinished.total.fractionalSeconds)
    self.longest.record(unfinished.longest.fractionalSeconds)
  }
}

extension Duration {
  /// Seconds with their fraction, for metrics.
  var fractionalSeconds: Double {
    let (seconds, attoseconds) = self.components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
