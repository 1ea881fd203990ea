package import UmpireModel

/// What is asked, in which format, and on whose behalf.
package struct WebhookQuestion: Sendable, Hashable {
  /// The question.
  ///
  /// Its `uid` must be fresh, and its `type` says which answer is expected.
  package var request: ReviewRequest
  /// The format that the endpoint speaks.
  ///
  /// All but `WebhookReview` are for scaling only.
  package var dialect: ScalingDialect
  /// How many Servers are in use; told to endpoints that speak `FleetAutoscaleReview`.
  package var allocatedReplicas: Int64
  /// Who is asked, for metrics and logs.
  package var subject: Subject

  /// Creates a question.
  package init(
    _ request: ReviewRequest, subject: Subject, dialect: ScalingDialect = .webhookReview, allocatedReplicas: Int64 = 0
  ) {
    self.request = request
    self.dialect = dialect
    self.allocatedReplicas = allocatedReplicas
    self.subject = subject
  }

  /// A webhook as metrics and logs name it.
  package struct Subject: Sendable, Hashable {
    /// `namespace/name` of the WebhookConfiguration, or of the GameAutoscaler with an inline endpoint.
    package var configuration: String
    /// The webhook's name in it.
    package var webhook: String
    /// What it decides.
    package var type: WebhookType

    /// Creates a subject.
    package init(configuration: String, webhook: String, type: WebhookType) {
      self.configuration = configuration
      self.webhook = webhook
      self.type = type
    }
  }
}

/// An answer that has passed every check.
package struct WebhookAnswer: Sendable, Hashable {
  /// The response.
  ///
  /// For scaling, `scaling` is there whenever `allowed` is true.
  package var response: ReviewResponse
  /// From the question to the last byte of the answer.
  package var latency: Duration

  /// Creates an answer.
  package init(response: ReviewResponse, latency: Duration) {
    self.response = response
    self.latency = latency
  }
}
