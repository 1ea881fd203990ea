package import KubernetesModel

/// One rule of a schema, and cases on both sides of it.
package struct Invariant: Sendable {
  /// The kind of the objects.
  package var kind: String
  /// Where in the schema, such as `spec.sync`.
  package var path: String
  /// What the rule says.
  package var message: String
  /// Objects that keep the rule.
  package var accepted: [JSONValue]
  /// Objects that break it, and no other.
  package var refused: [JSONValue]
  /// What is replaced, for rules of changes.
  package var old: JSONValue?

  /// Kind, path and message, which no other rule has.
  package var key: String { "\(self.kind) \(self.path): \(self.message)" }
}

extension Invariant {
  /// Every rule that the definitions state.
  package static let all = Self.ofServers() + Self.ofTemplates() + Self.ofAutoscalers() + Self.ofConfigurations()

  private static let year = "must be at most 8760h"
  private static let shared = "a container and an init container share a name"
  private static let sidecar = "a container has the name of the sidecar's"

  /// What holds for a Server's spec holds wherever one stands.
  private static func ofTemplates() -> [Invariant] {
    let timeouts: ([JSONValue], [JSONValue]) = (
      [["timeout": "8760h"], ["timeout": "0s"]], [["timeout": "8760h0m1s"], ["timeout": "8761h"]]
    )
    func pod(_ initial: String) -> JSONValue {
      ["pod": ["initContainers": [["name": .string(initial), "image": "init"]]]]
    }
    let helper: JSONValue = ["pod": ["containers": [["name": "umpire-sidecar", "image": "own"]]]]
    let disabled = helper.applying(mergePatch: ["sidecar": ["enabled": false]])
    let places: [(String, String, (JSONValue) -> JSONValue)] = [
      ("Server", "spec", { ["spec": $0] }), ("Fleet", "spec.spec", { ["spec": ["spec": $0]] }),
      ("GameType", "spec.fleetSpec.spec", { ["spec": ["fleetSpec": ["spec": $0]]] }),
    ]
    return places.flatMap { kind, path, wrap in
      func objects(_ changes: [JSONValue]) -> [JSONValue] {
        changes.map { RuleSubject.object(kind, wrap($0)) }
      }
      return [
        Invariant(
          kind: kind, path: "\(path).timeout", message: Self.year, accepted: objects(timeouts.0),
          refused: objects(timeouts.1)),
        Invariant(
          kind: kind, path: "\(path).nodeLossTimeout", message: Self.year,
          accepted: objects([["nodeLossTimeout": "8760h"], ["nodeLossTimeout": "0s"]]),
          refused: objects([["nodeLossTimeout": "8760h0m1s"]])),
        Invariant(
          kind: kind, path: "\(path).pod", message: Self.shared, accepted: objects([[:], pod("other")]),
          refused: objects([pod("game")])),
        Invariant(
          kind: kind, path: "\(path).sidecar", message: "9020 and 9021 are the ports of the SDK",
          accepted: objects([["sidecar": ["port": 9022]], ["sidecar": ["port": 9019]]]),
          refused: objects([["sidecar": ["port": 9020]], ["sidecar": ["port": 9021]]])),
        Invariant(
          kind: kind, path: path, message: "gameContainer is no container of the Pod",
          accepted: objects([["gameContainer": "game"], ["gameContainer": nil]]),
          refused: objects([["gameContainer": "sidecar"], ["gameContainer": "Game"]])),
        Invariant(
          kind: kind, path: path, message: Self.sidecar, accepted: objects([[:], disabled]),
          refused: objects([helper, pod("umpire-sidecar")])),
      ]
    }
  }

  private static func ofServers() -> [Invariant] {
    let containers: JSONValue = [["name": "game", "image": "game:1"], ["name": "logs", "image": "logs:1"]]
    let turned: JSONValue = [["name": "logs", "image": "logs:1"], ["name": "game", "image": "game:1"]]
    let old = RuleSubject.object(
      "Server", ["spec": ["pod": ["containers": containers], "readinessGates": ["a", "b"], "sidecar": ["port": 8081]]])
    func change(_ spec: JSONValue) -> JSONValue { old.applying(mergePatch: ["spec": spec]) }
    let free = change(["timeout": "1h", "opsState": "Kill", "deletableGates": ["c"], "allowForceDelete": true])
    return [
      Invariant(
        kind: "Server", path: "spec", message: "pod is immutable",
        accepted: [old, free, change(["pod": ["containers": turned]])],
        refused: [
          change(["pod": ["containers": [["name": "game", "image": "game:2"], ["name": "logs", "image": "logs:1"]]]]),
          change(["pod": ["hostNetwork": true]]),
          change(["pod": ["containers": [["name": "game", "image": "game:1"]]]]),
        ], old: old),
      Invariant(
        kind: "Server", path: "spec", message: "readinessGates is immutable",
        accepted: [old, free, change(["readinessGates": ["b", "a"]])],
        refused: [
          change(["readinessGates": ["a"]]), change(["readinessGates": []]), change(["readinessGates": ["a", "c"]]),
        ],
        old: old),
      Invariant(
        kind: "Server", path: "spec", message: "sidecar is immutable",
        accepted: [old, free, change(["sidecar": ["startOrder": "Before"]])],
        refused: [
          change(["sidecar": ["port": 8082]]), change(["sidecar": ["enabled": false]]), change(["sidecar": nil]),
          change(["sidecar": ["resources": ["limits": [:]]]]),
        ], old: old),
    ]
  }

  private static func ofAutoscalers() -> [Invariant] {
    func specs(_ changes: [JSONValue]) -> [JSONValue] {
      changes.map { RuleSubject.object("GameAutoscaler", ["spec": $0]) }
    }
    func endpoints(_ changes: [JSONValue]) -> [JSONValue] {
      specs(changes.map { ["policy": ["webhook": $0]] })
    }
    let reference: JSONValue = ["url": nil, "configurationRef": ["name": "arena"]]
    let service: JSONValue = ["url": nil, "service": ["name": "studio"]]
    func invariant(_ path: String, _ message: String, _ good: [JSONValue], _ bad: [JSONValue]) -> Invariant {
      Invariant(kind: "GameAutoscaler", path: path, message: message, accepted: good, refused: bad)
    }
    let windows = ["scaleUp", "scaleDown"].map { direction in
      func window(_ text: JSONValue) -> JSONValue { ["behavior": .object([direction: ["stabilizationWindow": text]])] }
      return invariant(
        "spec.behavior.\(direction).stabilizationWindow", self.year, specs([window("0s"), window("8760h")]),
        specs([window("8760h1s")]))
    }
    let second: JSONValue = ["sync": ["interval": "1s"]]
    return windows + [
      invariant(
        "spec.policy.webhook", "exactly one of url, service and configurationRef must be given",
        endpoints([[:], service, reference, ["path": "/x"]]),
        endpoints([
          ["url": nil], ["service": ["name": "studio"]], ["configurationRef": ["name": "arena"]],
          ["service": ["name": "studio"], "configurationRef": ["name": "arena"]],
        ])),
      invariant(
        "spec.policy.webhook", "path and caBundle belong to a url or a service, not to configurationRef",
        endpoints([reference, ["path": "/x"]]),
        endpoints([
          reference.applying(mergePatch: ["path": "/x"]),
          reference.applying(mergePatch: ["caBundle": .string(CertificateSamples.bundle)]),
        ])),
      invariant(
        "spec.sync.interval", self.year, specs([["sync": ["interval": "8760h"]], second]),
        specs([["sync": ["interval": "8760h0m0.5s"]]])),
      invariant(
        "spec.sync", "interval must be at least 1s", specs([second, [:], ["sync": ["interval": "1000ms"]]]),
        specs([["sync": ["interval": "999ms"]], ["sync": ["interval": "0"]]])),
      invariant(
        "spec", "minReplicas must not be greater than maxReplicas",
        specs([["minReplicas": 5, "maxReplicas": 5], ["minReplicas": 1000], [:]]),
        specs([["minReplicas": 6, "maxReplicas": 5], ["minReplicas": 1001]])),
      invariant(
        "spec", "failurePolicy Fallback needs fallbackReplicas",
        specs([
          ["failurePolicy": "Fallback", "fallbackReplicas": 0], ["failurePolicy": "Minimum"],
          ["failurePolicy": "Fallback", "policy": ["webhook": ["failurePolicy": "Hold"]]],
        ]),
        specs([["failurePolicy": "Fallback"], ["policy": ["webhook": ["failurePolicy": "Fallback"]]]])),
    ]
  }

  private static func ofConfigurations() -> [Invariant] {
    func webhooks(_ changes: [JSONValue]) -> [JSONValue] { changes.map(RuleSubject.configuration) }
    let url: JSONValue = ["url": "https://studio.example", "service": nil]
    let certificate: JSONValue = ["clientCertificateRef": ["name": "own"]]
    func certified(_ client: JSONValue) -> JSONValue {
      ["clientCertificateRef": ["name": "own"], "clientConfig": client]
    }
    let plain: JSONValue = ["url": "http://studio.example", "service": nil]
    func steps(_ surge: JSONValue, _ unavailable: JSONValue) -> JSONValue {
      let changes: JSONValue = [
        "updateStrategy": ["rollingUpdate": ["maxSurge": surge, "maxUnavailable": unavailable]]
      ]
      return RuleSubject.object("GameType", ["spec": changes])
    }
    return [
      Invariant(
        kind: "WebhookConfiguration", path: "webhooks[].clientConfig",
        message: "exactly one of url and service must be given",
        accepted: webhooks([[:], ["clientConfig": url]]),
        refused: webhooks([
          ["clientConfig": ["service": nil]], ["clientConfig": ["url": "https://studio.example"]],
        ])),
      Invariant(
        kind: "WebhookConfiguration", path: "webhooks[]",
        message: "the name is that of a condition that Umpire writes itself",
        accepted: webhooks([[:], ["name": "Ready", "type": "ScalingWebhook"], ["name": "ready"]]),
        refused: webhooks([
          ["name": "Ready"], ["name": "Deletable", "type": "DeletableWebhook"],
          ["name": "ShutdownRequested", "type": "ConstraintWebhook"],
        ])),
      Invariant(
        kind: "WebhookConfiguration", path: "webhooks[]",
        message: "a client certificate needs a url with https, or a service with a caBundle",
        accepted: webhooks([[:], certified(url), certified(["caBundle": .string(CertificateSamples.bundle)])]),
        refused: webhooks([certificate, certified(plain)])),
      Invariant(
        kind: "GameType", path: "spec.updateStrategy.rollingUpdate",
        message: "maxSurge and maxUnavailable cannot both be zero",
        accepted: [steps(1, 0), steps(0, "1%"), steps("25%", "0%")],
        refused: [steps(0, 0), steps("0%", 0), steps("000%", "0%")]),
    ]
  }
}
