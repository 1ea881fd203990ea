import KubernetesModel
import UmpireModel
import WebhookClient

/// What an autoscaler's status should say after a question.
enum AutoscalerStatusPlanner {
  /// How one question went.
  struct Round {
    var current: Int64
    var outcome: ScalingDecision.Outcome
    var uid: String?
    /// The answer, or why there is none.
    var answer: Result<WebhookAnswer, WebhookFailure>
    var consecutiveFailures: Int64
    /// Why the number could not be written, if it could not.
    var scaleFailure: String?
    var now: Timestamp
  }

  /// `lastSyncTime`, `lastReview` and how long a row of failures has become are written at most this often, if nothing
  /// else has changed.
  static let refreshInterval: Duration = .seconds(60)

  static func status(of autoscaler: GameAutoscaler, after round: Round) -> GameAutoscalerStatus {
    let before = autoscaler.status ?? GameAutoscalerStatus()
    var status = before
    let scaled = round.outcome.desired != round.current && round.scaleFailure == nil && !autoscaler.spec.dryRun
    status.currentReplicas = scaled ? round.outcome.desired : round.current
    status.consecutiveFailures = round.consecutiveFailures
    status.observedGeneration = autoscaler.metadata.generation
    if scaled { status.lastScaleTime = round.now }
    var conditions = before.conditions ?? []
    conditions.set(
      round.scaleFailure.map {
        Condition(type: ConditionTypes.ableToScale, status: .false, reason: "ScaleFailed", message: $0)
      } ?? Condition(type: ConditionTypes.ableToScale, status: .true, reason: "ScaleAllowed"), now: round.now)
    var review = GameAutoscalerStatus.Review(uid: round.uid)
    switch round.answer {
    case .success(let answer):
      // The last good number stays through failures.
      status.desiredReplicas = round.outcome.desired
      review.latency = GoDuration(answer.latency)
      review.reason = answer.response.reason
      conditions.set(Condition(type: ConditionTypes.scalingActive, status: .true, reason: "Answered"), now: round.now)
    case .failure(let failure):
      if round.outcome.desired != round.current { status.desiredReplicas = round.outcome.desired }
      if failure.reason == .breakerOpen, let cause = before.lastReview {
        // What made us leave the endpoint alone says more than that we do.
        review = cause
        break
      }
      review.reason = failure.reason.rawValue
      conditions.set(
        Condition(
          type: ConditionTypes.scalingActive, status: .false, reason: failure.reason.rawValue, message: failure.message),
        now: round.now)
    }
    conditions.set(
      round.outcome.limit.map { Condition(type: ConditionTypes.scalingLimited, status: .true, reason: $0.rawValue) }
        ?? Condition(type: ConditionTypes.scalingLimited, status: .false, reason: "WithinLimits"), now: round.now)
    status.conditions = conditions
    let isFresh = before.lastSyncTime.map { round.now.duration(since: $0) < Self.refreshInterval } ?? false
    if isFresh, Self.isSame(status, before, threshold: autoscaler.spec.failureThreshold) { return before }
    status.lastSyncTime = round.now
    status.lastReview = review
    return status
  }

  /// Past the threshold one failure more changes nothing.
  private static func isSame(_ status: GameAutoscalerStatus, _ before: GameAutoscalerStatus, threshold: Int64) -> Bool {
    var before = before
    if let failures = before.consecutiveFailures, failures >= threshold, status.consecutiveFailures ?? 0 > failures {
      before.consecutiveFailures = status.consecutiveFailures
    }
    return status == before
  }
}
