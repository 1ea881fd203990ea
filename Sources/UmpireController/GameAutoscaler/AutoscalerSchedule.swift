import KubernetesModel
import UmpireModel

/// When one autoscaler is asked next, and what it was told before.
///
/// A value; one an autoscaler.
struct AutoscalerSchedule: Sendable {
  /// The autoscaler that this is about; one made anew under the same name starts anew.
  let uid: String
  private(set) var nextDue: Timestamp
  private(set) var recommendations: [ScalingDecision.Recommendation] = []
  private(set) var consecutiveFailures: Int64

  /// Recommendations that are kept at most.
  private static let capacity = 1_000

  /// - Parameters:
  ///   - current: the number that there is. It stands for the answers of an earlier process, which nobody remembers:
  ///     a window goes on through a restart.
  ///   - jitter: 0–1, the share of the interval to wait at the start only.
  init(
    uid: String, current: Int64?, consecutiveFailures: Int64, interval: Duration, now: Timestamp, jitter: Double
  ) {
    self.uid = uid
    self.consecutiveFailures = consecutiveFailures
    if let current { self.recommendations = [ScalingDecision.Recommendation(at: now, replicas: current)] }
    // A long interval is no reason to keep a new autoscaler waiting.
    self.nextDue = now.advanced(by: min(interval, .seconds(1)) * jitter)
  }

  /// Whether it is time; if so the next time is set, counted from this start.
  ///
  /// Missed ones are not made up for.
  mutating func isDue(now: Timestamp, interval: Duration) -> Bool {
    // A shortened interval takes effect at once.
    self.nextDue = min(self.nextDue, now.advanced(by: interval))
    guard now >= self.nextDue else { return false }
    let next = self.nextDue.advanced(by: interval)
    self.nextDue = next > now ? next : now.advanced(by: interval)
    return true
  }

  mutating func answered(_ recommended: Int64?, spec: GameAutoscalerSpec, now: Timestamp) {
    self.consecutiveFailures = 0
    guard let recommended else { return }
    let behavior = spec.behavior
    let window = max(behavior.scaleUp.stabilizationWindow, behavior.scaleDown.stabilizationWindow).duration
    self.recommendations.removeAll { now.duration(since: $0.at) > window }
    guard window > .zero else { return }
    if self.recommendations.count == Self.capacity { self.recommendations.removeFirst() }
    self.recommendations.append(ScalingDecision.Recommendation(at: now, replicas: recommended))
  }

  mutating func failed() { self.consecutiveFailures += 1 }
}
