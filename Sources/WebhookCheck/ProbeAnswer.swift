package import WebhookClient

/// What came back for one message.
package struct ProbeAnswer: Sendable, Hashable {
  /// The response, or why there is none.
  package var outcome: Result<Response, WebhookFailure>
  /// From the first byte to the last.
  package var latency: Duration

  /// A response that was read to its end.
  package struct Response: Sendable, Hashable {
    /// The status.
    package var status: Int
    /// At most 1 MiB.
    package var body: [UInt8]

    /// Creates a response.
    package init(status: Int, body: [UInt8] = []) {
      self.status = status
      self.body = body
    }
  }

  /// Creates an answer.
  package init(_ outcome: Result<Response, WebhookFailure>, latency: Duration = .zero) {
    self.outcome = outcome
    self.latency = latency
  }

  /// A line for a person: the status and the beginning of the body, or what went wrong.
  package var summary: String {
    switch self.outcome {
    case .success(let response):
      let excerpt = Excerpt.of(response.body)
      return "status \(response.status)" + (excerpt.isEmpty ? ", no body" : ": \(excerpt)")
    case .failure(let failure): return failure.description
    }
  }

  /// The status, if there is a response.
  package var status: Int? {
    if case .success(let response) = self.outcome { response.status } else { nil }
  }

  /// Whether nothing answered at all.
  package var isUnanswered: Bool { self.status == nil }
}
