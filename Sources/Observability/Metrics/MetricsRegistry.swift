package import Metrics
import Synchronization

/// Keeps every metric of the process and writes them as Prometheus' text format.
///
/// Names and labels are sanitised. A timer becomes a histogram in seconds, and its name ends in `_seconds`. The number
/// of series is bounded: past the bound new ones are counted in `umpire_metrics_dropped_series_total` and not kept, so
/// that a label with too many values cannot fill the memory.
///
/// ```swift
/// let registry = MetricsRegistry()
/// MetricsSystem.bootstrap(registry)
/// …
/// let text = registry.text()
/// ```
package final class MetricsRegistry: MetricsFactory {
  private let maximumSeries: Int
  private let state = Mutex(State())

  private struct State {
    var families: [String: MetricFamily] = [:]
    var seriesCount = 0
    var dropped = 0
    var help: [String: String] = [:]
  }

  /// Creates an empty registry that keeps at most `maximumSeries` series.
  package init(maximumSeries: Int = 5000) {
    self.maximumSeries = maximumSeries
  }

  /// Every metric in Prometheus' text format, version 0.0.4, families by name.
  package func text() -> String {
    // Values are read after the lock is released: a scrape never holds up a recording.
    let (families, dropped, help) = self.state.withLock { ($0.families, $0.dropped, $0.help) }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      if let help = help[name] { text += "# HELP \(name) \(help)\n" }
      family.write(named: name, to: &text)
    }
    text += "# TYPE \(Self.droppedName) counter\n\(Self.droppedName) \(dropped)\n"
    return text
  }

  /// Says what a metric is; one line, which stands before its values.
  package func describe(_ label: String, as help: String) {
    let line = help.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("\\", with: "\\\\")
    self.state.withLock { state in
      let name = MetricName.sanitized(label)
      guard state.help[name] != nil || state.help.count < self.maximumSeries else { return }
      state.help[name] = line
    }
  }

  /// The content type of ``text()``.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"
  private static let droppedName = "umpire_metrics_dropped_series_total"

  /// Makes or finds a counter.
  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    self.counter(label, dimensions)
  }

  /// Makes or finds a counter of fractions.
  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    self.counter(label, dimensions)
  }

  /// Makes or finds a gauge.
  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    self.gauge(label, dimensions)
  }

  /// Makes or finds a histogram, or a gauge when values are not to be aggregated.
  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate
      ? self.histogram(label, dimensions, bounds: HistogramSeries.magnitudes) : self.gauge(label, dimensions)
  }

  /// Makes or finds a histogram in seconds.
  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    self.histogram(
      label.hasSuffix("_seconds") ? label : label + "_seconds", dimensions, bounds: HistogramSeries.seconds)
  }

  /// Forgets a counter.
  package func destroyCounter(_ handler: any CounterHandler) { self.destroy(handler) }
  /// Forgets a counter of fractions.
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { self.destroy(handler) }
  /// Forgets a gauge.
  package func destroyMeter(_ handler: any MeterHandler) { self.destroy(handler) }
  /// Forgets a histogram or gauge.
  package func destroyRecorder(_ handler: any RecorderHandler) { self.destroy(handler) }
  /// Forgets a histogram.
  package func destroyTimer(_ handler: any TimerHandler) { self.destroy(handler) }

  private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
    self.series(label, dimensions, make: CounterSeries(), wrap: MetricFamily.Series.counter) {
      if case .counter(let series) = $0 { series } else { nil }
    }
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
    self.series(label, dimensions, make: GaugeSeries(), wrap: MetricFamily.Series.gauge) {
      if case .gauge(let series) = $0 { series } else { nil }
    }
  }

  private func histogram(
    _ label: String, _ dimensions: [(String, String)], bounds: [Double]
  ) -> HistogramSeries {
    self.series(label, dimensions, make: HistogramSeries(bounds: bounds), wrap: MetricFamily.Series.histogram) {
      if case .histogram(let series) = $0 { series } else { nil }
    }
  }

  /// Finds the series, or keeps what `make` gives; a clash of kinds or too many series leaves that one unkept.
  private func series<Handler: Sendable>(
    _ label: String, _ dimensions: [(String, String)], make: @autoclosure () -> Handler,
    wrap: (Handler) -> MetricFamily.Series, unwrap: (MetricFamily.Series) -> Handler?
  ) -> Handler {
    let name = MetricName.sanitized(label)
    let labels = MetricFamily.labels(dimensions)
    return self.state.withLock { state in
      if let known = state.families[name]?.series[labels], let handler = unwrap(known) { return handler }
      let handler = make()
      let series = wrap(handler)
      let fits = state.families[name].map { $0.kind == series.kind } ?? true
      guard fits, state.seriesCount < self.maximumSeries else {
        state.dropped += 1
        return handler
      }
      state.families[name, default: MetricFamily(kind: series.kind)].series[labels] = series
      state.seriesCount += 1
      return handler
    }
  }

  private func destroy(_ handler: any AnyObject) {
    self.state.withLock { state in
      for (name, family) in state.families {
        guard let labels = family.series.first(where: { $0.value.handler === handler })?.key else { continue }
        state.families[name]?.series[labels] = nil
        state.seriesCount -= 1
        if family.series.count == 1 { state.families[name] = nil }
        return
      }
    }
  }
}
