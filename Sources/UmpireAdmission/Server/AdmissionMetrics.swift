import KubernetesModel
package import Metrics
import Synchronization
import UmpireModel

/// The metrics of admission, under controller-runtime's names where it has them.
///
/// Labels are bounded: three paths, a few statuses, the kinds.
package final class AdmissionMetrics: Sendable {
  private struct State {
    var requests: [String: Counter] = [:]
    var latencies: [String: Timer] = [:]
    var refusals: [String: Counter] = [:]
  }

  private let factory: any MetricsFactory
  private let state = Mutex(State())

  /// Creates metrics.
  package init(factory: any MetricsFactory = NOOPMetricsHandler.instance) { self.factory = factory }

  /// Counts one request.
  func answered(_ path: String, code: Int, after duration: Duration) {
    let (requests, latency) = self.state.withLock { state in
      let requests =
        state.requests["\(path) \(code)"]
        ?? Counter(
          label: "controller_runtime_webhook_requests_total", dimensions: [("webhook", path), ("code", "\(code)")],
          factory: self.factory)
      let latency =
        state.latencies[path]
        ?? Timer(
          label: "controller_runtime_webhook_latency_seconds", dimensions: [("webhook", path)], factory: self.factory)
      state.requests["\(path) \(code)"] = requests
      state.latencies[path] = latency
      return (requests, latency)
    }
    requests.increment()
    let (seconds, attoseconds) = duration.components
    latency.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  /// Counts one object that was refused.
  func refused(kind: String) {
    let kind = UmpireObject.kinds.contains(kind) ? kind : "other"
    let counter = self.state.withLock { state in
      let counter =
        state.refusals[kind]
        ?? Counter(label: "umpire_admission_refusals_total", dimensions: [("kind", kind)], factory: self.factory)
      state.refusals[kind] = counter
      return counter
    }
    counter.increment()
  }
}
