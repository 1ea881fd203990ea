import KubernetesModel
import TestSupport
import Testing
import UmpireModel

@Suite struct ScalingRulesTests {
  private func lines(_ spec: JSONValue) throws -> [String] {
    try RuleSubject.lines("GameAutoscaler", ["spec": spec])
  }

  @Test(
    arguments: [
      (["gameName": ""], "error spec.gameName: Required value"),
      (["minReplicas": -1], "error spec.minReplicas: Invalid value: -1: must be from 0 to 2147483647"),
      (
        ["maxReplicas": 2_147_483_648],
        "error spec.maxReplicas: Invalid value: 2147483648: must be from 0 to 2147483647"
      ),
      (
        ["fallbackReplicas": -1], "error spec.fallbackReplicas: Invalid value: -1: must be from 0 to 2147483647"
      ),
      (["failureThreshold": 0], "error spec.failureThreshold: Invalid value: 0: must be from 1 to 1000"),
      (
        ["sync": ["interval": "500ms"]],
        "error spec.sync.interval: Invalid value: \"500ms\": interval must be at least 1s"
      ),
      (
        ["behavior": ["scaleDown": ["stabilizationWindow": "-5m"]]],
        "error spec.behavior.scaleDown.stabilizationWindow: Invalid value: \"-5m0s\": must not be negative"
      ),
      (
        ["behavior": ["scaleUp": ["maxStep": 0]]],
        "error spec.behavior.scaleUp.maxStep: Invalid value: 0: must be from 1 to 2147483647"
      ),
      (
        ["behavior": ["scaleUp": ["maxStep": "10000%"]]],
        "error spec.behavior.scaleUp.maxStep: Invalid value: \"10000%\": must be at most 9999%"
      ),
      (
        ["policy": ["webhook": ["timeoutSeconds": 31]]],
        "error spec.policy.webhook.timeoutSeconds: Invalid value: 31: must be from 1 to 30"
      ),
      (
        ["policy": ["webhook": ["url": "studio.example"]]],
        "error spec.policy.webhook.url: Invalid value: \"studio.example\": must begin with http:// or https://"
      ),
      (
        ["policy": ["webhook": ["path": "a#b"]]],
        "error spec.policy.webhook.path: Invalid value: \"a\": must have only visible ASCII characters, and no #"
      ),
      (
        ["policy": ["webhook": ["parameters": ["k": .string(String(repeating: "v", count: 4097))]]]],
        "error spec.policy.webhook.parameters[k]: Too long: may not be more than 4096 bytes"
      ),
      (
        ["policy": ["webhook": ["url": nil, "configurationRef": ["name": ""]]]],
        "error spec.policy.webhook.configurationRef.name: Required value"
      ),
      (
        ["policy": ["webhook": ["url": nil, "service": ["name": "s", "namespace": ""]]]],
        "error spec.policy.webhook.service.namespace: Required value"
      ),
    ] as [(JSONValue, String)])
  func whatIsWrongWithAnAutoscaler(spec: JSONValue, line: String) throws {
    #expect(try self.lines(spec) == [line])
  }

  @Test func theBoundsThemselvesAreAllowed() throws {
    #expect(
      try self.lines([
        "minReplicas": 0, "maxReplicas": 2_147_483_647, "fallbackReplicas": 2_147_483_647, "failureThreshold": 1000,
        "sync": ["interval": "1s"],
        "behavior": ["scaleUp": ["maxStep": 1], "scaleDown": ["maxStep": "9999%", "stabilizationWindow": "8760h"]],
        "policy": ["webhook": ["dialect": "ScaleReview", "path": "scale"]],
      ]).isEmpty)
  }

  // MARK: Autoscalers beside each other

  private func autoscaler(_ name: String, game: String = "arena", namespace: String = "games") throws -> GameAutoscaler
  {
    let changes: JSONValue = [
      "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": ["gameName": .string(game)],
    ]
    return try RuleSubject.object("GameAutoscaler", changes).decoded(as: GameAutoscaler.self)
  }

  @Test func aGameTypeHasOneAutoscaler() throws {
    let second = try self.autoscaler("second")
    let first = try self.autoscaler("first")
    #expect(
      second.problems(beside: [first]).map(\.line) == [
        "error spec.gameName: Duplicate value: \"arena\": GameAutoscaler \"first\" scales this GameType already"
      ])
    var leaving = first
    leaving.metadata.deletionTimestamp = Timestamp(microsecondsSinceEpoch: 0)
    let others = [
      second, leaving, try self.autoscaler("first", game: "duel"), try self.autoscaler("first", namespace: "elsewhere"),
    ]
    #expect(second.problems(beside: others).isEmpty)
    // One that was there before the rule can still be changed, but not moved to where another is.
    var edited = second
    edited.spec.maxReplicas = 7
    #expect(edited.problems(replacing: second, beside: [first]).isEmpty)
    #expect(second.problems(replacing: try self.autoscaler("second", game: "duel"), beside: [first]).count == 1)
  }

  @Test func aReferenceIsComparedWithTheConfiguration() throws {
    func lines(_ webhook: String?, _ webhooks: [(String, WebhookType)]) throws -> [String] {
      var autoscaler = try self.autoscaler("a")
      autoscaler.spec.policy.webhook = ScalingEndpoint()
      autoscaler.spec.policy.webhook.configurationRef = .init(name: "studio", webhook: webhook)
      let configuration = WebhookConfiguration(
        metadata: ObjectMeta(name: "studio"),
        webhooks: webhooks.map { Webhook(name: $0.0, type: $0.1, clientConfig: WebhookClientConfig(url: "https://a")) })
      return autoscaler.problems(asking: configuration).map(\.line)
    }
    #expect(try lines("scale", [("scale", .scaling), ("other", .scaling)]).isEmpty)
    #expect(try lines(nil, [("scale", .scaling), ("ready", .readiness)]).isEmpty)
    let path = "warning spec.policy.webhook.configurationRef"
    #expect(
      try lines(nil, [("scale", .scaling), ("other", .scaling)]) == [
        "\(path).name: Invalid value: \"studio\": WebhookConfiguration \"studio\" has 2 ScalingWebhooks; name one with "
          + "webhook"
      ])
    #expect(
      try lines("scale", []) == [
        "\(path).webhook: Invalid value: \"scale\": WebhookConfiguration \"studio\" has no webhook of this name"
      ])
    #expect(
      try lines("scale", [("scale", .readiness)]) == [
        "\(path).webhook: Invalid value: \"scale\": the webhook of this name is a ReadinessWebhook, not a ScalingWebhook"
      ])
  }

  // MARK: Fleets and GameTypes

  @Test(
    arguments: [
      (
        "Fleet", ["scaling": ["replicas": -1]],
        "error spec.scaling.replicas: Invalid value: -1: must be from 0 to 2147483647"
      ),
      (
        "GameType", ["fleetSpec": ["scaling": ["replicas": 2_147_483_648]]],
        "error spec.fleetSpec.scaling.replicas: Invalid value: 2147483648: must be from 0 to 2147483647"
      ),
      (
        "GameType", ["progressDeadlineSeconds": 0],
        "error spec.progressDeadlineSeconds: Invalid value: 0: must be from 1 to 2147483647"
      ),
      (
        "GameType", ["updateStrategy": ["rollingUpdate": ["maxSurge": -1]]],
        "error spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: -1: must be from 0 to 2147483647"
      ),
      (
        "GameType", ["updateStrategy": ["rollingUpdate": ["maxSurge": 9_223_372_036_854_775_807]]],
        "error spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 9223372036854775807: must be from 0 to 2147483647"
      ),
      (
        "GameType", ["updateStrategy": ["rollingUpdate": ["maxUnavailable": "10000%"]]],
        "error spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"10000%\": must be at most 9999%"
      ),
    ] as [(String, JSONValue, String)])
  func whatIsWrongWithAFleetOrAGameType(kind: String, spec: JSONValue, line: String) throws {
    #expect(try RuleSubject.lines(kind, ["spec": spec]) == [line])
  }
}
