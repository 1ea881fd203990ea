package import UmpireModel

/// All that the reference webhook knows, and how it answers from it.
package struct ReferenceState: Sendable, Hashable {
  /// Decides how many servers there should be.
  package var policy = BufferPolicy()
  /// What the other questions are answered with.
  package var answers = Answers()
  /// Replaces the policy's answer when it is set.
  package var scale: ScalingResponse?
  /// The latest constraint pushes, oldest first.
  package private(set) var constraints: [ConstraintPush] = []
  /// How many pushes are kept.
  package static let keptPushes = 100

  /// Creates the state of a server that has just started.
  package init() {}

  /// Yes or no, for each question that is one.
  package struct Answers: Sendable, Hashable, Codable {
    /// Whether Servers are ready.
    package var ready = true
    /// Whether Servers may be deleted.
    package var deletable = true
    /// What `allowed` is in the answer to a push of constraints; any answer acknowledges it.
    package var constraint = true
  }

  /// Constraints of one Server, as they were pushed.
  package struct ConstraintPush: Sendable, Hashable, Codable {
    /// The exchange.
    package var uid: String
    /// The Server.
    package var name: String
    /// Its namespace.
    package var namespace: String
    /// What holds for it.
    package var constraints: [Constraint]
  }

  /// Answers a review of one type; a constraint push is remembered, once for each uid.
  package mutating func answer(_ request: ReviewRequest, as type: WebhookType) -> ReviewResponse {
    switch type {
    case .readiness:
      return ReviewResponse(uid: request.uid, allowed: self.answers.ready, reason: "set by hand")
    case .deletable:
      return ReviewResponse(uid: request.uid, allowed: self.answers.deletable, reason: "set by hand")
    case .constraint:
      self.remember(request)
      return ReviewResponse(uid: request.uid, allowed: self.answers.constraint, reason: "set by hand")
    case .scaling:
      if let scale = self.scale {
        return ReviewResponse(uid: request.uid, allowed: true, reason: "set by hand", scaling: scale)
      }
      return ReviewResponse(
        uid: request.uid, allowed: true, reason: self.policy.reason,
        scaling: ScalingResponse(scale: true, desiredReplicas: Int64(self.policy.desiredReplicas)))
    }
  }

  private mutating func remember(_ request: ReviewRequest) {
    let push = ConstraintPush(
      uid: request.uid, name: request.name, namespace: request.namespace, constraints: request.constraints ?? [])
    self.constraints.removeAll { $0.uid == push.uid }
    self.constraints.append(push)
    self.constraints.removeFirst(max(0, self.constraints.count - Self.keptPushes))
  }
}
