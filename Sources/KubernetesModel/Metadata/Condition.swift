/// One observation of an object's state (`metav1.Condition`).
///
/// Gate conditions also carry `lastProbeTime`.
public struct Condition: Sendable, Hashable, Codable {
  /// What is observed; unique in the list.
  public var type: String
  /// Whether it holds.
  public var status: Truth
  /// The generation that the observation was made of.
  public var observedGeneration: Int64?
  /// How often the game had been started again when the observation was made; nil where that is not known.
  public var observedRestarts: Int64?
  /// When the condition was last asked for.
  public var lastProbeTime: Timestamp?
  /// When `status` last changed.
  public var lastTransitionTime: Timestamp?
  /// One word, CamelCase.
  public var reason: String?
  /// A sentence for a person.
  public var message: String?

  /// Creates a condition.
  public init(
    type: String, status: Truth, reason: String? = nil, message: String? = nil, observedGeneration: Int64? = nil,
    lastTransitionTime: Timestamp? = nil
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = lastTransitionTime
  }

  /// Kubernetes' three truth values.
  public enum Truth: String, Sendable, Hashable, Codable {
    /// It holds.
    case `true` = "True"
    /// It does not hold.
    case `false` = "False"
    /// Nobody knows.
    case unknown = "Unknown"

    /// Creates a truth value that is known.
    public init(_ value: Bool) { self = value ? .true : .false }
  }
}

extension Array where Element == Condition {
  /// The condition of that type.
  public subscript(type type: String) -> Condition? { self.first { $0.type == type } }

  /// Whether the condition of that type is there and true.
  public func isTrue(_ type: String) -> Bool { self[type: type]?.status == .true }

  /// Puts `condition` in its place.
  ///
  /// The transition time is kept while the status stays, and is `now` otherwise.
  public mutating func set(_ condition: Condition, now: Timestamp) {
    var condition = condition
    guard let index = self.firstIndex(where: { $0.type == condition.type }) else {
      condition.lastTransitionTime = condition.lastTransitionTime ?? now
      self.append(condition)
      return
    }
    let old = self[index]
    condition.lastTransitionTime = old.status == condition.status ? old.lastTransitionTime ?? now : now
    condition.lastProbeTime = condition.lastProbeTime ?? old.lastProbeTime
    self[index] = condition
  }
}
