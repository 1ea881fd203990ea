import KubernetesModel
import TestSupport
import UmpireModel

extension RuleSubject {
  /// What is wrong with an object of a kind.
  static func problems(_ kind: String, _ json: JSONValue, replacing old: JSONValue? = nil) throws -> [FieldProblem] {
    switch kind {
    case "Server":
      try json.decoded(as: Server.self).problems(replacing: try old?.decoded(as: Server.self))
    case "Fleet":
      try json.decoded(as: Fleet.self).problems(replacing: try old?.decoded(as: Fleet.self))
    case "GameType":
      try json.decoded(as: GameType.self).problems(replacing: try old?.decoded(as: GameType.self))
    case "GameAutoscaler":
      try json.decoded(as: GameAutoscaler.self).problems(replacing: try old?.decoded(as: GameAutoscaler.self))
    default:
      try json.decoded(as: WebhookConfiguration.self)
        .problems(replacing: try old?.decoded(as: WebhookConfiguration.self))
    }
  }

  /// What is wrong with the smallest object of a kind once it has changes, in one line a problem.
  static func lines(_ kind: String, _ changes: JSONValue) throws -> [String] {
    try Self.problems(kind, Self.object(kind, changes)).map(\.line)
  }
}

extension FieldProblem {
  /// Severity, path and message.
  var line: String { "\(self.severity.rawValue) \(self.fault)" }
}
