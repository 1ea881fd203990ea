import KubernetesModel
import UmpireModel

/// How many Servers there should be, given what the webhook says: bounds, windows, steps.
///
/// Pure.
enum ScalingDecision {
  /// One earlier recommendation.
  struct Recommendation: Equatable, Sendable {
    var at: Timestamp
    var replicas: Int64
  }

  struct Outcome: Equatable {
    /// The number to ask for; the present one if nothing is to change.
    var desired: Int64
    /// Why the number is not the webhook's own; nil if it is.
    var limit: Limit?
  }

  /// What stood between the webhook's number and ours.
  enum Limit: String, Equatable {
    case tooFew = "TooFewReplicas"
    case tooMany = "TooManyReplicas"
    case scaleUpWindow = "ScaleUpStabilized"
    case scaleDownWindow = "ScaleDownStabilized"
    case scaleUpStep = "ScaleUpLimit"
    case scaleDownStep = "ScaleDownLimit"
  }

  /// The bounds always hold, also while the webhook wants no other number or does not answer.
  ///
  /// - Parameters:
  ///   - recommended: the webhook's number; nil if it says not to scale.
  ///   - history: earlier recommendations, the present one not among them.
  static func decide(
    _ spec: GameAutoscalerSpec, current: Int64, recommended: Int64?, history: [Recommendation], now: Timestamp
  ) -> Outcome {
    guard let recommended else { return Self.bounded(current, spec) }
    var outcome = Self.bounded(recommended, spec)
    let behavior = spec.behavior
    if outcome.desired > current {
      let window = Self.within(behavior.scaleUp.stabilizationWindow, history, now)
      if let lowest = window.min(), lowest < outcome.desired {
        outcome = Outcome(desired: max(current, lowest), limit: .scaleUpWindow)
      }
      let step = behavior.scaleUp.maxStep.map { max(1, $0.resolved(of: current, roundingUp: true)) }
      if let step, outcome.desired - current > step {
        outcome = Outcome(desired: current + step, limit: .scaleUpStep)
      }
    } else if outcome.desired < current {
      let window = Self.within(behavior.scaleDown.stabilizationWindow, history, now)
      if let highest = window.max(), highest > outcome.desired {
        outcome = Outcome(desired: min(current, highest), limit: .scaleDownWindow)
      }
      let step = behavior.scaleDown.maxStep.map { max(1, $0.resolved(of: current, roundingUp: true)) }
      if let step, current - outcome.desired > step {
        outcome = Outcome(desired: current - step, limit: .scaleDownStep)
      }
    }
    // A window or a step may have kept it where the bounds were others.
    let bounded = Self.bounded(outcome.desired, spec)
    return bounded.limit == nil ? outcome : bounded
  }

  /// The number that counts in place of the webhook's while it does not answer; nil to leave things as they are.
  ///
  /// Bounds, windows and steps hold for it as for an answer.
  static func fallback(_ spec: GameAutoscalerSpec, consecutiveFailures: Int64) -> Int64? {
    guard consecutiveFailures >= spec.failureThreshold else { return nil }
    switch spec.effectiveFailurePolicy {
    case .hold: return nil
    case .minimum: return spec.minReplicas
    case .fallback: return spec.fallbackReplicas
    }
  }

  private static func bounded(_ replicas: Int64, _ spec: GameAutoscalerSpec) -> Outcome {
    if replicas < spec.minReplicas { return Outcome(desired: spec.minReplicas, limit: .tooFew) }
    if replicas > spec.maxReplicas { return Outcome(desired: spec.maxReplicas, limit: .tooMany) }
    return Outcome(desired: replicas, limit: nil)
  }

  private static func within(_ window: GoDuration, _ history: [Recommendation], _ now: Timestamp) -> [Int64] {
    guard window.duration > .zero else { return [] }
    return history.filter { now.duration(since: $0.at) <= window.duration }.map(\.replicas)
  }
}
