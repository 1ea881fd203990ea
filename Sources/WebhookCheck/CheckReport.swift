package import UmpireModel

/// What a whole run found.
package struct CheckReport: Sendable, Hashable {
  /// The endpoint.
  package var url: String
  /// The format that was spoken.
  package var dialect: ScalingDialect
  /// Every check of every type that was looked at, in order.
  package var results: [Line] = []
  /// Types that nobody named and that the endpoint refused.
  package var unserved: [Unserved] = []

  /// Creates a report of nothing yet.
  package init(url: String, dialect: ScalingDialect) {
    self.url = url
    self.dialect = dialect
  }

  /// One check.
  package struct Line: Sendable, Hashable {
    /// What was asked.
    package var type: WebhookType
    /// What it was about.
    package var check: EndpointCheck
    /// Whether a fault here is one of the endpoint.
    package var isRequired: Bool
    /// What came of it.
    package var verdict: Verdict
    /// How long it took.
    package var duration: Duration

    /// Creates a line.
    package init(
      type: WebhookType, check: EndpointCheck, isRequired: Bool, verdict: Verdict, duration: Duration = .zero
    ) {
      self.type = type
      self.check = check
      self.isRequired = isRequired
      self.verdict = verdict
      self.duration = duration
    }
  }

  /// A type that the endpoint is not for.
  package struct Unserved: Sendable, Hashable {
    /// The type.
    package var type: WebhookType
    /// What came back.
    package var received: String

    /// Creates an entry.
    package init(type: WebhookType, received: String) {
      self.type = type
      self.received = received
    }
  }

  /// Whether everything that is required was seen, for one type at least.
  package var isPassed: Bool { !self.results.isEmpty && self.failureCount(required: true) == 0 }

  /// How many checks failed that are required, or that are advice.
  package func failureCount(required: Bool) -> Int {
    self.results.count { line in
      guard case .failed = line.verdict else { return false }
      return line.isRequired == required
    }
  }
}
