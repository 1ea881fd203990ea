import KubernetesClient
import KubernetesModel
import KubernetesRuntime
import Logging
import Synchronization
import UmpireModel
import WebhookClient
import WebhookProbing

/// Asks each autoscaler's webhook at its interval, and scales by the answer.
final class GameAutoscalerReconciler: Sendable {
  private let client: APIClient
  private let state: ClusterState
  private let events: EventRecorder
  private let asking: Asking
  private let surroundings: Surroundings
  private let schedules = Mutex<[ObjectKey: AutoscalerSchedule]>([:])

  /// How webhooks are asked.
  struct Asking: Sendable {
    /// For endpoints that autoscalers give themselves.
    var inline: WebhookExchange
    /// For the webhooks of WebhookConfigurations.
    var configured: WebhookAsking
  }

  init(
    client: APIClient, state: ClusterState, events: EventRecorder, asking: Asking, surroundings: Surroundings
  ) {
    self.surroundings = surroundings
    // The number has an owner of its own, so that whoever applies the GameType need not fight over it.
    self.client = client.withFieldManager("umpire-autoscaler")
    self.state = state
    self.events = events
    self.asking = asking
  }

  func reconcile(_ key: ObjectKey, logger: Logger) async throws -> WorkOutcome {
    guard let autoscaler = self.state.autoscalers.get(key), !autoscaler.metadata.isBeingDeleted else {
      self.schedules.withLock { $0[key] = nil }
      return .done
    }
    let interval = max(autoscaler.spec.sync.interval.duration, .seconds(1))
    let gameKey = ObjectKey(namespace: key.namespace, name: autoscaler.spec.gameName)
    if let rival = AutoscalerOrder.predecessor(of: autoscaler, among: self.state.autoscalers(of: gameKey)) {
      self.schedules.withLock { $0[key] = nil }
      try await self.reportInactive(
        autoscaler, reason: "AnotherAutoscaler", message: "GameAutoscaler \(rival) scales GameType \(gameKey.name)")
      return .requeue(after: interval)
    }
    let current = self.state.gameTypes.get(gameKey)?.spec.fleetSpec.scaling.replicas
    let now = self.surroundings.now()
    let (isDue, due) = self.schedules.withLock { schedules in
      var schedule = self.schedule(schedules[key], for: autoscaler, current: current, interval: interval)
      let isDue = schedule.isDue(now: now, interval: interval)
      schedules[key] = schedule
      return (isDue, schedule.nextDue)
    }
    if isDue { try await self.ask(autoscaler, about: gameKey, logger: logger) }
    return .requeue(after: max(.milliseconds(10), due.duration(since: self.surroundings.now())))
  }

  private func schedule(
    _ known: AutoscalerSchedule?, for autoscaler: GameAutoscaler, current: Int64?, interval: Duration
  ) -> AutoscalerSchedule {
    let uid = autoscaler.metadata.uid ?? ""
    if let known, known.uid == uid { return known }
    return AutoscalerSchedule(
      uid: uid, current: current, consecutiveFailures: autoscaler.status?.consecutiveFailures ?? 0, interval: interval,
      now: self.surroundings.now(), jitter: self.surroundings.time.jitter())
  }

  private func ask(_ autoscaler: GameAutoscaler, about gameKey: ObjectKey, logger: Logger) async throws {
    guard let gameType = self.state.gameTypes.get(gameKey) else {
      return try await self.reportInactive(
        autoscaler, reason: "GameTypeNotFound", message: "GameType \(gameKey.name) does not exist")
    }
    var uid: String?
    let answer: Result<WebhookAnswer, WebhookFailure>
    do throws(WebhookFailure) {
      let allocated = self.state.fleets(of: gameType).reduce(0) { $0 + ($1.status?.allocatedReplicas ?? 0) }
      let scaling = try ScalingQuestion(autoscaler, gameType: gameType, allocated: allocated) { name in
        self.state.webhookConfigurations.get(ObjectKey(namespace: gameKey.namespace, name: name))
      }
      uid = scaling.question.request.uid
      answer = .success(try await self.ask(scaling))
    } catch {
      if error.reason == .cancelled { throw CancellationError() }
      answer = .failure(error)
    }
    // While the webhook was asked, somebody may have scaled by hand.
    let current = (self.state.gameTypes.get(gameKey) ?? gameType).spec.fleetSpec.scaling.replicas
    let (outcome, failures) = self.decide(autoscaler, current: current, answer: answer)
    var scaleFailure: String?
    if outcome.desired != current, !autoscaler.spec.dryRun {
      scaleFailure = try await self.scale(gameKey, from: current, to: outcome.desired, for: autoscaler, logger: logger)
    }
    self.report(answer, for: autoscaler, failures: failures)
    let status = AutoscalerStatusPlanner.status(
      of: autoscaler,
      after: AutoscalerStatusPlanner.Round(
        current: current, outcome: outcome, uid: uid, answer: answer, consecutiveFailures: failures,
        scaleFailure: scaleFailure, now: self.surroundings.now()))
    try await StatusPatch.write(autoscaler, from: autoscaler.status, to: status, client: self.client)
  }

  private func ask(_ scaling: ScalingQuestion) async throws(WebhookFailure) -> WebhookAnswer {
    switch scaling.target {
    case .inline(let endpoint): try await self.asking.inline.ask(scaling.question, at: endpoint)
    case .configured(let webhook): try await self.asking.configured.ask(scaling.question, of: webhook)
    }
  }

  private func decide(
    _ autoscaler: GameAutoscaler, current: Int64, answer: Result<WebhookAnswer, WebhookFailure>
  ) -> (ScalingDecision.Outcome, failures: Int64) {
    let now = self.surroundings.now()
    return self.schedules.withLock { schedules in
      guard var schedule = schedules[autoscaler.key] else {
        return (ScalingDecision.Outcome(desired: current, limit: nil), 0)
      }
      defer { schedules[autoscaler.key] = schedule }
      switch answer {
      case .success(let answer):
        let scaling = answer.response.scaling
        let recommended = answer.response.allowed && scaling?.scale == true ? scaling?.desiredReplicas : nil
        let outcome = ScalingDecision.decide(
          autoscaler.spec, current: current, recommended: recommended, history: schedule.recommendations, now: now)
        schedule.answered(recommended, spec: autoscaler.spec, now: now)
        return (outcome, 0)
      case .failure:
        schedule.failed()
        let failures = schedule.consecutiveFailures
        let fallback = ScalingDecision.fallback(autoscaler.spec, consecutiveFailures: failures)
        let outcome = ScalingDecision.decide(
          autoscaler.spec, current: current, recommended: fallback, history: schedule.recommendations, now: now)
        return (outcome, failures)
      }
    }
  }

  /// - Returns: why the number could not be written; nil if it was.
  private func scale(
    _ key: ObjectKey, from current: Int64, to desired: Int64, for autoscaler: GameAutoscaler, logger: Logger
  ) async throws -> String? {
    do {
      try await self.client.scale(GameType.self, key, replicas: desired)
    } catch let error as APIError {
      self.events.record(autoscaler.reference, .warning, reason: "ScaleFailed", message: error.message)
      return error.message
    }
    logger.info("Scaled", metadata: ["from": "\(current)", "to": "\(desired)"])
    self.events.record(
      autoscaler.reference, .normal, reason: "Scaled",
      message: "scaled GameType \(key.name) from \(current) to \(desired)")
    return nil
  }

  private func report(
    _ answer: Result<WebhookAnswer, WebhookFailure>, for autoscaler: GameAutoscaler, failures: Int64
  ) {
    // One Event for a row of failures of one kind; the count is in the status. That an endpoint is left alone for a
    // while is no failure of its own.
    guard case .failure(let failure) = answer, failure.reason != .breakerOpen,
      failures == 1 || autoscaler.status?.lastReview?.reason != failure.reason.rawValue
    else { return }
    self.events.record(
      autoscaler.reference, .warning, reason: failure.reason.rawValue,
      message: "the webhook gave no answer: \(failure.message)")
  }

  private func reportInactive(_ autoscaler: GameAutoscaler, reason: String, message: String) async throws {
    var status = autoscaler.status ?? GameAutoscalerStatus()
    var conditions = status.conditions ?? []
    conditions.set(
      Condition(
        type: ConditionTypes.scalingActive, status: .false, reason: reason, message: message),
      now: self.surroundings.now())
    status.conditions = conditions
    status.observedGeneration = autoscaler.metadata.generation
    try await StatusPatch.write(autoscaler, from: autoscaler.status, to: status, client: self.client)
  }
}
