import FoundationEssentials
import KubernetesModel
import Synchronization
import Testing
import UmpireModel
import WebhookClient

@testable import UmpireController

@Suite struct WebhookRecordsTests {
  private let key = ObjectKey(namespace: "games", name: "studio")

  private func outcome() -> WebhookOutcome {
    WebhookOutcome(.failure(.init(.dns, "no address")), latency: .zero, breaker: .open, time: Date())
  }

  @Test func onlyWhatConfigurationsNameIsRecorded() {
    let records = WebhookRecords()
    let news = Mutex<[ObjectKey]>([])
    let observer = RecordingWebhookObserver(records: records) { key in news.withLock { $0.append(key) } }
    observer.webhook(.init(configuration: "games/studio", webhook: "scale", type: .scaling), ended: self.outcome())
    observer.webhook(
      .init(configuration: "gameautoscaler/games/studio", webhook: "scale", type: .scaling), ended: self.outcome())
    #expect(records.of(self.key)["scale"]?.consecutiveFailures == 1)
    #expect(news.withLock { $0 } == [self.key])
  }

  @Test func whatIsGoneIsForgotten() {
    let records = WebhookRecords()
    for name in ["a", "b"] { records.add(self.outcome(), to: name, of: self.key) }
    records.keep(["a"], of: self.key)
    #expect(Array(records.of(self.key).keys) == ["a"])
    records.keep([], of: self.key)
    #expect(records.of(self.key).isEmpty)
  }
}
