import Metrics
import Synchronization

/// A number that only grows.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
  private let total = Mutex(0.0)

  var value: Double { self.total.withLock { $0 } }

  func increment(by amount: Int64) { self.increment(by: Double(amount)) }

  func increment(by amount: Double) {
    // A counter that falls would look like a restart of the process.
    guard amount > 0, amount.isFinite else { return }
    self.total.withLock { $0 += amount }
  }

  func reset() { self.total.withLock { $0 = 0 } }
}

/// A number that goes up and down.
final class GaugeSeries: RecorderHandler, MeterHandler {
  private let current = Mutex(0.0)

  var value: Double { self.current.withLock { $0 } }

  func record(_ value: Int64) { self.set(Double(value)) }
  func record(_ value: Double) { self.set(value) }
  func set(_ value: Int64) { self.set(Double(value)) }
  func set(_ value: Double) { self.current.withLock { $0 = value } }
  func increment(by amount: Double) { self.current.withLock { $0 += amount } }
  func decrement(by amount: Double) { self.current.withLock { $0 -= amount } }
}

/// How values are spread over fixed buckets.
final class HistogramSeries: TimerHandler, RecorderHandler {
  /// The buckets' upper bounds, rising, without the last, which is infinite.
  let bounds: [Double]
  private let state: Mutex<Snapshot>

  struct Snapshot: Sendable, Hashable {
    /// How many values lie in each bucket, the infinite one last.
    var counts: [Int]
    var sum = 0.0
  }

  init(bounds: [Double]) {
    self.bounds = bounds
    self.state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  var snapshot: Snapshot { self.state.withLock { $0 } }

  func recordNanoseconds(_ duration: Int64) { self.record(Double(duration) / 1e9) }
  func record(_ value: Int64) { self.record(Double(value)) }

  func record(_ value: Double) {
    guard !value.isNaN else { return }
    let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
    self.state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }

  /// Bounds for times, in seconds: from a local call to a webhook's deadline.
  static let seconds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
  /// Bounds for everything else: sizes and numbers.
  static let magnitudes: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]
}
