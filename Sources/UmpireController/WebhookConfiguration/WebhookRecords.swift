import KubernetesModel
import Synchronization
import WebhookClient

/// Remembers how our own exchanges went, for the statuses of the WebhookConfigurations.
final class WebhookRecords: Sendable {
  private let state = Mutex<[ObjectKey: [String: WebhookRecord]]>([:])

  /// Takes in the end of an exchange with a webhook of a configuration.
  func add(_ outcome: WebhookOutcome, to webhook: String, of configuration: ObjectKey) {
    self.state.withLock { $0[configuration, default: [:]][webhook, default: WebhookRecord()].add(outcome) }
  }

  /// The records of a configuration, by the names of its webhooks.
  func of(_ configuration: ObjectKey) -> [String: WebhookRecord] {
    self.state.withLock { $0[configuration] ?? [:] }
  }

  /// Drops what is known of webhooks that a configuration no longer has.
  func keep(_ names: Set<String>, of configuration: ObjectKey) {
    self.state.withLock { records in
      let kept = records[configuration]?.filter { names.contains($0.key) }
      records[configuration] = kept?.isEmpty == true ? nil : kept
    }
  }
}

/// Records the end of every exchange, and tells which configuration has news.
struct RecordingWebhookObserver: WebhookObserver {
  let records: WebhookRecords
  let onNews: @Sendable (ObjectKey) -> Void

  func webhook(_ subject: WebhookQuestion.Subject, ended outcome: WebhookOutcome) {
    // An autoscaler's inline endpoint is no configuration's.
    let parts = subject.configuration.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let key = ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
    self.records.add(outcome, to: subject.webhook, of: key)
    self.onNews(key)
  }
}
