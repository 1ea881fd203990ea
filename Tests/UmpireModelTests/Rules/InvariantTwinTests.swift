import KubernetesModel
import Testing
import UmpireModel

/// Every rule that a definition states in CEL has a twin in Swift that decides the same cases.
@Suite struct InvariantTwinTests {
  /// One rule of a schema, and cases on both sides of it.
  struct Invariant: Sendable {
    var kind: String
    /// Where in the schema, such as `spec.sync`.
    var path: String
    var message: String
    var accepted: [JSONValue]
    var refused: [JSONValue]
    /// What is replaced, for rules of changes.
    var old: JSONValue?

    var key: String { "\(self.kind) \(self.path): \(self.message)" }
  }

  private static func invariants() throws -> [Invariant] {
    try self.ofServers() + self.ofTemplates() + self.ofAutoscalers() + self.ofConfigurations()
  }

  private static let year = "must be at most 8760h"
  private static let shared = "a container and an init container share a name"
  private static let sidecar = "a container has the name of the sidecar's"

  /// What holds for a Server's spec holds wherever one stands.
  private static func ofTemplates() throws -> [Invariant] {
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
    return try places.flatMap { kind, path, wrap in
      func objects(_ changes: [JSONValue]) throws -> [JSONValue] {
        try changes.map { try RuleSubject.object(kind, wrap($0)) }
      }
      return [
        Invariant(
          kind: kind, path: "\(path).timeout", message: Self.year, accepted: try objects(timeouts.0),
          refused: try objects(timeouts.1)),
        Invariant(
          kind: kind, path: "\(path).nodeLossTimeout", message: Self.year,
          accepted: try objects([["nodeLossTimeout": "8760h"], ["nodeLossTimeout": "0s"]]),
          refused: try objects([["nodeLossTimeout": "8760h0m1s"]])),
        Invariant(
          kind: kind, path: "\(path).pod", message: Self.shared, accepted: try objects([[:], pod("other")]),
          refused: try objects([pod("game")])),
        Invariant(
          kind: kind, path: path, message: Self.sidecar, accepted: try objects([[:], disabled]),
          refused: try objects([helper, pod("umpire-sidecar")])),
      ]
    }
  }

  private static func ofServers() throws -> [Invariant] {
    let containers: JSONValue = [["name": "game", "image": "game:1"], ["name": "logs", "image": "logs:1"]]
    let turned: JSONValue = [["name": "logs", "image": "logs:1"], ["name": "game", "image": "game:1"]]
    let old = try RuleSubject.object(
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

  private static func ofAutoscalers() throws -> [Invariant] {
    func specs(_ changes: [JSONValue]) throws -> [JSONValue] {
      try changes.map { try RuleSubject.object("GameAutoscaler", ["spec": $0]) }
    }
    func endpoints(_ changes: [JSONValue]) throws -> [JSONValue] {
      try specs(changes.map { ["policy": ["webhook": $0]] })
    }
    let reference: JSONValue = ["url": nil, "configurationRef": ["name": "arena"]]
    let service: JSONValue = ["url": nil, "service": ["name": "studio"]]
    func invariant(_ path: String, _ message: String, _ good: [JSONValue], _ bad: [JSONValue]) -> Invariant {
      Invariant(kind: "GameAutoscaler", path: path, message: message, accepted: good, refused: bad)
    }
    let windows = try ["scaleUp", "scaleDown"].map { direction in
      func window(_ text: JSONValue) -> JSONValue { ["behavior": .object([direction: ["stabilizationWindow": text]])] }
      return invariant(
        "spec.behavior.\(direction).stabilizationWindow", self.year, try specs([window("0s"), window("8760h")]),
        try specs([window("8760h1s")]))
    }
    let second: JSONValue = ["sync": ["interval": "1s"]]
    return windows + [
      invariant(
        "spec.policy.webhook", "exactly one of url, service and configurationRef must be given",
        try endpoints([[:], service, reference, ["path": "/x"]]),
        try endpoints([
          ["url": nil], ["service": ["name": "studio"]], ["configurationRef": ["name": "arena"]],
          ["service": ["name": "studio"], "configurationRef": ["name": "arena"]],
        ])),
      invariant(
        "spec.policy.webhook", "path and caBundle belong to a url or a service, not to configurationRef",
        try endpoints([reference, ["path": "/x"]]),
        try endpoints([
          reference.applying(mergePatch: ["path": "/x"]),
          reference.applying(mergePatch: ["caBundle": .string(CertificateSamples.bundle)]),
        ])),
      invariant(
        "spec.sync.interval", self.year, try specs([["sync": ["interval": "8760h"]], second]),
        try specs([["sync": ["interval": "8760h0m0.5s"]]])),
      invariant(
        "spec.sync", "interval must be at least 1s", try specs([second, [:], ["sync": ["interval": "1000ms"]]]),
        try specs([["sync": ["interval": "999ms"]], ["sync": ["interval": "0"]]])),
      invariant(
        "spec", "minReplicas must not be greater than maxReplicas",
        try specs([["minReplicas": 5, "maxReplicas": 5], ["minReplicas": 1000], [:]]),
        try specs([["minReplicas": 6, "maxReplicas": 5], ["minReplicas": 1001]])),
      invariant(
        "spec", "failurePolicy Fallback needs fallbackReplicas",
        try specs([
          ["failurePolicy": "Fallback", "fallbackReplicas": 0], ["failurePolicy": "Minimum"],
          ["failurePolicy": "Fallback", "policy": ["webhook": ["failurePolicy": "Hold"]]],
        ]),
        try specs([["failurePolicy": "Fallback"], ["policy": ["webhook": ["failurePolicy": "Fallback"]]]])),
    ]
  }

  private static func ofConfigurations() throws -> [Invariant] {
    func webhooks(_ changes: [JSONValue]) throws -> [JSONValue] { try changes.map(RuleSubject.configuration) }
    let url: JSONValue = ["url": "https://studio.example", "service": nil]
    let certificate: JSONValue = ["clientCertificateRef": ["name": "own"]]
    func certified(_ client: JSONValue) -> JSONValue {
      ["clientCertificateRef": ["name": "own"], "clientConfig": client]
    }
    let plain: JSONValue = ["url": "http://studio.example", "service": nil]
    func steps(_ surge: JSONValue, _ unavailable: JSONValue) throws -> JSONValue {
      let changes: JSONValue = [
        "updateStrategy": ["rollingUpdate": ["maxSurge": surge, "maxUnavailable": unavailable]]
      ]
      return try RuleSubject.object("GameType", ["spec": changes])
    }
    return [
      Invariant(
        kind: "WebhookConfiguration", path: "webhooks[].clientConfig",
        message: "exactly one of url and service must be given",
        accepted: try webhooks([[:], ["clientConfig": url]]),
        refused: try webhooks([
          ["clientConfig": ["service": nil]], ["clientConfig": ["url": "https://studio.example"]],
        ])),
      Invariant(
        kind: "WebhookConfiguration", path: "webhooks[]",
        message: "the name is that of a condition that Umpire writes itself",
        accepted: try webhooks([[:], ["name": "Ready", "type": "ScalingWebhook"], ["name": "ready"]]),
        refused: try webhooks([
          ["name": "Ready"], ["name": "Deletable", "type": "DeletableWebhook"],
          ["name": "ShutdownRequested", "type": "ConstraintWebhook"],
        ])),
      Invariant(
        kind: "WebhookConfiguration", path: "webhooks[]",
        message: "a client certificate needs a url with https, or a service with a caBundle",
        accepted: try webhooks([[:], certified(url), certified(["caBundle": .string(CertificateSamples.bundle)])]),
        refused: try webhooks([certificate, certified(plain)])),
      Invariant(
        kind: "GameType", path: "spec.updateStrategy.rollingUpdate",
        message: "maxSurge and maxUnavailable cannot both be zero",
        accepted: [try steps(1, 0), try steps(0, "1%"), try steps("25%", "0%")],
        refused: [try steps(0, 0), try steps("0%", 0), try steps("000%", "0%")]),
    ]
  }

  // MARK: The tests

  @Test func everyRuleOfTheDefinitionsIsHere() throws {
    var stated: Set<String> = []
    for (_, definition) in try ManifestFiles.documents(in: "crds") {
      let kind = try #require(definition.at("spec", "names", "kind")?.stringValue)
      stated.formUnion(Self.rules(in: try ManifestFiles.schema(of: kind)).map { "\(kind) \($0)" })
    }
    #expect(stated == Set(try Self.invariants().map(\.key)))
    #expect(stated.count == 27)
  }

  @Test func theTwinsDecideTheSame() throws {
    for invariant in try Self.invariants() {
      #expect(!invariant.accepted.isEmpty && !invariant.refused.isEmpty)
      for object in invariant.accepted {
        let errors = try RuleSubject.problems(invariant.kind, object, replacing: invariant.old).errors
        #expect(errors.isEmpty, "\(invariant.key): \(object)")
      }
      for object in invariant.refused {
        let errors = try RuleSubject.problems(invariant.kind, object, replacing: invariant.old).errors
        #expect(errors.contains { $0.message.hasSuffix(invariant.message) }, "\(invariant.key): \(object): \(errors)")
      }
    }
  }

  /// `path: message` of every rule in a schema.
  private static func rules(in schema: JSONValue, path: String = "") -> [String] {
    var found = (schema["x-kubernetes-validations"]?.arrayValue ?? []).map {
      "\(path): \($0["message"]?.stringValue ?? "")"
    }
    for (name, property) in schema["properties"]?.objectValue ?? [:] {
      found += Self.rules(in: property, path: path.isEmpty ? name : "\(path).\(name)")
    }
    if let items = schema["items"] { found += Self.rules(in: items, path: "\(path)[]") }
    return found
  }
}
