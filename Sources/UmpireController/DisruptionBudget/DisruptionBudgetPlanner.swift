import KubernetesModel
import UmpireModel

/// The budget that keeps evictions, such as those of a node drain, away from Servers that may not be deleted.
///
/// One a namespace, as long as it has Servers. Which Pods it holds is said by a label, so that it is never written again.
enum DisruptionBudgetPlanner {
  enum Action: Equatable {
    case create(PodDisruptionBudget)
    /// Put right what somebody has changed.
    case restore(JSONValue)
    case delete
    case none
  }

  static let name = "umpire-protected-servers"
  static let managedBy = "app.kubernetes.io/managed-by"
  static let manager = "umpire-controller"
  /// Selects the budgets that are ours.
  static let selector = "\(managedBy)=\(manager)"

  /// - Parameters:
  ///   - existing: the budget as it is; nil if there is none.
  ///   - hasServers: whether the namespace has any Server.
  static func action(in namespace: String?, existing: PodDisruptionBudget?, hasServers: Bool) -> Action {
    guard hasServers else { return existing.map { $0.metadata.isBeingDeleted ? .none : .delete } ?? .none }
    let wanted = Self.budget(in: namespace)
    guard let existing else { return .create(wanted) }
    guard existing.spec != wanted.spec else { return .none }
    return .restore([
      "spec": [
        "minAvailable": .integer(Self.everybody), "maxUnavailable": nil,
        "selector": ["matchLabels": [Labels.protected: "true"], "matchExpressions": nil],
      ]
    ])
  }

  /// More than there can be.
  ///
  /// A share would not do: whoever keeps budgets would look for the number that the Pods' owner
  /// wants, and a Server wants none.
  private static let everybody = Int64(Int32.max)

  private static func budget(in namespace: String?) -> PodDisruptionBudget {
    PodDisruptionBudget(
      metadata: ObjectMeta(name: Self.name, namespace: namespace, labels: [Self.managedBy: Self.manager]),
      spec: .init(minAvailable: Self.everybody, selector: LabelSelector(matchLabels: [Labels.protected: "true"])))
  }
}
