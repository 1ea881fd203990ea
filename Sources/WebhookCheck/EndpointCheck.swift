package import UmpireModel

/// One thing that a studio's endpoint must do, or should.
package enum EndpointCheck: String, Sendable, Hashable, CaseIterable {
  case answers, uid, unknownFields, nulls, notJSON, wrongTypes, missingUID, get
  case deadline, connections, repetition
  case unsigned, wrongSignature, staleSignature, replay

  /// What the endpoint does when it passes.
  package var title: String {
    switch self {
    case .answers: "answers 200 with a response that counts"
    case .uid: "sends the uid back"
    case .unknownFields: "tolerates fields that it does not know"
    case .nulls: "tolerates null in optional fields"
    case .notJSON: "refuses what is not JSON"
    case .wrongTypes: "refuses fields of the wrong type"
    case .missingUID: "refuses a review without a uid"
    case .get: "refuses GET"
    case .deadline: "answers in time under \(CheckRun.parallelReviews) parallel reviews"
    case .connections: "keeps connections open"
    case .repetition: "answers a repeated uid as before"
    case .unsigned: "refuses a review without a signature"
    case .wrongSignature: "refuses a wrong signature"
    case .staleSignature: "refuses a stale signature"
    case .replay: "refuses a message that came before"
    }
  }

  /// What to do when it fails.
  package var remedy: String {
    switch self {
    case .answers:
      "answer 200, application/json, with the review and its response filled in; if this path is not for this type, "
        + "name those that it is for with --type"
    case .uid: "copy request.uid to response.uid: an answer with another uid is not taken"
    case .unknownFields: "ignore unknown fields: later versions send more"
    case .nulls: "treat null in an optional field as if the field were not there"
    case .notJSON: "answer 400 when the body cannot be parsed"
    case .wrongTypes: "check what was parsed, and answer 400 when a field has the wrong type"
    case .missingUID: "answer 400 when request.uid is missing"
    case .get: "answer 405 to every method but POST"
    case .deadline: "answer from memory, and ask slow services beside the review; see timeoutSeconds"
    case .connections: "keep connections open between reviews (HTTP keep-alive): a handshake for each review costs both"
    case .repetition:
      "answer from state that a review does not change: a review whose answer was lost on the way comes again"
    case .unsigned: "answer 401 when webhook-id, webhook-timestamp or webhook-signature is missing"
    case .wrongSignature: "verify webhook-signature by the Standard Webhooks specification, and answer 401"
    case .staleSignature: "answer 401 when webhook-timestamp is more than five minutes away"
    case .replay: "remember each webhook-id for five minutes, and answer 401 when it comes again"
    }
  }

  /// Whether an endpoint that fails is wrong, rather than not as good as it could be.
  package func isRequired(in dialect: ScalingDialect) -> Bool {
    switch self {
    case .connections, .repetition: false
    // The peers' own clients do not look at the uid, and their examples answer anything.
    case .uid, .notJSON, .wrongTypes, .missingUID, .get: dialect == .webhookReview
    case .answers, .unknownFields, .nulls, .deadline, .unsigned, .wrongSignature, .staleSignature, .replay: true
    }
  }

  /// Why it cannot be asked; nil when it can.
  package func obstacle(in dialect: ScalingDialect, isSigned: Bool) -> String? {
    switch self {
    case .uid, .missingUID, .repetition, .nulls:
      dialect == .autoscaleRequest ? "AutoscaleRequest has neither a uid nor optional fields" : nil
    // The example of that dialect answers GET on purpose.
    case .get: dialect == .autoscaleRequest ? "AutoscaleRequest allows it" : nil
    case .unsigned, .wrongSignature, .staleSignature, .replay: isSigned ? nil : "give --secret to check signatures"
    default: nil
    }
  }

  /// All checks with what they ask, for a person.
  package static var overview: String {
    Self.allCases.map { check in
      "  \(check.isRequired(in: .webhookReview) ? "required" : "advice  ")  \(check.title)"
    }.joined(separator: "\n")
  }
}
