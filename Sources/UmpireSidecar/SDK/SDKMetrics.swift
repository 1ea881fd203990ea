import GRPCCore
import Metrics

/// What is measured of the SDK.
struct SDKMetrics: Sendable {
  /// How a call ended.
  enum Outcome: String, CaseIterable {
    case ok
    /// The client's own doing.
    case refused
    case failed

    init(_ code: RPCError.Code) {
      switch code {
      case .invalidArgument, .permissionDenied, .notFound, .failedPrecondition, .cancelled, .deadlineExceeded:
        self = .refused
      default: self = .failed
      }
    }
  }

  private struct Key: Hashable {
    var call: SDKCall
    var outcome: Outcome
  }

  private let watchers: Gauge
  private let calls: [Key: Counter]

  init(factory: any MetricsFactory) {
    self.watchers = Gauge(label: "umpire_sidecar_watchers", factory: factory)
    self.watchers.record(0)
    var calls: [Key: Counter] = [:]
    for call in SDKCall.allCases {
      for outcome in Outcome.allCases {
        let labels = [("call", call.rawValue), ("outcome", outcome.rawValue)]
        let counter = Counter(label: "umpire_sidecar_sdk_calls_total", dimensions: labels, factory: factory)
        counter.increment(by: 0)
        calls[Key(call: call, outcome: outcome)] = counter
      }
    }
    self.calls = calls
  }

  /// So many watch at present.
  func watching(_ count: Int) { self.watchers.record(count) }

  /// A call has ended.
  func ended(_ call: SDKCall, _ outcome: Outcome) {
    self.calls[Key(call: call, outcome: outcome)]?.increment()
  }
}
