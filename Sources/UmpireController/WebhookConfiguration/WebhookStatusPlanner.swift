import KubernetesModel
import UmpireModel
import WebhookClient

/// What a WebhookConfiguration's status should say, and when to write it.
///
/// Pure.
enum WebhookStatusPlanner {
  /// All that is known of one configuration's webhooks.
  struct Observation {
    /// From our own exchanges, by name.
    var records: [String: WebhookRecord] = [:]
    /// The Servers that name the configuration: their sidecars leave what they learn in the conditions.
    var servers: [Server] = []
    /// What is wrong with the configuration as it stands.
    var faults: [WebhookFault] = []
  }

  /// No status is written more often than this.
  static let shortestInterval: Duration = .seconds(10)
  /// Times and latencies alone are written at most this often.
  static let refreshInterval: Duration = .seconds(60)

  static func status(
    of configuration: WebhookConfiguration, _ observation: Observation, now: Timestamp
  ) -> WebhookConfigurationStatus {
    let before = configuration.status ?? WebhookConfigurationStatus()
    var status = before
    status.observedGeneration = configuration.metadata.generation
    status.webhooks = configuration.webhooks.map { webhook in
      Self.status(of: webhook, before: before.webhooks?.first { $0.name == webhook.name }, observation, now: now)
    }
    var conditions = before.conditions ?? []
    conditions.set(Self.validity(observation.faults, generation: configuration.metadata.generation), now: now)
    status.conditions = conditions
    return status
  }

  /// Whether all webhooks can be asked; what will keep them from it soon stands in the message.
  private static func validity(_ faults: [WebhookFault], generation: Int64?) -> Condition {
    let obstacle = faults.first { !$0.canBeAsked }
    return Condition(
      type: ConditionTypes.valid, status: Condition.Truth(obstacle == nil),
      reason: obstacle?.failure.reason.rawValue ?? "CanBeAsked",
      message: faults.map { "\($0.webhook): \($0.failure.message)" }.joined(separator: "; "),
      observedGeneration: generation)
  }

  /// When to write `status` where `before` stands; nil if there is nothing to write.
  static func writingTime(
    of status: WebhookConfigurationStatus, over before: WebhookConfigurationStatus?, lastWrite: Timestamp?,
    now: Timestamp
  ) -> Timestamp? {
    guard status != before else { return nil }
    guard let lastWrite else { return now }
    let isRefresh = before.map { Self.withoutTimes($0) == Self.withoutTimes(status) } ?? false
    return max(now, lastWrite.advanced(by: isRefresh ? Self.refreshInterval : Self.shortestInterval))
  }

  /// The webhooks that fail in `status` and did not, or for another reason, in `before`.
  static func newFailures(
    in status: WebhookConfigurationStatus, since before: WebhookConfigurationStatus?
  ) -> [WebhookStatus] {
    (status.webhooks ?? []).filter { webhook in
      let old = before?.webhooks?.first { $0.name == webhook.name }
      return webhook.isFailing && !(old?.isFailing == true && old?.lastFailureReason == webhook.lastFailureReason)
    }
  }

  private static func status(
    of webhook: Webhook, before: WebhookStatus?, _ observation: Observation, now: Timestamp
  ) -> WebhookStatus {
    var status = before ?? WebhookStatus(name: webhook.name)
    if let record = observation.records[webhook.name] {
      status.take(record)
    } else if webhook.caller == .sidecar {
      for server in observation.servers {
        if let condition = server.status?.conditions[type: webhook.name] { status.take(condition) }
      }
    }
    let fault = observation.faults.first { $0.webhook == webhook.name && !$0.canBeAsked }?.failure
    if let fault, status.lastFailureMessage != fault.message || !status.isFailing {
      status.lastFailureTime = now
      status.lastFailureReason = fault.reason.rawValue
      status.lastFailureMessage = fault.message
    }
    return status
  }

  private static func withoutTimes(_ status: WebhookConfigurationStatus) -> WebhookConfigurationStatus {
    var status = status
    status.webhooks = status.webhooks?.map { webhook in
      var rest = WebhookStatus(name: webhook.name)
      if webhook.isFailing {
        rest.lastFailureReason = webhook.lastFailureReason
        rest.lastFailureMessage = webhook.lastFailureMessage
      }
      // That there is an answer at all is news.
      rest.lastSuccessTime = webhook.lastSuccessTime.map { _ in Timestamp(secondsSinceEpoch: 0) }
      rest.breakerState = webhook.breakerState
      return rest
    }
    return status
  }
}

extension WebhookStatus {
  /// Whether the last that is known is a failure.
  fileprivate var isFailing: Bool {
    guard let failure = self.lastFailureTime else { return false }
    return self.lastSuccessTime.map { $0 < failure } ?? true
  }

  fileprivate mutating func take(_ record: WebhookRecord) {
    self.lastSuccessTime = record.lastSuccess ?? self.lastSuccessTime
    if let failure = record.failure {
      self.lastFailureTime = record.lastFailure
      self.lastFailureReason = failure.reason.rawValue
      self.lastFailureMessage = failure.message
    }
    self.consecutiveFailures = record.consecutiveFailures
    self.breakerState = record.breaker?.rawValue
    self.latency = record.latency.map { GoDuration(.milliseconds(Int64($0 / .milliseconds(1)))) }
  }

  /// Takes in what a sidecar has left: the newest answer and the newest failure of all Servers count.
  fileprivate mutating func take(_ condition: Condition) {
    guard let time = condition.lastProbeTime else { return }
    guard let reason = condition.reason.flatMap(WebhookFailure.Reason.init) else {
      self.lastSuccessTime = max(self.lastSuccessTime ?? time, time)
      return
    }
    guard time > self.lastFailureTime ?? Timestamp(secondsSinceEpoch: 0), reason != .breakerOpen else { return }
    self.lastFailureTime = time
    self.lastFailureReason = reason.rawValue
    self.lastFailureMessage = condition.message.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(1024))) }
  }
}
