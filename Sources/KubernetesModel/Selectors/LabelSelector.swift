/// A selector as objects carry it (`metav1.LabelSelector`).
///
/// Without any requirement it matches everything.
public struct LabelSelector: Sendable, Hashable, Codable {
  /// Labels that must be there with exactly these values.
  public var matchLabels: [String: String]?
  /// Further requirements.
  public var matchExpressions: [Expression]?

  /// Creates a selector.
  public init(matchLabels: [String: String]? = nil, matchExpressions: [Expression]? = nil) {
    self.matchLabels = matchLabels
    self.matchExpressions = matchExpressions
  }

  /// One further requirement.
  public struct Expression: Sendable, Hashable, Codable {
    /// The label's key.
    public var key: String
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
    public var `operator`: Operator
    /// For `In` and `NotIn` only.
    public var values: [String]?

    /// Creates a requirement.
    public init(key: String, operator: Operator, values: [String]? = nil) {
      self.key = key
      self.operator = `operator`
      self.values = values
    }
  }

  /// What is asked of a label.
  public enum Operator: String, Sendable, Hashable, Codable {
    /// There, with one of the values.
    case isIn = "In"
    /// Not there, or with none of the values.
    case notIn = "NotIn"
    /// There.
    case exists = "Exists"
    /// Not there.
    case doesNotExist = "DoesNotExist"
  }

  /// The same requirements as a query, in the order of their keys.
  public var query: LabelQuery {
    let labels = (self.matchLabels ?? [:]).sorted { $0.key < $1.key }
    let expressions = self.matchExpressions ?? []
    return LabelQuery(
      labels.map { LabelRequirement($0.key, .isIn([$0.value])) }
        + expressions.map { expression in
          let values = Set(expression.values ?? [])
          let condition: LabelRequirement.Condition =
            switch expression.operator {
            case .isIn: .isIn(values)
            case .notIn: .notIn(values)
            case .exists: .exists
            case .doesNotExist: .doesNotExist
            }
          return LabelRequirement(expression.key, condition)
        })
  }

  /// Whether labels fulfil every requirement.
  public func matches(_ labels: [String: String]?) -> Bool { self.query.matches(labels) }
}
