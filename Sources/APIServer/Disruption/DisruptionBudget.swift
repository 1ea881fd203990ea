import KubernetesModel

/// What a PodDisruptionBudget permits, as a function on values.
///
/// Shares are of the Pods that the selector finds: no owner's wanted number is looked up.
struct DisruptionBudget: Sendable {
  /// What becomes of an eviction.
  enum Verdict: Sendable, Equatable {
    case allowed
    /// So many Pods must be healthy, and so many are.
    case refused(needed: Int64, healthy: Int64)
  }

  let name: String
  let selector: LabelQuery
  private let minimum: JSONValue?
  private let maximum: JSONValue?
  private let letsUnhealthyGo: Bool

  init(_ object: APIObject) {
    self.name = object.name ?? ""
    self.minimum = object[path: "spec.minAvailable"]
    self.maximum = object[path: "spec.maxUnavailable"]
    self.letsUnhealthyGo = object[path: "spec.unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    let selector = object[path: "spec.selector"].flatMap {
      // One that cannot be read selects nothing, as one that is not there.
      try? JSONText(parsing: $0.serialized()).decoded(as: LabelSelector.self)
    }
    // Without a selector it concerns no Pod.
    self.selector = selector?.query ?? LabelQuery([LabelRequirement("", .exists)])
  }

  /// Whether a Pod may be evicted for its own sake, whatever the budgets say: nobody is served by it.
  static func isIdle(_ pod: APIObject) -> Bool {
    let phase = pod[path: "status.phase"]?.stringValue ?? "Pending"
    return pod.isTerminating || ["Pending", "Succeeded", "Failed"].contains(phase)
  }

  /// Whether a Pod counts as serving.
  static func isHealthy(_ pod: APIObject) -> Bool {
    guard !pod.isTerminating else { return false }
    return pod[path: "status.conditions"]?.arrayValue?.contains { $0["type"] == "Ready" && $0["status"] == "True" }
      ?? false
  }

  /// Whether one of the Pods that the selector finds may go.
  func verdict(evicting pod: APIObject, among pods: [APIObject]) -> Verdict {
    let healthy = Int64(pods.filter(Self.isHealthy).count)
    let needed = self.needed(of: Int64(pods.count))
    if !Self.isHealthy(pod) {
      if self.letsUnhealthyGo || (healthy >= needed && needed > 0) { return .allowed }
    }
    return healthy > needed ? .allowed : .refused(needed: needed, healthy: healthy)
  }

  private func needed(of all: Int64) -> Int64 {
    if let maximum = self.maximum { return max(0, all - Self.number(maximum, of: all)) }
    return self.minimum.map { Self.number($0, of: all) } ?? 0
  }

  /// A share is rounded up, as Kubernetes does on both sides.
  private static func number(_ value: JSONValue, of all: Int64) -> Int64 {
    if let number = value.integerValue { return number }
    guard let text = value.stringValue, text.last == "%", let percent = Int64(text.dropLast()) else { return 0 }
    return (all * percent + 99) / 100
  }
}

/// PodDisruptionBudgets: one of the two bounds, a number or a share.
struct DisruptionBudgetRules: KindRules {
  func prepareForCreate(_ object: inout APIObject) {
    object.json["status"] = ["currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0]
  }

  func faults(in object: APIObject, replacing old: APIObject?) -> [FieldFault] {
    var faults: [FieldFault] = []
    let bounds = ["minAvailable", "maxUnavailable"].filter { object.json["spec"]?[$0] != nil }
    if bounds.count == 2 {
      faults.append(
        .invalid("spec", object.json["spec"] ?? nil, "minAvailable and maxUnavailable cannot be both set"))
    }
    for bound in bounds {
      guard let value = object.json["spec"]?[bound], !Self.isNumberOrShare(value) else { continue }
      faults.append(.invalid("spec.\(bound)", value, "must be a number from 0, or a share from 0% to 100%"))
    }
    return faults
  }

  private static func isNumberOrShare(_ value: JSONValue) -> Bool {
    if let number = value.integerValue { return (0...Int64(Int32.max)).contains(number) }
    guard let text = value.stringValue, text.last == "%", let percent = Int64(text.dropLast()) else { return false }
    return (0...100).contains(percent)
  }
}
