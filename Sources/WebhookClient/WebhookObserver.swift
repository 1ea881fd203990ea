package import FoundationEssentials

/// Is told of the end of every exchange, as a controller needs it for the status of a WebhookConfiguration.
package protocol WebhookObserver: Sendable {
  /// Takes note of the end of an exchange; must return soon.
  ///
  /// A question that we withdrew ourselves is not told.
  func webhook(_ subject: WebhookQuestion.Subject, ended: WebhookOutcome)
}

/// How an exchange ended.
package struct WebhookOutcome: Sendable, Hashable {
  /// An answer that passed every check, or the failure.
  package var result: Result<WebhookAnswer, WebhookFailure>
  /// From the question to the end.
  package var latency: Duration
  /// The endpoint's circuit breaker after it.
  package var breaker: CircuitBreaker.State
  /// When it ended.
  package var time: Date

  /// Creates an outcome.
  package init(
    _ result: Result<WebhookAnswer, WebhookFailure>, latency: Duration, breaker: CircuitBreaker.State, time: Date
  ) {
    self.result = result
    self.latency = latency
    self.breaker = breaker
    self.time = time
  }

  /// Why there is no answer; nil if there is one.
  package var failure: WebhookFailure? {
    if case .failure(let failure) = self.result { failure } else { nil }
  }
}
