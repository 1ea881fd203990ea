import KubernetesModel
import UmpireModel

/// Which of several autoscalers scales a GameType: the oldest, so that a second one changes nothing.
enum AutoscalerOrder {
  /// The name of the autoscaler that comes before `autoscaler`; nil if none does.
  static func predecessor(of autoscaler: GameAutoscaler, among all: [GameAutoscaler]) -> String? {
    let first = all.filter { !$0.metadata.isBeingDeleted }.min { Self.age($0) < Self.age($1) }
    guard let first, Self.age(first) < Self.age(autoscaler) else { return nil }
    return first.metadata.name
  }

  private static func age(_ autoscaler: GameAutoscaler) -> (Int64, String) {
    (autoscaler.metadata.creationTimestamp?.microsecondsSinceEpoch ?? .max, autoscaler.metadata.name ?? "")
  }
}
