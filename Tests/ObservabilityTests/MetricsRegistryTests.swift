import Metrics
import Testing

@testable import Observability

struct MetricsRegistryTests {
  let registry = MetricsRegistry()

  @Test func writesCountersAndGauges() {
    let counter = Counter(label: "requests_total", dimensions: [("result", "ok")], factory: self.registry)
    counter.increment()
    counter.increment(by: 2)
    Counter(label: "requests_total", dimensions: [("result", "failed")], factory: self.registry).increment(by: -5)
    Meter(label: "queue.depth", factory: self.registry).set(4)
    Gauge(label: "ratio", factory: self.registry).record(0.25)
    #expect(
      self.registry.text() == """
        # TYPE queue_depth gauge
        queue_depth 4
        # TYPE ratio gauge
        ratio 0.25
        # TYPE requests_total counter
        requests_total{result="failed"} 0
        requests_total{result="ok"} 3
        # TYPE umpire_metrics_dropped_series_total counter
        umpire_metrics_dropped_series_total 0

        """)
  }

  @Test func oneSeriesForOneNameAndLabelsInAnyOrder() {
    Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: self.registry).increment()
    Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: self.registry).increment()
    FloatingPointCounter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: self.registry).increment(by: 0.5)
    #expect(self.registry.text().contains("c{a=\"1\",b=\"2\"} 2.5\n"))
  }

  @Test func writesTimersAsHistogramsInSeconds() {
    let timer = Timer(label: "webhook", dimensions: [("le", "x")], factory: self.registry)
    timer.recordNanoseconds(1_000_000)
    timer.recordSeconds(0.3)
    timer.recordSeconds(100)
    let lines = self.registry.text().split(separator: "\n")
    #expect(lines.first == "# TYPE webhook_seconds histogram")
    #expect(lines.contains(#"webhook_seconds_bucket{exported_le="x",le="0.001"} 1"#))
    #expect(lines.contains(#"webhook_seconds_bucket{exported_le="x",le="0.25"} 1"#))
    #expect(lines.contains(#"webhook_seconds_bucket{exported_le="x",le="0.5"} 2"#))
    #expect(lines.contains(#"webhook_seconds_bucket{exported_le="x",le="30"} 2"#))
    #expect(lines.contains(#"webhook_seconds_bucket{exported_le="x",le="+Inf"} 3"#))
    #expect(lines.contains(#"webhook_seconds_count{exported_le="x"} 3"#))
    #expect(lines.contains(#"webhook_seconds_sum{exported_le="x"} 100.301"#))
  }

  @Test func sanitisesNamesAndEscapesValues() {
    Counter(label: "9 lives/😀", dimensions: [("a:b", "q\"\\\n")], factory: self.registry).increment()
    #expect(self.registry.text().contains(#"_9_lives__{a_b="q\"\\\n"} 1"#))
    #expect(MetricName.sanitized("") == "_")
    #expect(MetricName.sanitized("a:b") == "a:b")
  }

  @Test func boundsTheNumberOfSeries() {
    let registry = MetricsRegistry(maximumSeries: 3)
    for index in 0..<10 { Counter(label: "c", dimensions: [("i", "\(index)")], factory: registry).increment() }
    let text = registry.text()
    #expect(text.split(separator: "\n").filter { $0.hasPrefix("c{") }.count == 3)
    #expect(text.contains("umpire_metrics_dropped_series_total 7\n"))
  }

  @Test func keepsTheFirstOfTwoKinds() {
    Counter(label: "c", factory: self.registry).increment()
    Meter(label: "c", factory: self.registry).set(9)
    #expect(self.registry.text().contains("# TYPE c counter\nc 1\n"))
    #expect(self.registry.text().contains("umpire_metrics_dropped_series_total 1\n"))
  }

  @Test func forgetsWhatIsDestroyed() {
    let counter = Counter(label: "c", factory: self.registry)
    counter.increment()
    counter.destroy()
    #expect(!self.registry.text().contains("# TYPE c "))
    Counter(label: "c", factory: self.registry).increment()
    #expect(self.registry.text().contains("\nc 1\n"))
  }

  @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (3, "3"), (0.1, "0.1")])
  func writesNumbers(value: Double, text: String) {
    #expect(MetricFamily.number(value) == text)
  }
}
