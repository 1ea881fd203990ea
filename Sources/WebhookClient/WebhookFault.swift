package import FoundationEssentials
import KubernetesModel
package import UmpireModel

/// What is wrong with one webhook of a WebhookConfiguration, found without asking anybody.
package struct WebhookFault: Sendable, Hashable {
  /// The webhook's name.
  package var webhook: String
  /// What a question would meet, or will meet soon.
  package var failure: WebhookFailure
  /// Whether the webhook can be asked nevertheless, as with one expired certificate of several.
  package var canBeAsked: Bool

  /// Creates a fault.
  package init(webhook: String, failure: WebhookFailure, canBeAsked: Bool) {
    self.webhook = webhook
    self.failure = failure
    self.canBeAsked = canBeAsked
  }
}

extension WebhookConfiguration {
  /// Everything that can be found wrong at `now` in what the object itself says: addresses and bundles.
  package func faults(at now: Date) -> [WebhookFault] {
    self.webhooks.flatMap { webhook -> [WebhookFault] in
      let configuration = webhook.clientConfig
      do throws(WebhookFailure) {
        _ = try WebhookEndpoint(
          configuration, namespace: self.metadata.namespace ?? "", timeoutSeconds: webhook.timeoutSeconds, now: now)
        guard let caBundle = configuration.caBundle else { return [] }
        return try TrustCheck.faults(caBundle: caBundle, now: now).map {
          WebhookFault(webhook: webhook.name, failure: WebhookFailure(.tls, Excerpt.of($0)), canBeAsked: true)
        }
      } catch {
        return [WebhookFault(webhook: webhook.name, failure: error, canBeAsked: false)]
      }
    }
  }
}
