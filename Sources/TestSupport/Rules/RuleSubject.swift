package import KubernetesModel

/// The smallest sound object of each kind, to be changed by a merge patch and judged.
package enum RuleSubject {
  /// The smallest sound Pod.
  package static let pod: JSONValue = ["containers": [["name": "game", "image": "game:1"]]]

  /// The objects by their kinds.
  package static let smallest: [String: JSONValue] = [
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
  package static func object(_ kind: String, _ changes: JSONValue = [:]) -> JSONValue {
    (Self.smallest[kind] ?? .null).applying(mergePatch: changes)
  }

  /// A WebhookConfiguration with one webhook, changed.
  package static func configuration(_ webhook: JSONValue) -> JSONValue {
    let smallest = Self.smallest["WebhookConfiguration"]?["webhooks"]?[0] ?? .null
    let changed = smallest.applying(mergePatch: webhook)
    return Self.object("WebhookConfiguration", ["webhooks": [changed]])
  }
}
