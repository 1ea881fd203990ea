package import UmpireModel

/// One question of one webhook about one Server.
package struct ProbeQuestion: Sendable, Hashable {
  /// The webhook's name.
  package var webhook: String
  /// What it decides.
  package var type: WebhookType
  /// Tells the questions about one Server apart.
  var number: UInt64
  /// The webhook's epoch in which it is asked; an answer that comes in a later one says nothing.
  var epoch: Int
}

/// Reasons of conditions that tell of webhooks; all others are those of failures.
package enum ProbeReason {
  /// The webhook allows it.
  package static let allowed = "Allowed"
  /// The webhook does not.
  package static let denied = "Denied"
  /// A constraint webhook has taken note of the constraints.
  package static let acknowledged = "Acknowledged"
  /// Nothing that was answered before counts any more.
  package static let notAsked = "NotAsked"
}
