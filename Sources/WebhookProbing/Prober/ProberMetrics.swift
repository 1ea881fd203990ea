import Metrics
import UmpireModel

/// What is measured of a prober.
struct ProberMetrics: Sendable {
  private let servers: Gauge
  private let waiting: Gauge
  private let delay: Timer

  init(factory: any MetricsFactory, asker: Webhook.Caller) {
    let labels = [("caller", asker.rawValue)]
    self.servers = Gauge(label: "umpire_probe_servers", dimensions: labels, factory: factory)
    self.waiting = Gauge(label: "umpire_probe_questions_waiting", dimensions: labels, factory: factory)
    self.delay = Timer(label: "umpire_probe_delay_seconds", dimensions: labels, factory: factory)
    self.servers.record(0)
    self.waiting.record(0)
  }

  /// Records how many Servers there are, and how many of their questions wait for others to end.
  func record(servers: Int, waiting: Int) {
    self.servers.record(servers)
    self.waiting.record(waiting)
  }

  /// Records how long after its time a question is asked.
  func asked(after delay: Duration) { self.delay.record(duration: delay) }
}
