import KubernetesModel
import Testing
import UmpireModel

/// The smallest sound object of each kind, to be changed by a merge patch and judged.
enum RuleSubject {
  static let pod: JSONValue = ["containers": [["name": "game", "image": "game:1"]]]

  static let smallest: [String: JSONValue] = [
    "Server": ["metadata": ["name": "duel", "namespace": "games"], "spec": ["pod": Self.pod]],
    "Fleet": ["metadata": ["name": "practice", "namespace": "games"], "spec": ["spec": ["pod": Self.pod]]],
    "GameType": [
      "metadata": ["name": "arena", "namespace": "games"], "spec": ["fleetSpec": ["spec": ["pod": Self.pod]]],
    ],
    "GameAutoscaler": [
      "metadata": ["name": "arena", "namespace": "games"],
      "spec": [
        "gameName": "arena", "policy": ["type": "webhook", "webhook": ["url": "https://studio.example/scale"]],
      ],
    ],
    "WebhookConfiguration": [
      "metadata": ["name": "arena", "namespace": "games"],
      "webhooks": [
        ["name": "WarmedUp", "type": "ReadinessWebhook", "clientConfig": ["service": ["name": "studio"]]]
      ],
    ],
  ]

  /// The smallest object of a kind with changes.
  static func object(_ kind: String, _ changes: JSONValue = [:]) throws -> JSONValue {
    try #require(Self.smallest[kind]).applying(mergePatch: changes)
  }

  /// A WebhookConfiguration with one webhook, changed.
  static func configuration(_ webhook: JSONValue) throws -> JSONValue {
    let changed = try #require(Self.smallest["WebhookConfiguration"]?["webhooks"]?[0]).applying(mergePatch: webhook)
    return try Self.object("WebhookConfiguration", ["webhooks": [changed]])
  }

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
    try Self.problems(kind, try Self.object(kind, changes)).map(\.line)
  }
}

extension FieldProblem {
  /// Severity, path and message.
  var line: String { "\(self.severity.rawValue) \(self.fault)" }
}
