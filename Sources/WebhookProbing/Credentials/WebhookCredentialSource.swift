package import UmpireModel
package import WebhookClient

/// Knows what authenticates us to webhooks.
package protocol WebhookCredentialSource: Sendable {
  /// What a webhook names.
  ///
  /// - Parameter namespace: where its Secrets are.
  /// - Throws: ``WebhookFailure`` with reason `Refused` naming the Secret and the key, never what is in them.
  func credentials(of webhook: Webhook, namespace: String) async throws(WebhookFailure) -> WebhookCredentials

  /// The webhook was asked with these credentials and failed; perhaps they have changed.
  func doubt(_ webhook: Webhook, namespace: String, after failure: WebhookFailure)
}
