/// All series of one name.
struct MetricFamily: Sendable {
  var kind: Kind
  /// By their labels as they are written, without braces.
  var series: [String: Series] = [:]

  enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  enum Series: Sendable {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)

    var kind: Kind {
      switch self {
      case .counter: .counter
      case .gauge: .gauge
      case .histogram: .histogram
      }
    }

    var handler: AnyObject {
      switch self {
      case .counter(let series): series
      case .gauge(let series): series
      case .histogram(let series): series
      }
    }
  }

  init(kind: Kind) {
    self.kind = kind
  }

  /// Appends the family's lines.
  func write(named name: String, to text: inout String) {
    text += "# TYPE \(name) \(self.kind.rawValue)\n"
    for (labels, series) in self.series.sorted(by: { $0.key < $1.key }) {
      switch series {
      case .counter(let counter): Self.line(name, labels, counter.value, to: &text)
      case .gauge(let gauge): Self.line(name, labels, gauge.value, to: &text)
      case .histogram(let histogram):
        let snapshot = histogram.snapshot
        let separator = labels.isEmpty ? "" : ","
        var count = 0
        for (bound, inBucket) in zip(histogram.bounds + [.infinity], snapshot.counts) {
          count += inBucket
          Self.line("\(name)_bucket", "\(labels)\(separator)le=\"\(Self.number(bound))\"", Double(count), to: &text)
        }
        Self.line("\(name)_sum", labels, snapshot.sum, to: &text)
        Self.line("\(name)_count", labels, Double(count), to: &text)
      }
    }
  }

  private static func line(_ name: String, _ labels: String, _ value: Double, to text: inout String) {
    text += labels.isEmpty ? "\(name) \(Self.number(value))\n" : "\(name){\(labels)} \(Self.number(value))\n"
  }

  /// A number as Prometheus reads it.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return "\(value)"
  }

  /// Labels as they are written, sorted by name; the last of two with one name counts.
  static func labels(_ dimensions: [(String, String)]) -> String {
    var labels: [String: String] = [:]
    for (name, value) in dimensions {
      let name = MetricName.sanitizedLabel(name)
      labels[name == "le" ? "exported_le" : name] = value
    }
    return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
  }

  private static func escaped(_ value: String) -> String {
    var escaped = ""
    for scalar in value.unicodeScalars.prefix(Self.labelLength) {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// The longest value of a label, in scalars.
  static let labelLength = 256
}
