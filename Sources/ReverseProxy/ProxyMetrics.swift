import Metrics
import Synchronization

/// The metrics of one proxy.
final class ProxyMetrics: Sendable {
  private let requests: [Counter]
  private let refused: [String: Counter]
  private let failures: [UpstreamFailure: Counter]
  private let connections: Gauge
  private let open = Mutex(0)

  /// The label of connections that are closed as there are too many.
  private static let tooMany = "connections"

  init(factory: any MetricsFactory) {
    self.requests = (1...5).map { digit in
      Counter(label: "umpire_proxy_requests_total", dimensions: [("status", "\(digit)xx")], factory: factory)
    }
    self.refused = Dictionary(
      uniqueKeysWithValues: (Refusal.Reason.allCases.map(\.rawValue) + [Self.tooMany]).map { reason in
        (reason, Counter(label: "umpire_proxy_refused_total", dimensions: [("reason", reason)], factory: factory))
      })
    self.failures = Dictionary(
      uniqueKeysWithValues: UpstreamFailure.allCases.map { failure in
        let dimensions = [("reason", failure.rawValue)]
        return (
          failure, Counter(label: "umpire_proxy_upstream_failures_total", dimensions: dimensions, factory: factory)
        )
      })
    self.connections = Gauge(label: "umpire_proxy_connections_open", factory: factory)
    // The series exist from the start on, so that a rate over them is right.
    for counter in self.requests + self.refused.values + self.failures.values { counter.increment(by: 0) }
    self.connections.record(0)
  }

  func answered(_ status: Int) {
    guard (100..<600).contains(status) else { return }
    self.requests[status / 100 - 1].increment()
  }

  func refused(_ reason: Refusal.Reason) { self.refused[reason.rawValue]?.increment() }

  func failed(_ failure: UpstreamFailure) { self.failures[failure]?.increment() }

  func turnedAway() { self.refused[Self.tooMany]?.increment() }

  func connected() { self.open.withLock { self.change(&$0, by: 1) } }

  func disconnected() { self.open.withLock { self.change(&$0, by: -1) } }

  /// Under the lock, so that the gauge ends at the newest number.
  private func change(_ open: inout Int, by difference: Int) {
    open += difference
    self.connections.record(open)
  }
}
