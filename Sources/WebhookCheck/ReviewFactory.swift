import FoundationEssentials
import KubernetesModel
package import UmpireModel
package import WebhookClient

/// Makes reviews as Umpire sends them, for an object that need not exist.
package struct ReviewFactory: Sendable, Hashable {
  /// The name of the Server or GameType that is asked about.
  package var name: String
  /// Its namespace.
  package var namespace: String
  /// The format that the endpoint speaks.
  package var dialect: ScalingDialect

  /// Creates a factory.
  package init(
    name: String = "umpire-check", namespace: String = "default", dialect: ScalingDialect = .webhookReview
  ) {
    self.name = name
    self.namespace = namespace
    self.dialect = dialect
  }

  /// A question with every field that Umpire may send.
  package func question(_ type: WebhookType, uid: String = ReviewRequest.freshUID()) -> WebhookQuestion {
    var request = ReviewRequest(uid: uid, name: self.name, namespace: self.namespace, type: type)
    request.labels = ["umpire.dev/game-type": self.name]
    switch type {
    case .readiness: request.status = .created
    case .deletable: ()
    case .constraint:
      request.constraints = [
        Constraint(
          type: "NotInService", effective: true, message: "a check by umpire webhook check",
          timeAdded: Timestamp(secondsSinceEpoch: 1_767_225_600))
      ]
    case .scaling:
      request.scaling = ScalingRequest(
        gameName: self.name, currentReplicas: 2, readyReplicas: 2, minReplicas: 0, maxReplicas: 10)
    }
    return WebhookQuestion(
      request, subject: .init(configuration: "umpire/webhook-check", webhook: "check", type: type),
      dialect: self.dialect)
  }
}
