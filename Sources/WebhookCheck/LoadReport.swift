package import UmpireModel
package import WebhookClient

/// What many reviews came to.
package struct LoadReport: Sendable, Hashable {
  /// What was asked.
  package var type: WebhookType
  /// How many reviews were in flight at once.
  package var parallel: Int
  /// How long each answer took that counts, shortest first.
  package var latencies: [Duration]
  /// How many got no answer that counts, by the reason.
  package var failures: [WebhookFailure.Reason: Int]
  /// The first of them.
  package var firstFailure: WebhookFailure?
  /// From the first question to the last answer.
  package var elapsed: Duration
  /// What this process spent on a processor meanwhile.
  package var processorTime: Duration
  /// How many connections were opened; nil if nobody counted.
  package var connectionsOpened: Int?

  /// All reviews that were sent.
  package var count: Int { self.latencies.count + self.failureCount }
  /// Those without an answer that counts.
  package var failureCount: Int { self.failures.values.reduce(0, +) }

  /// The latency within which so many of a hundred answers came; zero if there is none.
  package func percentile(_ percent: Int) -> Duration {
    guard !self.latencies.isEmpty else { return .zero }
    let rank = (self.latencies.count * percent + 99) / 100
    return self.latencies[min(max(rank, 1), self.latencies.count) - 1]
  }

  /// Reviews in a second.
  package var rate: Double { self.elapsed > .zero ? Double(self.count) / (self.elapsed / .seconds(1)) : 0 }

  /// The figures for a person, a line for each.
  package var text: String {
    let perReview = self.count > 0 ? self.processorTime / self.count : .zero
    var lines = [
      ("reviews", "\(self.count) \(self.type.rawValue), \(self.parallel) in flight, \(self.failureCount) failed"),
      ("rate", "\(Int64(self.rate.rounded())) reviews a second"),
      (
        "latency",
        "p50 \(self.percentile(50).inMilliseconds), p99 \(self.percentile(99).inMilliseconds), "
          + "longest \(self.percentile(100).inMilliseconds)"
      ),
      ("client CPU", "\(Int64((perReview / .microseconds(1)).rounded())) µs a review"),
      ("connections", self.connectionsOpened.map { "\($0) opened" } ?? "not counted"),
    ]
    for (reason, count) in self.failures.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append(("failed", "\(count) with \(reason.rawValue)"))
    }
    if let failure = self.firstFailure { lines.append(("first", failure.description)) }
    return lines.map { name, value in
      name + String(repeating: " ", count: 13 - name.count) + value + "\n"
    }.joined()
  }
}

extension EndpointCheck {
  /// Judges parallel reviews, each of which had the deadline.
  package static func judgeDeadline(_ report: LoadReport) -> Verdict {
    let figures = "p50 \(report.percentile(50).inMilliseconds), p99 \(report.percentile(99).inMilliseconds)"
    guard let failure = report.firstFailure else { return .passed(figures) }
    return .failed(
      .init(
        sent: "\(report.count) \(report.type.rawValue) reviews, \(report.parallel) at a time",
        received: "\(report.failureCount) without an answer that counts, such as \(failure); the others \(figures)"))
  }

  /// Judges how many connections reviews took that went out one after another.
  package static func judgeConnections(opened: Int?, reviews: Int) -> Verdict {
    guard let opened else { return .skipped("connections cannot be counted") }
    // One may have been open already, and one may have been due to be closed.
    guard opened > 1 else { return .passed("\(opened) opened for \(reviews) reviews") }
    return .failed(.init(sent: "\(reviews) reviews, one after another", received: "\(opened) connections"))
  }
}
