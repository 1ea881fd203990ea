import HTTPTypes
import Metrics
import Synchronization

/// The metrics of requests, under client-go's names, so that existing dashboards work.
///
/// Labels are bounded: status codes, a few methods, one host.
final class ClientMetrics: Sendable {
  private struct State {
    var requests: [String: Counter] = [:]
    var durations: [String: Timer] = [:]
  }

  private let factory: any MetricsFactory
  private let host: String
  private let state = Mutex(State())

  init(factory: any MetricsFactory, host: String) {
    self.factory = factory
    self.host = host
  }

  /// Counts one answer.
  ///
  /// - Parameter code: nil if none came.
  func answered(_ method: HTTPRequest.Method, code: Int?, after duration: Duration) {
    let verb = Self.verb(method)
    let code = code.map { (100...599).contains($0) ? String($0) : "<other>" } ?? "<error>"
    let (requests, durations) = self.state.withLock { state in
      let requests = state.requests["\(verb) \(code)"] ?? self.counter(verb, code)
      let durations = state.durations[verb] ?? self.timer(verb)
      state.requests["\(verb) \(code)"] = requests
      state.durations[verb] = durations
      return (requests, durations)
    }
    requests.increment()
    let (seconds, attoseconds) = duration.components
    durations.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  private func counter(_ verb: String, _ code: String) -> Counter {
    Counter(
      label: "rest_client_requests_total", dimensions: [("code", code), ("method", verb), ("host", self.host)],
      factory: self.factory)
  }

  private func timer(_ verb: String) -> Timer {
    Timer(
      label: "rest_client_request_duration_seconds", dimensions: [("verb", verb), ("host", self.host)],
      factory: self.factory)
  }

  private static func verb(_ method: HTTPRequest.Method) -> String {
    switch method {
    case .get, .head, .post, .put, .patch, .delete: method.rawValue
    default: "<other>"
    }
  }
}
