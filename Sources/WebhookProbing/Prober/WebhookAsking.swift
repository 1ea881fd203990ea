package import KubernetesClient
import Synchronization
package import UmpireModel
package import WebhookClient

/// Asks one webhook: finds its credentials and its endpoint, and makes the exchange.
package final class WebhookAsking: Sendable {
  private struct Known {
    var webhook: Webhook
    var credentials: WebhookCredentials
    var endpoint: Result<WebhookEndpoint, WebhookFailure>
    var until: ContinuousClock.Instant
  }

  private let exchange: WebhookExchange
  /// The clocks by which webhooks are asked.
  package let time: ClientTime
  private let credentials: any WebhookCredentialSource
  private let known = Mutex<[WebhookQuestion.Subject: Known]>([:])

  /// How long the dates of certificates need not be looked at again.
  private static let lifetime = Duration.seconds(10)
  private static let mostKnown = 1_000

  /// Creates an asker that makes its exchanges through `exchange`.
  package init(
    exchange: WebhookExchange, credentials: any WebhookCredentialSource, time: ClientTime = ClientTime()
  ) {
    self.time = time
    self.exchange = exchange
    self.credentials = credentials
  }

  /// Where tasks run best that do little but ask.
  var taskExecutor: (any TaskExecutor)? { self.exchange.taskExecutor }

  /// Asks `question` of `webhook`.
  ///
  /// - Throws: ``WebhookFailure``.
  package func ask(
    _ question: WebhookQuestion, of webhook: Webhook
  ) async throws(WebhookFailure) -> WebhookAnswer {
    let namespace = question.request.namespace
    let credentials = try await self.credentials.credentials(of: webhook, namespace: namespace)
    do throws(WebhookFailure) {
      let endpoint = try self.endpoint(of: webhook, question.subject, namespace: namespace, credentials)
      return try await self.exchange.ask(question, at: endpoint)
    } catch {
      self.credentials.doubt(webhook, namespace: namespace, after: error)
      throw error
    }
  }

  /// The endpoint, made once for the Servers that are asked about at about the same time.
  private func endpoint(
    of webhook: Webhook, _ subject: WebhookQuestion.Subject, namespace: String, _ credentials: WebhookCredentials
  ) throws(WebhookFailure) -> WebhookEndpoint {
    let now = self.time.instant()
    if let known = self.known.withLock({ $0[subject] }), known.until > now, known.webhook == webhook,
      known.credentials == credentials
    {
      return try known.endpoint.get()
    }
    let endpoint: Result<WebhookEndpoint, WebhookFailure>
    do throws(WebhookFailure) {
      endpoint = .success(
        try WebhookEndpoint(
          webhook.clientConfig, namespace: namespace, timeoutSeconds: webhook.timeoutSeconds, credentials: credentials))
    } catch {
      endpoint = .failure(error)
    }
    self.known.withLock { known in
      if known.count >= Self.mostKnown { known = [:] }
      known[subject] = Known(
        webhook: webhook, credentials: credentials, endpoint: endpoint, until: now.advanced(by: Self.lifetime))
    }
    return try endpoint.get()
  }
}
