import FoundationEssentials
import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import UmpireModel
import WebhookClient

/// Tells in each WebhookConfiguration's status how its webhooks fare, and what is wrong with them as they stand.
final class WebhookConfigurationReconciler: Sendable {
  private struct Pass {
    var uid: String
    var generation: Int64?
    var time: Timestamp
    var lastWrite: Timestamp?
  }

  /// Certificates expire without anybody's edit.
  private static let recheckInterval: Duration = .seconds(3600)

  private let client: APIClient
  private let state: ClusterState
  private let records: WebhookRecords
  private let events: EventRecorder
  private let surroundings: Surroundings
  private let passes = Mutex<[ObjectKey: Pass]>([:])

  init(
    client: APIClient, state: ClusterState, records: WebhookRecords, events: EventRecorder, surroundings: Surroundings
  ) {
    self.surroundings = surroundings
    self.client = client
    self.state = state
    self.records = records
    self.events = events
  }

  func reconcile(_ key: ObjectKey, logger: Logger) async throws -> WorkOutcome {
    guard let configuration = self.state.webhookConfigurations.get(key), !configuration.metadata.isBeingDeleted else {
      self.passes.withLock { $0[key] = nil }
      self.records.keep([], of: key)
      return .done
    }
    let now = self.surroundings.now()
    if let next = self.nextPass(of: configuration), next > now { return .requeue(after: next.duration(since: now)) }
    self.records.keep(Set(configuration.webhooks.map(\.name)), of: key)
    let status = WebhookStatusPlanner.status(
      of: configuration,
      .init(
        records: self.records.of(key), servers: self.state.servers(asking: key),
        faults: configuration.faults(at: Date(timeIntervalSince1970: Double(now.secondsSinceEpoch)))), now: now)
    let lastWrite = self.note(configuration, at: now)
    let time = WebhookStatusPlanner.writingTime(
      of: status, over: configuration.status, lastWrite: lastWrite, now: now)
    guard let time else { return .requeue(after: Self.recheckInterval) }
    guard time <= now else { return .requeue(after: time.duration(since: now)) }
    for webhook in WebhookStatusPlanner.newFailures(in: status, since: configuration.status) {
      self.events.record(
        configuration.reference, .warning, reason: webhook.lastFailureReason ?? "Failed",
        message: "webhook \(webhook.name): \(webhook.lastFailureMessage ?? "it failed")")
    }
    try await StatusPatch.write(configuration, from: configuration.status, to: status, client: self.client)
    self.passes.withLock { $0[key]?.lastWrite = now }
    return .requeue(after: Self.recheckInterval)
  }

  /// Every Server's probe wakes us; all that came in a while is looked at together, an edit at once.
  private func nextPass(of configuration: WebhookConfiguration) -> Timestamp? {
    self.passes.withLock { passes in
      guard let pass = passes[configuration.key], pass.uid == configuration.metadata.uid,
        pass.generation == configuration.metadata.generation
      else { return nil }
      return pass.time.advanced(by: WebhookStatusPlanner.shortestInterval)
    }
  }

  /// - Returns: when the status was last written, as far as this process knows.
  private func note(_ configuration: WebhookConfiguration, at now: Timestamp) -> Timestamp? {
    self.passes.withLock { passes in
      let uid = configuration.metadata.uid ?? ""
      let lastWrite = passes[configuration.key].flatMap { $0.uid == uid ? $0.lastWrite : nil }
      passes[configuration.key] = Pass(
        uid: uid, generation: configuration.metadata.generation, time: now, lastWrite: lastWrite)
      return lastWrite
    }
  }
}
